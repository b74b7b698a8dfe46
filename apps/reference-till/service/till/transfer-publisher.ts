/**
 * Headquarters tells the tills what is on its way to them: their shop does not hold the sender's ledger.
 *
 * What the ledgers say was shipped is compared with what was published; only what is more is published, so a restart, a
 * second headquarters or the same shipment seen twice add nothing.
 *
 * @module
 */

import type { LocationId, Sku } from "@tillmesh/kernel";
import type { Logger } from "../logger.ts";
import { toldItem, transfersTopic, type ToldTransfer } from "../projection/told-transfers.ts";
import { commitRefusal } from "./commit-refusal.ts";
import type { Till, TillEvent } from "./till.ts";

export interface TransferPublisher {
  /** Something may have been shipped. */
  see(event: TillEvent): void;
  close(): void;
}

export function startTransferPublisher(till: Till, logger: Logger): TransferPublisher {
  if (!till.replica.device.roles.includes("hq"))
    return { see: () => undefined, close: () => undefined };
  let timer: NodeJS.Timeout | undefined;
  const lookLater = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void look();
    }, ms);
  };
  const look = async () => {
    // While ledgers are still read, sums are of the past.
    if (!till.isAllRead) return lookLater(readingMs);
    const items = shippedUntold(till);
    if (items.length === 0) return;
    const published = await till.replica.publish(transfersTopic, items.map(toldItem));
    if (published.ok) lookLater(0);
    else logger.warn("transfers-not-told", { code: commitRefusal(published.error).type });
  };
  lookLater(0);
  return {
    see: (event) => {
      if (event.type === "applied" && event.applied.some(({ held }) => ships(held)))
        lookLater(gatherMs);
    },
    close: () => clearTimeout(timer),
  };
}

const readingMs = 100;
/** Several lines of one shipment, and several shipments at once, are one publication. */
const gatherMs = 50;
const itemsMax = 500;

type Held = Extract<TillEvent, { readonly type: "applied" }>["applied"][number]["held"];

function ships({ entry }: Held): boolean {
  return (entry.movements ?? []).some(({ kind }) => kind === "transfer-out");
}

/** The oldest first, as many as a publication holds. */
function shippedUntold({ projection, told }: Till): readonly ToldTransfer[] {
  projection.sync();
  const rows = projection.sql(shippedSql).all();
  const found: ToldTransfer[] = [];
  for (const row of rows) {
    const shipped = shippedIn(row);
    const known = told
      .of(shipped.transfer)
      .find(({ sku, destination }) => sku === shipped.sku && destination === shipped.destination);
    if ((known?.shippedMilli ?? 0) < shipped.shippedMilli) found.push(shipped);
    if (found.length === itemsMax) break;
  }
  return found;
}

const shippedSql = `SELECT transfer, sku, destination, source, shipped_milli, shipped_at FROM transfers
  WHERE shipped_milli > 0 AND shipped_at IS NOT NULL AND source <> destination ORDER BY shipped_at`;

function shippedIn(row: Readonly<Record<string, unknown>>): ToldTransfer {
  return {
    transfer: String(row["transfer"]),
    sku: String(row["sku"]) as Sku,
    destination: String(row["destination"]) as LocationId,
    source: String(row["source"]),
    shippedMilli: Number(row["shipped_milli"]),
    shippedAt: String(row["shipped_at"]),
  };
}

/**
 * What a fiscal law may want noted of a till beside its receipts: the drawer opened without a sale, cash moved, the float.
 *
 * It is sealed into an entry of its own, right before the entry that it is about and in the same turn. A crash between the two leaves
 * an event more than happened, never one less; a repeated request then seals another.
 *
 * @module
 */

import type { EntryDraft } from "@tillmesh/kernel";
import type { TillEvent } from "@tillmesh/fiscal-queue";
import type { CashBody, DrawerOpenedBody, ShiftOpenedBody } from "@tillmesh/sales-ledger";
import type { Till } from "../till/till.ts";
import { idOf } from "./receipt-of.ts";
import { regimeNamed } from "./regimes.ts";

/** Does the regime of this till, as it is or will be, want anything noted? Most do not. */
export function wantsNotes({ fiscal, replica }: Till): boolean {
  const { regime = "" } =
    fiscal.open?.stream.config ??
    fiscal.activation ??
    fiscal.locations.of(replica.location.id) ??
    {};
  return regimeNamed(regime)?.noted !== undefined;
}

/** Beside receipts, shifts and Zs, before which the regime is asked anyway. */
export const notedKinds: ReadonlySet<string> = new Set([
  "drawer-opened",
  "cash",
  "x-report",
  "receipt-copied",
]);

export type NotedDraft = Pick<EntryDraft, "kind" | "body" | "by">;

/** Undefined of an entry that is nothing of the kind. */
export function tillEventOf({ kind, body, by }: NotedDraft): TillEvent | undefined {
  const cashier = idOf(by);
  if (kind === "drawer-opened") {
    const { reason } = body as unknown as DrawerOpenedBody;
    return { type: "drawer-opened", cashier, ...(reason === "" ? {} : { reason }) };
  }
  if (kind === "cash") {
    const { kind: way, amountMinor } = body as unknown as CashBody;
    return { type: "cash-moved", cashier, amountMinor: way === "in" ? amountMinor : -amountMinor };
  }
  if (kind !== "shift-opened") return undefined;
  const { floatMinor: amountMinor } = body as unknown as ShiftOpenedBody;
  return { type: "float-set", cashier, amountMinor };
}

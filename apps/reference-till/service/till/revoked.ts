/**
 * After a revocation or an admission: are flags of what was read others now?
 *
 * Mostly not: headquarters cuts a device off after what it holds, and that is all there is. Then nothing has to be read
 * again, and the till goes on without a pause.
 *
 * @module
 */

import { ledgerKey } from "../projection/marks.ts";
import type { Projection } from "../projection/projection.ts";
import type { Replica } from "./replica.ts";

/** A page at a time, so that sales go on meanwhile. */
export async function isReflagged(
  replica: Replica,
  projection: Pick<Projection<unknown>, "sql" | "marks">,
  device: string,
): Promise<boolean> {
  for (const ledger of replica.ledgers()) {
    if (ledger.device !== device) continue;
    const { incarnation } = ledger;
    const mark = projection.marks.get(ledgerKey(ledger.device, incarnation));
    // What a carry stood for counts no longer, so that carry was given up.
    if ((mark?.sequence ?? 0) > ledger.sequence) return true;
    for (let after = ledger.heldFrom - 1; after < ledger.sequence;) {
      const place = { device: ledger.device, incarnation };
      const page = replica.entries({ ...place, after, limit: pageMax });
      const last = page.at(-1)?.entry.sequence;
      if (last === undefined) break;
      const rows = projection
        .sql(
          `SELECT hash, flags FROM entries
           WHERE device = ? AND incarnation = ? AND sequence > ? AND sequence <= ?`,
        )
        .all(device, incarnation, after, last);
      const flags = new Map(rows.map((row) => [String(row["hash"]), String(row["flags"])]));
      const isOther = page.some((held) => {
        const known = flags.get(held.hash);
        return known !== undefined && known !== held.flags.join(",");
      });
      if (isOther) return true;
      after = last;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return false;
}

const pageMax = 1000;

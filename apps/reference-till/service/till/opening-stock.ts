/**
 * What lay on the shelves before the till did, recorded once for each SKU.
 *
 * @module
 */

import { err, ok, type Movement, type Result, type Sku } from "@tillmesh/kernel";
import { stockDraft } from "@tillmesh/sales-ledger";
import type { Refusal } from "../http/problem.ts";
import { openingStockReference } from "../projection/apply.ts";
import { commitRefusal } from "./commit-refusal.ts";
import type { CatalogueRow } from "./import-file.ts";
import type { Call } from "./record.ts";
import { todayOf, type Till } from "./till.ts";

/** How many SKUs got one. */
export async function recordOpeningStock(
  till: Till,
  call: Call,
  rows: readonly CatalogueRow[],
): Promise<Result<number, Refusal>> {
  till.projection.sync();
  const location = till.replica.location.id;
  const had = till.projection.sql("SELECT 1 FROM opening_stock WHERE location = ? AND sku = ?");
  const movements = rows.flatMap(({ sku, openingStockMilli }): readonly Movement[] => {
    if (!openingStockMilli || had.get(location, sku) !== undefined) return [];
    return [{ kind: "receipt", location, sku: sku as Sku, quantityMilli: openingStockMilli }];
  });
  for (let from = 0; from < movements.length; from += movementsMax) {
    const done = await recordChunk(till, call, movements.slice(from, from + movementsMax));
    if (!done.ok) return done;
  }
  return ok(movements.length);
}

const movementsMax = 200;

/** Within one turn, so that two imports at once cannot both find a SKU without its stock. */
async function recordChunk(
  till: Till,
  { actor, request }: Call,
  wanted: readonly Movement[],
): Promise<Result<null, Refusal>> {
  till.projection.sync();
  const had = till.projection.sql("SELECT 1 FROM opening_stock WHERE location = ? AND sku = ?");
  const movements = wanted.filter(({ location, sku }) => had.get(location, sku) === undefined);
  const [first] = movements;
  if (first === undefined) return ok(null);
  const context = {
    location: till.replica.location.id,
    businessDate: todayOf(till),
    by: actor.by,
    // A chunk is named by its first SKU, which gets an opening stock only once.
    key: `opening-stock/${first.sku}`,
    bodyHash: request.bodyHash,
  };
  const body = { reason: "opening stock", reference: openingStockReference };
  const committed = await till.replica.commit(stockDraft(context, body, movements));
  return committed.ok ? ok(null) : err(commitRefusal(committed.error));
}

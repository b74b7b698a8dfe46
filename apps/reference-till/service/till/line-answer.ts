/**
 * Lines, discounts and totals, of a basket that is quoted as of a receipt that is recorded.
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";
import { serviceLineId, type GoodsLine } from "@tillmesh/sales-ledger";

/** Every line says what was taken off it, also nothing. */
export function withDiscounts(line: { readonly discounts?: readonly object[] }): JsonObject {
  return { ...line, discounts: line.discounts ?? [] } as unknown as JsonObject;
}

/** `list` and `discount` in the basis of the price lists, `list` without a service charge. */
export interface WrittenTotals {
  readonly listMinor: number;
  readonly discountMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly totalMinor: number;
}

/** From the lines alone, so that a receipt says the same wherever it is read. */
export function totalsOf(
  lines: readonly GoodsLine[],
  totalMinor: number,
): WrittenTotals & JsonObject {
  const goods = lines.filter(({ lineId }) => lineId !== serviceLineId);
  const taxMinor = sumOf(lines, (line) => line.taxMinor);
  return {
    listMinor: sumOf(goods, (line) => line.listAmountMinor ?? line.amountMinor),
    discountMinor: sumOf(lines, ({ discounts = [] }) => sumOf(discounts, amountOf)),
    netMinor: totalMinor - taxMinor,
    taxMinor,
    totalMinor,
  };
}

/** What each promotion took off all lines, by id. */
export function promotionsIn(lines: readonly GoodsLine[]): readonly Json[] {
  const applied = lines
    .flatMap(({ discounts = [] }) => discounts)
    .filter(({ kind }) => kind === "promotion");
  const byId = Map.groupBy(applied, ({ id }) => id);
  return [...byId].toSorted(byKey).flatMap(([id, parts]) => {
    const [first] = parts;
    if (first === undefined) return [];
    const { name, publication } = first;
    return [{ id, name, amountMinor: sumOf(parts, amountOf), publication }];
  });
}

function amountOf({ amountMinor }: { readonly amountMinor: number }): number {
  return amountMinor;
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

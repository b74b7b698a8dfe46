/**
 * What was given back of one line so far, component by component. SPEC.md §21 (GB).
 *
 * @module
 */

import type { LineMoney } from "./refund-share.ts";
import type { GivenBackSale, RepricedPart, SoldLine, SoldTax } from "./sold-sale.ts";

/** Discounts and taxes by their place in the line. A line that was priced again may make it negative. */
export interface Tally extends LineMoney {
  readonly listAmountMinor: number;
  readonly discounts: readonly number[];
  readonly taxes: readonly { readonly baseMinor: number; readonly taxMinor: number }[];
}

export function tallyOf(line: SoldLine, before: readonly GivenBackSale[]): Tally {
  const own = (each: { readonly lineId: string }) => each.lineId === line.lineId;
  const lines = before.flatMap((each) => each.lines.filter(own));
  const repriced = before.flatMap((each) => (each.repriced ?? []).filter(own));
  const all: readonly (SoldLine | RepricedPart)[] = [...lines, ...repriced];
  const taxesAt = (index: number, member: "baseMinor" | "taxMinor") =>
    sumOf(all, ({ taxes = [] }) => taxes[index]?.[member] ?? 0);
  return {
    quantityMilli: sumOf(lines, (each) => each.quantityMilli),
    amountMinor: sumOf(all, (each) => each.amountMinor),
    taxMinor: sumOf(all, (each) => each.taxMinor),
    listAmountMinor: sumOf(lines, listAmountOf),
    discounts: (line.discounts ?? []).map((_, index) =>
      sumOf(lines, ({ discounts = [] }) => discounts[index]?.amountMinor ?? 0),
    ),
    taxes: (line.taxes ?? []).map((_: SoldTax, index) => ({
      baseMinor: taxesAt(index, "baseMinor"),
      taxMinor: taxesAt(index, "taxMinor"),
    })),
  };
}

export function listAmountOf({ listAmountMinor, amountMinor }: SoldLine): number {
  return listAmountMinor ?? amountMinor;
}

export function sumOf<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}

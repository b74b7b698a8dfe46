/**
 * What is left of a sold line after parts of it were given back, in every component. SPEC.md §7 (RF).
 *
 * Parts given back apart may exceed the sale in one component and not in another. What is left
 * adds up all the same, so that it can always be given back.
 *
 * @module
 */

import type { GoodsLine, LineDiscount, LineTax, RepricedLine, SaleBody } from "./bodies.ts";
import type { Share } from "./sale-state.ts";

/** `rest` is what is left of the line: quantity, amount and tax. */
export function restOfLine(line: GoodsLine, rest: Share, back: GivenBackOfLine): GoodsLine {
  const { lineId, sku, name, taxCode, rateBp, linkedTo } = line;
  const amountMinor = Math.max(0, rest.amountMinor);
  const taxMinor = Math.min(amountMinor, Math.max(0, rest.taxMinor));
  const { quantityMilli } = rest;
  const plain = { lineId, sku, name, quantityMilli, amountMinor, taxCode, rateBp, taxMinor };
  return {
    ...plain,
    ...listOf(line, plain, back),
    ...(line.taxes === undefined ? {} : { taxes: taxesOf(line.taxes, taxMinor, back) }),
    ...(linkedTo === undefined ? {} : { linkedTo }),
  };
}

export interface GivenBackOfLine {
  readonly before: readonly GoodsLine[];
  readonly repriced: readonly RepricedLine[];
  readonly basis: SaleBody["basis"];
}

function listOf(
  line: GoodsLine,
  { amountMinor, taxMinor }: Pick<GoodsLine, "amountMinor" | "taxMinor">,
  { before, basis }: GivenBackOfLine,
): Pick<GoodsLine, "listAmountMinor" | "discounts"> {
  if (line.listAmountMinor === undefined && line.discounts === undefined) return {};
  const leftMinor = basis === "exclusive" ? amountMinor - taxMinor : amountMinor;
  const backMinor = sumOf(before, listAmountOf);
  const listAmountMinor = Math.max(leftMinor, listAmountOf(line) - backMinor);
  const discounts = (line.discounts ?? []).map((discount, index): LineDiscount => {
    const taken = sumOf(before, (each) => each.discounts?.[index]?.amountMinor ?? 0);
    return { ...discount, amountMinor: Math.max(0, discount.amountMinor - taken) };
  });
  if (isRelieved(line, basis)) {
    const discountMinor = sumOf(discounts, (each) => each.amountMinor);
    return { listAmountMinor: Math.max(listAmountMinor, leftMinor + discountMinor), discounts };
  }
  if (discounts.length === 0) return { listAmountMinor: leftMinor };
  const fitted = fit(
    discounts.map((each) => each.amountMinor),
    listAmountMinor - leftMinor,
  );
  return {
    listAmountMinor,
    discounts: discounts.map((each, index) => ({ ...each, amountMinor: fitted[index] ?? 0 })),
  };
}

/** The price without the tax that its buyer is exempt from: no discount explains the difference. */
function isRelieved(line: GoodsLine, basis: SaleBody["basis"]): boolean {
  const leftMinor = basis === "exclusive" ? line.amountMinor - line.taxMinor : line.amountMinor;
  const discountMinor = sumOf(line.discounts ?? [], (each) => each.amountMinor);
  return listAmountOf(line) - discountMinor !== leftMinor;
}

function listAmountOf({ listAmountMinor, amountMinor }: GoodsLine): number {
  return listAmountMinor ?? amountMinor;
}

function taxesOf(
  taxes: readonly LineTax[],
  taxMinor: number,
  { before, repriced }: GivenBackOfLine,
): readonly LineTax[] {
  const back = [...before, ...repriced].map((each) => each.taxes ?? []);
  const rest = taxes.map((tax, index) =>
    Math.max(0, tax.taxMinor - sumOf(back, (each) => each[index]?.taxMinor ?? 0)),
  );
  const fitted = fit(rest, taxMinor);
  return taxes.map((tax, index) => {
    const takenMinor = sumOf(back, (each) => each[index]?.baseMinor ?? 0);
    return { ...tax, baseMinor: tax.baseMinor - takenMinor, taxMinor: fitted[index] ?? 0 };
  });
}

/** Parts that add up to `total`: what is missing goes to the first, what is too much comes off from the first on. */
function fit(parts: readonly number[], total: number): readonly number[] {
  let excess = sumOf(parts, (part) => part) - total;
  return parts.map((part, index) => {
    const off = index === 0 && excess < 0 ? excess : Math.min(part, Math.max(0, excess));
    excess -= off;
    return part - off;
  });
}

function sumOf<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}

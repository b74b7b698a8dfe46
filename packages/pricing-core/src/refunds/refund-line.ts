/**
 * A part of a sold line in every component: amount, discounts, taxes, list amount. SPEC.md §21 (GB).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import { increment, refundShare, type LineMoney, type RefundError } from "./refund-share.ts";
import type { GivenBackSale, SoldDiscount, SoldLine, SoldSale, SoldTax } from "./sold-sale.ts";
import { spread } from "./spread.ts";
import { listAmountOf, sumOf, tallyOf, type Tally } from "./tally.ts";

/**
 * `quantityMilli` of a line of a sale, after what was given back of it `before`: amount and tax as
 * `refundShare` says, and all the rest so that it adds up to them.
 */
export function refundLine(
  { line, before, basis }: LineToRefund,
  quantityMilli: number,
): Result<SoldLine, RefundError> {
  const tally = tallyOf(line, before);
  const share = refundShare(line, tally, quantityMilli);
  if (!share.ok) return share;
  const reached = { reached: tally.quantityMilli + quantityMilli, of: line.quantityMilli };
  return ok(partOfLine({ line, tally, basis, reached }, share.value));
}

export interface LineToRefund {
  readonly line: SoldLine;
  readonly before: readonly GivenBackSale[];
  readonly basis: SoldSale["basis"];
}

/** How far a refund gets, and what was given back before. */
export interface Reaching {
  readonly line: SoldLine;
  readonly tally: Tally;
  readonly basis: SoldSale["basis"];
  readonly reached: { readonly reached: number; readonly of: number };
}

/** The line with the money of `share`, and components that add up to it. */
export function partOfLine(reaching: Reaching, share: LineMoney): SoldLine {
  const { line } = reaching;
  const { lineId, sku, name, taxCode, rateBp, linkedTo } = line;
  const { quantityMilli, amountMinor, taxMinor } = share;
  const plain = { lineId, sku, name, quantityMilli, amountMinor, taxCode, rateBp, taxMinor };
  return {
    ...plain,
    ...listOfPart(reaching, share),
    ...(line.taxes === undefined ? {} : { taxes: taxesOfPart(reaching, share) }),
    ...(linkedTo === undefined ? {} : { linkedTo }),
  };
}

function listOfPart(
  { line, tally, basis, reached }: Reaching,
  share: LineMoney,
): Pick<SoldLine, "listAmountMinor" | "discounts"> {
  const { discounts } = line;
  if (line.listAmountMinor === undefined && discounts === undefined) return {};
  const off = (discounts ?? []).map(({ amountMinor }, index) =>
    increment({ whole: amountMinor, before: tally.discounts[index] ?? 0 }, reached),
  );
  const relieved = { whole: relievedMinor(line, basis), before: relievedBefore(tally, basis) };
  const listAmountMinor =
    inBasis(share, basis) + sumOf(off, (each) => each) + increment(relieved, reached);
  return discounts === undefined
    ? { listAmountMinor }
    : { listAmountMinor, discounts: discounts.map((each, index) => discountOf(each, off[index])) };
}

function discountOf(discount: SoldDiscount, amountMinor = 0): SoldDiscount {
  return { ...discount, amountMinor };
}

/** What an exempt buyer did not pay of a price with tax in it. */
function relievedMinor(line: SoldLine, basis: SoldSale["basis"]): number {
  const discountMinor = sumOf(line.discounts ?? [], (each) => each.amountMinor);
  return Math.max(0, listAmountOf(line) - discountMinor - inBasis(line, basis));
}

function relievedBefore(tally: Tally, basis: SoldSale["basis"]): number {
  const discountMinor = sumOf(tally.discounts, (each) => each);
  return Math.max(0, tally.listAmountMinor - discountMinor - inBasis(tally, basis));
}

/** The amount without its tax where list amounts are without tax. */
export function inBasis(
  { amountMinor, taxMinor }: Pick<LineMoney, "amountMinor" | "taxMinor">,
  basis: SoldSale["basis"],
): number {
  return basis === "exclusive" ? amountMinor - taxMinor : amountMinor;
}

function taxesOfPart({ line, tally }: Reaching, share: LineMoney): readonly SoldTax[] {
  const sold = line.taxes ?? [];
  const reachedMinor = tally.taxMinor + share.taxMinor;
  const taxes = spread(
    sold.map(({ taxMinor }) => taxMinor),
    tally.taxes.map(({ taxMinor }) => taxMinor),
    { reachedMinor, nowMinor: share.taxMinor },
  );
  const reached = { reached: tally.amountMinor + share.amountMinor, of: line.amountMinor };
  return sold.map((tax, index) => {
    const whole = baseBelow(line, sold, index);
    const before = tally.taxes[index]?.baseMinor ?? 0;
    const isOnNet = tax.baseMinor === line.amountMinor - line.taxMinor;
    const netMinor = share.amountMinor - share.taxMinor;
    const belowMinor = netMinor + sumOf(taxes.slice(0, index), (each) => each);
    const ofBase = () => increment({ whole: tax.baseMinor, before }, reached);
    const onTaxes = tax.baseMinor === whole ? belowMinor : ofBase();
    return { ...tax, baseMinor: isOnNet ? netMinor : onTaxes, taxMinor: taxes[index] ?? 0 };
  });
}

/** The net of the line and the taxes before this one: the base of a compound tax. */
function baseBelow(line: SoldLine, taxes: readonly SoldTax[], index: number): number {
  const netMinor = line.amountMinor - line.taxMinor;
  return netMinor + sumOf(taxes.slice(0, index), ({ taxMinor }) => taxMinor);
}

/**
 * The best deal of the promotions, taken off the lines. SPEC.md §8 (BA), §12 (DL).
 *
 * @module
 */

import type { Discount } from "../discount.ts";
import { inclusivePerRate } from "../policy.ts";
import { bestDeal, type Deal } from "../promotions/index.ts";
import type { BasketInput } from "./basket-input.ts";
import { lowered, type LeftLine, type ResolvedLine } from "./left-line.ts";
import type { ListedLine } from "./listed-line.ts";

/** `lines` come in canonical order. */
export function takePromotions(lines: readonly ResolvedLine[], input: BasketInput): Promoted {
  const deal = dealOf(lines, input);
  return { lines: lines.map((line, at) => promoted(line, deal.discounts.get(placeOf(at)))), deal };
}

export interface Promoted {
  readonly lines: readonly LeftLine[];
  readonly deal: Deal;
}

const noDeal: Deal = { discounts: new Map(), applied: [], isExact: true, rejectedCoupons: [] };

function dealOf(lines: readonly ResolvedLine[], input: BasketInput): Deal {
  const { promotions, location = "", currency, customerGroups = [] } = input;
  if (promotions === undefined) return noDeal;
  const { published, at, coupons = [], usedByCustomer } = promotions;
  return bestDeal(lines.map(offered), {
    promotions: published,
    at,
    location,
    currency,
    customerGroups,
    coupons,
    mode: (input.policy ?? inclusivePerRate).line.mode,
    ...(usedByCustomer === undefined ? {} : { usedByCustomer }),
  });
}

// What a person priced or gives away takes part in no promotion, nor helps to reach one. The id is the
// place in canonical order, since lines that are alike share by their ids.
function offered({ listed, asked, price }: ResolvedLine, at: number): ListedLine {
  const isDecided = asked?.comp !== undefined || price?.override !== undefined;
  const isDiscountable = listed.isDiscountable && !isDecided;
  return { ...listed, lineId: placeOf(at), isDiscountable };
}

function placeOf(at: number): string {
  return String(at).padStart(4, "0");
}

function promoted(line: ResolvedLine, discounts: readonly Discount[] = []): LeftLine {
  return lowered({ ...line, discounts: [], leftMinor: line.listed.listAmountMinor }, discounts);
}

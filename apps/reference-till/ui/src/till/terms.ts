/**
 * What a person decided about a line or the whole basket, and how `/quotes` and `/sales` take it.
 *
 * @module
 */

import { moneyText, type Money } from "../money.ts";

/** One reason for all that was decided about the line. */
export interface LineTerms {
  /** An open price, or one in place of the list's. */
  readonly price?: Money;
  readonly discount?: ManualDiscount;
  /** Given away. */
  readonly comp?: true;
  readonly reason?: string;
}

/** `percent` is decimal text: `"12.5"`. */
export type ManualDiscount = { readonly percent: string } | { readonly amount: Money };

export interface OrderTerms {
  readonly customerGroup?: string;
  readonly coupons?: readonly string[];
  readonly discount?: ManualDiscount & { readonly reason: string };
  readonly serving?: Serving;
}

export type Serving = "eat-in" | "take-away";

export const noOrderTerms: OrderTerms = {};

const couponsMax = 20;

export function withCoupon(order: OrderTerms, text: string): OrderTerms {
  const { coupons = [] } = order;
  const code = text.trim();
  if (code === "" || coupons.includes(code) || coupons.length >= couponsMax) return order;
  return { ...order, coupons: [...coupons, code] };
}

export function withoutCoupon(order: OrderTerms, code: string): OrderTerms {
  const { coupons = [], ...rest } = order;
  const left = coupons.filter((one) => one !== code);
  return left.length === 0 ? rest : { ...rest, coupons: left };
}

export function withServing(order: OrderTerms, serving: Serving): OrderTerms {
  const { serving: _, ...rest } = order;
  return serving === "eat-in" ? rest : { ...rest, serving };
}

/** "" for none. */
export function withGroup(order: OrderTerms, customerGroup: string): OrderTerms {
  const { customerGroup: _, ...rest } = order;
  return customerGroup === "" ? rest : { ...rest, customerGroup };
}

export function withoutOrderDiscount(order: OrderTerms): OrderTerms {
  const { discount: _, ...rest } = order;
  return rest;
}

export function isPlain(terms: LineTerms | undefined): boolean {
  return terms === undefined || Object.keys(terms).length === 0;
}

/** `"10 %"`, `"£2.00"`. */
export function manualText(discount: ManualDiscount): string {
  return "percent" in discount ? `${discount.percent} %` : moneyText(discount.amount);
}

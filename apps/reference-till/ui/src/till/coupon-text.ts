/**
 * What became of the coupons that were given.
 *
 * @module
 */

import type { Quote } from "../api/shapes.ts";

export interface CouponState {
  readonly code: string;
  readonly tone: "good" | "alone" | "waiting";
  readonly text: string;
}

/** Undefined quote: nobody has said yet. */
export function couponStates(
  coupons: readonly string[],
  quote: Pick<Quote, "rejectedCoupons"> | undefined,
): readonly CouponState[] {
  return coupons.map((code) => {
    if (quote === undefined) return { code, tone: "waiting", text: "…" };
    const rejected = quote.rejectedCoupons?.find((one) => one.code === code);
    if (rejected === undefined) return { code, tone: "good", text: "counts" };
    return { code, tone: "alone", text: reasons[rejected.reason] ?? "is not taken" };
  });
}

const reasons: Readonly<Record<string, string>> = {
  unknown: "is not known",
  expired: "has expired",
  "not-yet": "does not count yet",
  "no-effect": "changes nothing in this basket",
  "used-up": "is used up",
};

/** Why a coupon is not even kept; one without effect may have one when more is scanned. */
export function couponObjection(
  code: string,
  quote: Pick<Quote, "rejectedCoupons">,
): string | undefined {
  const rejected = quote.rejectedCoupons?.find((one) => one.code === code);
  if (rejected === undefined || rejected.reason === "no-effect") return undefined;
  return `${code} ${reasons[rejected.reason] ?? "is not taken"}.`;
}

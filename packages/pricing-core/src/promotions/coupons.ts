/**
 * Why a coupon brought nothing. SPEC.md §11 (PR).
 *
 * @module
 */

import type { AppliedPromotion, PromotionContext, RejectedCoupon } from "./deal.ts";
import { whyNotInForce } from "./in-force-here.ts";
import type { PromotionIndex } from "./promotion-index.ts";

export function rejectedCoupons(
  { offers }: PromotionIndex,
  applied: readonly AppliedPromotion[],
  context: PromotionContext,
): readonly RejectedCoupon[] {
  const appliedIds = new Set(applied.map(({ id }) => id));
  return [...new Set(context.coupons)].flatMap((code) => {
    const meant = offers.flatMap(({ item }) => (item.coupon === code ? [item] : []));
    if (meant.some(({ id }) => appliedIds.has(id))) return [];
    const reasons = new Set(meant.map((item) => reasonOf(whyNotInForce(item, context))));
    return [{ code, reason: precedence.find((reason) => reasons.has(reason)) ?? "unknown" }];
  });
}

/** Of several promotions with one code the reason that comes nearest to a discount. */
const precedence = ["no-effect", "used-up", "not-yet", "expired"] as const;

function reasonOf(why: ReturnType<typeof whyNotInForce>): RejectedCoupon["reason"] {
  return why === undefined || why === "elsewhere" ? "no-effect" : why;
}

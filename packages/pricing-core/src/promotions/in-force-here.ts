/**
 * Whether a promotion counts at an hour, in a place and for a customer. SPEC.md §11 (PR).
 *
 * @module
 */

import type { PromotionContext } from "./deal.ts";
import type { LocalInstant } from "./local-instant.ts";
import type { PromotionItem, WeeklyTime } from "./promotion-item.ts";

/** Undefined: it counts. Otherwise the first reason why it does not. */
export function whyNotInForce(
  item: PromotionItem,
  context: PromotionContext,
): NotInForce | undefined {
  const from = item.effectiveFrom ?? "";
  if (from > minuteOf(context.at)) return "not-yet";
  if (hasEnded(item.effectiveTo ?? "9999-12-31", context.at)) return "expired";
  if (!isMeant(item, context)) return "elsewhere";
  return usesLeft(item, context) > 0 ? undefined : "used-up";
}

function isMeant(item: PromotionItem, context: PromotionContext): boolean {
  const { at, location, currency } = context;
  return (
    (item.times?.some((time) => isWithin(time, at)) ?? true) &&
    (item.locations?.includes(location) ?? true) &&
    (item.currency ?? currency) === currency &&
    isForCustomer(item, context)
  );
}

function isForCustomer(item: PromotionItem, context: PromotionContext): boolean {
  const { coupons, customerGroups } = context;
  const isCouponGiven = typeof item.coupon !== "string" || coupons.includes(item.coupon);
  const isMember = item.customerGroups?.some((group) => customerGroups.includes(group)) ?? true;
  return isCouponGiven && isMember;
}

export type NotInForce = "not-yet" | "expired" | "elsewhere" | "used-up";

/** How often it may be used in this basket. */
export function usesLeft(item: PromotionItem, { usedByCustomer = {} }: PromotionContext): number {
  const used = Object.hasOwn(usedByCustomer, item.id) ? (usedByCustomer[item.id] ?? 0) : 0;
  const left = item.customerMax == null ? Number.MAX_SAFE_INTEGER : item.customerMax - used;
  return Math.min(item.basketMax ?? Number.MAX_SAFE_INTEGER, left);
}

/** By weekday and the clock on the wall, which the days on which clocks are changed have too. */
export function isWithin({ weekdays, from, to }: WeeklyTime, at: LocalInstant): boolean {
  const yesterday = at.weekday === 1 ? 7 : at.weekday - 1;
  const isOvernight = to <= from;
  const began = weekdays.includes(at.weekday) && at.time >= from && (isOvernight || at.time < to);
  return began || (isOvernight && weekdays.includes(yesterday) && at.time < to);
}

function hasEnded(to: string, at: LocalInstant): boolean {
  return to.includes("T") ? to <= minuteOf(at) : to < at.date;
}

function minuteOf({ date, time }: LocalInstant): string {
  return `${date}T${time}`;
}

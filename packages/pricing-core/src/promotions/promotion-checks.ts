/**
 * Whether a promotion is one, and everything that is wrong with it. SPEC.md §11 (PR).
 *
 * @module
 */

import { isBusinessDate, type Json, type Result } from "@tillmesh/kernel";
import {
  integerWithin,
  listOf,
  nullOr,
  objectOf,
  oneOf,
  parseWith,
  textLike,
  textUpTo,
  type Fault,
  type FaultsError,
} from "../faults.ts";
import type { PromotionItem } from "./promotion-item.ts";
import { checkRule, membersOf, optional } from "./rule-checks.ts";

/** The value itself, or all its faults; their pointers start with `pointer`. */
export function parsePromotionItem(value: Json, pointer = ""): Result<PromotionItem, FaultsError> {
  return parseWith(checkPromotion, value, pointer);
}

export function promotionKey(item: Pick<PromotionItem, "id">): string {
  return item.id;
}

/**
 * All faults of promotions that are published together, with pointers such as `/promotions/3/id`
 * below `pointer`. An id that comes twice is one: only the last would count.
 */
export function checkPromotions(values: readonly Json[], pointer = ""): readonly Fault[] {
  const ids = values.map(idOf);
  return values.flatMap((value, index) => {
    const place = `${pointer}/${index}`;
    const parsed = parsePromotionItem(value, place);
    const faults = parsed.ok ? [] : parsed.error.faults;
    const isRepeated = ids[index] !== undefined && ids.indexOf(ids[index]) < index;
    const detail = `one promotion per id; ${JSON.stringify(ids[index])} is there before`;
    return isRepeated
      ? [...faults, { pointer: `${place}/id`, code: "Duplicate" as const, detail }]
      : faults;
  });
}

export const promotionPriorityMax = 1_000_000;
export const promotionUsesMax = 1_000_000;

const amountMaxMinor = 1_000_000_000_000;
const momentDetail = "a day as YYYY-MM-DD, or with a time as YYYY-MM-DDTHH:MM";
const moment = textLike(isMoment, momentDetail);
const time = textLike(isTime, "a time as HH:MM");
const id = textUpTo(64);
const uses = nullOr(integerWithin(1, promotionUsesMax));

const checkMembers = objectOf({
  id,
  name: textUpTo(200),
  effectiveFrom: optional(nullOr(moment)),
  effectiveTo: optional(nullOr(moment)),
  times: optional(
    listOf(objectOf({ weekdays: listOf(integerWithin(1, 7), 1, 7), from: time, to: time }), 1, 50),
  ),
  locations: optional(listOf(id, 1, 1000)),
  customerGroups: optional(listOf(id, 1, 1000)),
  coupon: optional(nullOr(textUpTo(64))),
  currency: optional(
    nullOr(textLike((text) => /^[A-Z]{3}$/.test(text), "three capitals, such as GBP")),
  ),
  priority: optional(integerWithin(-promotionPriorityMax, promotionPriorityMax)),
  group: optional(id),
  stacking: optional(oneOf(["exclusive", "stackable"])),
  basketMax: optional(uses),
  customerMax: optional(uses),
  discountMaxMinor: optional(nullOr(integerWithin(1, amountMaxMinor))),
  rule: checkRule,
});

function checkPromotion(value: Json | undefined): readonly Fault[] {
  const faults = checkMembers(value);
  const { effectiveFrom: from, effectiveTo: to } = membersOf(value);
  if (typeof from !== "string" || !isMoment(from)) return faults;
  if (typeof to !== "string" || !isMoment(to)) return faults;
  const end = to.includes("T") ? to : `${to}T24:00`;
  const isBefore = from.includes("T") ? from < end : `${from}T00:00` < end;
  const detail = `after ${from}, when it begins`;
  return isBefore ? faults : [...faults, { pointer: "/effectiveTo", code: "OutOfRange", detail }];
}

function isMoment(text: string): boolean {
  const [day = "", ...times] = text.split("T");
  return isBusinessDate(day) && times.length <= 1 && times.every(isTime);
}

function isTime(text: string): boolean {
  return /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(text);
}

function idOf(value: Json): Json | undefined {
  return membersOf(value)["id"];
}

/**
 * Where a promotion stands: counts now, will, did.
 *
 * @module
 */

import type { Promotion } from "../api/price-shapes.ts";
import { dayText } from "../time.ts";

export interface PromotionState {
  readonly kind: "active" | "scheduled" | "pausing" | "ended";
  readonly tone: "good" | "alone" | "quiet";
  readonly text: string;
}

/** `nowLocal` is the location's wall clock: `2026-12-01T09:00`. */
export function promotionState(
  { isActive, effectiveFrom, effectiveTo }: Promotion,
  nowLocal: string,
): PromotionState {
  if (isActive) return { kind: "active", tone: "good", text: "active now" };
  if (effectiveFrom !== null && nowLocal < startOf(effectiveFrom)) {
    return { kind: "scheduled", tone: "alone", text: "scheduled" };
  }
  if (effectiveTo !== null && nowLocal >= endOf(effectiveTo)) {
    return { kind: "ended", tone: "quiet", text: "ended" };
  }
  return { kind: "pausing", tone: "quiet", text: "not here and now" };
}

/** Active ones first, then those to come, by priority; ended ones last. */
export function inOrderOfState(
  promotions: readonly Promotion[],
  nowLocal: string,
): readonly Promotion[] {
  const rank = (one: Promotion) => ranks[promotionState(one, nowLocal).kind];
  return promotions.toSorted(
    (a, b) => rank(a) - rank(b) || a.priority - b.priority || (a.id < b.id ? -1 : 1),
  );
}

const ranks = { active: 0, pausing: 1, scheduled: 2, ended: 3 } as const;

/** `"from 1 Dec 2026 to 31 Dec 2026, 18:00"`, `"always"`. */
export function periodText({
  effectiveFrom,
  effectiveTo,
}: Pick<Promotion, "effectiveFrom" | "effectiveTo">): string {
  const from = effectiveFrom === null ? "" : `from ${momentOf(effectiveFrom)}`;
  const to = effectiveTo === null ? "" : `to ${momentOf(effectiveTo)}`;
  return [from, to].filter(Boolean).join(" ") || "always";
}

function momentOf(moment: string): string {
  const [date = "", time] = moment.split("T");
  return time === undefined ? dayText(date) : `${dayText(date)}, ${time}`;
}

function startOf(moment: string): string {
  return moment.includes("T") ? moment : `${moment}T00:00`;
}

/** A day ends when it is over: later than any minute of it. */
function endOf(moment: string): string {
  return moment.includes("T") ? moment : `${moment}T24:00`;
}

/**
 * No deal takes more off than this: what lets the search leave branches out. SPEC.md §12 (DL).
 *
 * Counted in ten thousandths of a minor unit, rounded up.
 *
 * @module
 */

import type { RoundingMode } from "../rounding.ts";
import type { Article } from "./article.ts";
import type { Component, Joint } from "./component.ts";
import type { Dealing } from "./dealing.ts";
import type { Offer } from "./offer.ts";
import type { PromotionRule, Reduction } from "./promotion-item.ts";
import { timesIn } from "./ratio.ts";
import { perUnit, sizeOf } from "./reduction.ts";
import type { Shelf } from "./shelf.ts";

/** What the promotions from `next` on, and the simple ones, can still bring the dealing to. */
export type Bound = (dealing: Dealing, next: number) => number;

export function createBound(component: Component, mode: RoundingMode): Bound {
  const { shelves, joints } = component;
  const listMinor = shelves.reduce((sum, { article: a }) => sum + a.count * a.unitMinor, 0);
  // Beyond a safe product nothing is left out.
  if (!Number.isSafeInteger(listMinor * fine * 2)) return () => listMinor;
  const shares = joints.map((joint) => shareOf(joint, mode));
  const levels: Level[] = [];
  const levelAt = (next: number) => (levels[next] ??= levelOf(shelves, shares.slice(next), mode));
  return (dealing, next) => {
    const level = levelAt(next);
    let bound = level.once;
    for (const [shelf, count] of dealing.rest) {
      const unit = level.byShelf.get(shelf);
      if (unit === undefined || count === 0) continue;
      bound += unit.isJoint ? count * unit.any + unit.slack : shelf.best(count).amountMinor * fine;
    }
    if (dealing.stacked.length > 0) bound += stackedBound(dealing, levelAt(0));
    return dealing.exclusiveMinor + timesIn(bound, fine);
  };
}

const fine = 10_000;

interface Share {
  readonly offer: Offer;
  /** Of one unit of each shelf that it can take from. */
  readonly byShelf: ReadonlyMap<Shelf, number>;
  /** However many units it takes. */
  readonly once: number;
}

interface UnitBound {
  readonly any: number;
  readonly stacked: number;
  /** For what is rounded up. */
  readonly slack: number;
  readonly isJoint: boolean;
}

interface Level {
  readonly byShelf: ReadonlyMap<Shelf, UnitBound>;
  readonly once: number;
}

function stackedBound(dealing: Dealing, whole: Level): number {
  let bound = whole.once;
  for (const { shelf, count } of dealing.stacked) {
    const unit = whole.byShelf.get(shelf);
    if (unit !== undefined && count > 0) bound += count * unit.stacked + unit.slack;
  }
  return bound;
}

function levelOf(shelves: readonly Shelf[], shares: readonly Share[], mode: RoundingMode): Level {
  const byShelf = new Map(
    shelves.map((shelf) => [shelf, unitBoundOf(shelf, { shares, mode })] as const),
  );
  return { byShelf, once: shares.reduce((sum, { once }) => sum + once, 0) };
}

function unitBoundOf(
  shelf: Shelf,
  { shares, mode }: { readonly shares: readonly Share[]; readonly mode: RoundingMode },
): UnitBound {
  const { article, simple } = shelf;
  const most = article.unitMinor * fine;
  const stackedByGroup = new Map<string, number>();
  let alone = 0;
  let roundings = 0;
  const see = ({ isExclusive, group }: Offer, share: number) => {
    roundings += 1;
    if (isExclusive) alone = Math.max(alone, share);
    else stackedByGroup.set(group, Math.max(stackedByGroup.get(group) ?? 0, share));
  };
  for (const offer of simple) see(offer, unitShare(offer, 0, { article, mode }));
  let isJoint = false;
  for (const { offer, byShelf } of shares) {
    const share = byShelf.get(shelf);
    if (share === undefined) continue;
    isJoint = true;
    see(offer, share);
  }
  const stacked = Math.min(
    most,
    [...stackedByGroup.values()].reduce((sum, share) => sum + share, 0),
  );
  const isWhole =
    alone % fine === 0 && [...stackedByGroup.values()].every((one) => one % fine === 0);
  // Where no unit stands for anything, nothing is rounded.
  const isIdle = alone === 0 && stacked === 0;
  const isExact = isIdle || (isWhole && stackedByGroup.size === 0);
  const slack = isExact ? 0 : roundings * (fine / 2);
  return { any: Math.min(most, Math.max(alone, stacked)), stacked, slack, isJoint };
}

function shareOf({ offer, sources }: Joint, mode: RoundingMode): Share {
  const byShelf = new Map<Shelf, number>();
  for (const { part, shelf } of sources) {
    const share = unitShare(offer, part, { article: shelf.article, mode });
    byShelf.set(shelf, Math.max(byShelf.get(shelf) ?? 0, share));
  }
  let sum = 0;
  for (const [{ article }, share] of byShelf) sum += article.count * share;
  const once = onceOf(offer);
  const max = (offer.item.discountMaxMinor ?? Number.MAX_SAFE_INTEGER) * fine;
  if (max >= sum + once) return { offer, byShelf, once };
  return { offer, byShelf: new Map([...byShelf.keys()].map((shelf) => [shelf, 0])), once: max };
}

/** What a use takes off, however many units it takes; and half a minor unit for rounding. */
function onceOf({ item: { rule } }: Offer): number {
  if (rule.kind === "amount" && rule.spread === "across") return rule.amountMinor * fine;
  if (rule.kind !== "tiers") return fine / 2;
  const amounts = rule.tiers.map(({ reduction }) =>
    reduction.kind === "amount" ? reduction.amountMinor : 0,
  );
  return Math.max(...amounts) * fine + fine / 2;
}

interface Unit {
  readonly article: Article;
  readonly mode: RoundingMode;
}

/** The part of a discount that a unit can stand for, so that the units of a use stand for all of it. */
function unitShare(offer: Offer, part: number, unit: Unit): number {
  const { rule } = offer.item;
  const { unitMinor } = unit.article;
  if (offer.takes === "group") return groupShare(rule, part, unitMinor);
  if (rule.kind === "percent") return unitMinor * rule.percentBp;
  if (rule.kind === "fixed-price") return below(unit, rule.priceMinor);
  if (rule.kind === "tiers") {
    return Math.max(...rule.tiers.map(({ reduction }) => tierShare(reduction, unit)));
  }
  if (rule.kind !== "amount" || rule.spread === "across") return 0;
  return Math.min(unitMinor, perUnit(unit.article, rule.amountMinor, unit.mode)) * fine;
}

function groupShare(rule: PromotionRule, part: number, unitMinor: number): number {
  if (rule.kind === "set") return setShare(rule.reduction, unitMinor, sizeOf(rule.parts));
  if (rule.kind === "x-for-y") {
    return partOf(unitMinor * fine, rule.quantity - rule.payFor, rule.quantity);
  }
  if (rule.kind !== "buy-get") return 0;
  const { buyQuantity, getQuantity, percentBp } = rule;
  if (rule.get !== undefined) return part === 0 ? 0 : unitMinor * percentBp;
  return partOf(unitMinor * percentBp, getQuantity, buyQuantity + getQuantity);
}

function setShare(reduction: Reduction, unitMinor: number, size: number): number {
  if (reduction.kind === "percent") return unitMinor * reduction.percentBp;
  if (reduction.kind === "amount") return upwards(reduction.amountMinor * fine, size);
  return Math.max(0, unitMinor * fine - timesIn(reduction.priceMinor, size) * fine);
}

function tierShare(reduction: Reduction, unit: Unit): number {
  if (reduction.kind === "percent") return unit.article.unitMinor * reduction.percentBp;
  return reduction.kind === "price" ? below(unit, reduction.priceMinor) : 0;
}

function below({ article, mode }: Unit, priceMinor: number): number {
  return Math.max(0, article.unitMinor - perUnit(article, priceMinor, mode)) * fine;
}

function partOf(value: number, share: number, size: number): number {
  return timesIn(value, size) * share + upwards((value % size) * share, size);
}

function upwards(value: number, divisor: number): number {
  return timesIn(value + divisor - 1, divisor);
}

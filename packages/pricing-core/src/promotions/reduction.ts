/**
 * What a promotion takes off the units that it takes together. SPEC.md §12 (DL).
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { RoundingMode } from "../rounding.ts";
import type { Article } from "./article.ts";
import type { Offer } from "./offer.ts";
import type {
  BuyGetRule,
  ForRule,
  PromotionRule,
  Reduction,
  SetRule,
  Tier,
  TiersRule,
} from "./promotion-item.ts";
import { percentOf, scaled, timesIn } from "./ratio.ts";
import { selects } from "./selector.ts";

/**
 * The discount of all that `offer` takes, and by what it is spread. The uses are complete: of each
 * part as many units as the uses need. No weight is above what its units cost, and the discount is
 * not above the sum of the weights.
 */
export function reductionOf(
  offer: Offer,
  taken: readonly Taken[],
  mode: RoundingMode,
): SpreadAmount {
  const whole = ruleReduction(offer.item.rule, taken, mode);
  const max = offer.item.discountMaxMinor ?? Number.MAX_SAFE_INTEGER;
  return whole.amountMinor <= max ? whole : { ...whole, amountMinor: max };
}

/** Equal units of one article for one part of a promotion, and what they cost at its turn. */
export interface Taken {
  readonly article: Article;
  readonly part: number;
  readonly count: number;
  readonly amountMinor: number;
}

export interface SpreadAmount {
  readonly amountMinor: number;
  /** In the order of what was taken. */
  readonly weights: readonly number[];
}

/** What a percentage, an amount off each or a fixed price takes off equal units. */
export function unitWise(rule: PromotionRule, units: Units, mode: RoundingMode): number {
  const { article, count, amountMinor } = units;
  if (rule.kind === "percent") return percentOf(amountMinor, rule.percentBp, mode);
  if (rule.kind === "amount")
    return Math.min(amountMinor, count * perUnit(article, rule.amountMinor, mode));
  if (rule.kind === "fixed-price")
    return Math.max(0, amountMinor - count * perUnit(article, rule.priceMinor, mode));
  return 0;
}

export type Units = Omit<Taken, "part">;

/** A unit costs so much less, or instead; what is not sold in pieces by its quantity. */
export function perUnit(article: Article, amountMinor: number, mode: RoundingMode): number {
  if (article.isPiece) return amountMinor;
  return scaled(amountMinor, article.quantityMilli, { denominator: article.perMilli, mode });
}

function ruleReduction(
  rule: PromotionRule,
  taken: readonly Taken[],
  mode: RoundingMode,
): SpreadAmount {
  switch (rule.kind) {
    case "percent":
    case "fixed-price":
      return eachOf(taken, (one) => unitWise(rule, one, mode));
    case "amount":
      return rule.spread === "across"
        ? lessOf(taken, rule.amountMinor)
        : eachOf(taken, (one) => unitWise(rule, one, mode));
    case "buy-get":
    case "x-for-y":
    case "set":
      return groupReduction(rule, taken, mode);
    case "tiers":
      return bestTier(rule, taken, mode);
    case "basket":
      return lessOf(taken, 0);
    default:
      return unreachable(rule);
  }
}

function groupReduction(
  rule: BuyGetRule | ForRule | SetRule,
  taken: readonly Taken[],
  mode: RoundingMode,
): SpreadAmount {
  switch (rule.kind) {
    case "buy-get":
      return rule.get === undefined
        ? cheapestOf(taken, { size: rule.buyQuantity + rule.getQuantity, ...rule, mode })
        : gifts(rule, taken, mode);
    case "x-for-y": {
      const { quantity: size, payFor: buyQuantity } = rule;
      return cheapestOf(taken, { size, buyQuantity, percentBp: 10_000, mode });
    }
    case "set": {
      const uses = timesIn(countOf(taken), sizeOf(rule.parts));
      return setReduction(rule.reduction, taken, { uses, mode });
    }
    default:
      return unreachable(rule);
  }
}

function eachOf(taken: readonly Taken[], discount: (one: Taken) => number): SpreadAmount {
  const weights = taken.map(discount);
  return { amountMinor: sum(weights), weights };
}

function lessOf(taken: readonly Taken[], amountMinor: number): SpreadAmount {
  const weights = taken.map((one) => one.amountMinor);
  return { amountMinor: Math.min(amountMinor, sum(weights)), weights };
}

function percentOff(taken: readonly Taken[], percentBp: number, mode: RoundingMode): SpreadAmount {
  const weights = taken.map((one) => one.amountMinor);
  return { amountMinor: percentOf(sum(weights), percentBp, mode), weights };
}

function atUnitPrice(taken: readonly Taken[], priceMinor: number, mode: RoundingMode) {
  return eachOf(taken, (one) =>
    unitWise({ kind: "fixed-price", items: {}, priceMinor }, one, mode),
  );
}

/** All uses together cost the price, have the percentage off, or the amount off as often as it is used. */
function setReduction(
  reduction: Reduction,
  taken: readonly Taken[],
  { uses, mode }: { readonly uses: number; readonly mode: RoundingMode },
): SpreadAmount {
  switch (reduction.kind) {
    case "percent":
      return percentOff(taken, reduction.percentBp, mode);
    case "amount":
      return lessOf(taken, uses * reduction.amountMinor);
    case "price": {
      const costs = taken.reduce((total, one) => total + one.amountMinor, 0);
      return lessOf(taken, Math.max(0, costs - uses * reduction.priceMinor));
    }
    default:
      return unreachable(reduction);
  }
}

/** Of the tiers that are reached the one that takes most off; the first of equal ones. */
function bestTier(rule: TiersRule, taken: readonly Taken[], mode: RoundingMode): SpreadAmount {
  const reached = rule.by === "amount" ? sum(taken.map((one) => one.amountMinor)) : milliOf(taken);
  return rule.tiers
    .filter(({ from }) => from <= reached)
    .map((tier) => tierReduction(tier, taken, mode))
    .reduce((best, one) => (one.amountMinor > best.amountMinor ? one : best), lessOf(taken, 0));
}

function tierReduction({ reduction }: Tier, taken: readonly Taken[], mode: RoundingMode) {
  return reduction.kind === "price"
    ? atUnitPrice(taken, reduction.priceMinor, mode)
    : setReduction(reduction, taken, { uses: 1, mode });
}

function milliOf(taken: readonly Taken[]): number {
  return taken.reduce((total, { article, count }) => total + count * article.quantityMilli, 0);
}

/** Units to get at a percentage off. None that could be bought instead is dearer than one that could be got. */
function gifts(rule: BuyGetRule, taken: readonly Taken[], mode: RoundingMode): SpreadAmount {
  const { buy, get = buy, percentBp } = rule;
  const bought = taken.filter(({ article, part }) => part === 0 && selects(get, article));
  const got = taken.filter(({ article, part }) => part === 1 && selects(buy, article));
  const isSwapped = got.some((gift) =>
    bought.some(({ article }) => article.unitMinor < gift.article.unitMinor),
  );
  if (isSwapped) return lessOf(taken, 0);
  const weights = taken.map(({ part, amountMinor }) => (part === 1 ? amountMinor : 0));
  return { amountMinor: percentOf(sum(weights), percentBp, mode), weights };
}

interface Groups {
  /** Units of a group, of which the dearest `buyQuantity` are paid in full. */
  readonly size: number;
  readonly buyQuantity: number;
  readonly percentBp: number;
  readonly mode: RoundingMode;
}

/** Groups of the dearest units, then of the next: no other grouping takes more off. */
function cheapestOf(taken: readonly Taken[], groups: Groups): SpreadAmount {
  const weights = taken.map(() => 0);
  let position = 0;
  for (const { index, priceMinor, count } of pricedRuns(taken)) {
    const reduced = reducedUpTo(position + count, groups) - reducedUpTo(position, groups);
    weights[index] = (weights[index] ?? 0) + reduced * priceMinor;
    position += count;
  }
  return { amountMinor: percentOf(sum(weights), groups.percentBp, groups.mode), weights };
}

/** How many of the first `count` units are reduced, the dearest first. */
export function reducedUpTo(count: number, { size, buyQuantity }: GroupSize): number {
  return timesIn(count, size) * (size - buyQuantity) + Math.max(0, (count % size) - buyQuantity);
}

export type GroupSize = Pick<Groups, "size" | "buyQuantity">;

/** Units by price, the dearest first. What units cost together is spread evenly, the odd ones one more. */
function pricedRuns(taken: readonly Taken[]) {
  return taken
    .flatMap(({ count, amountMinor }, index) => {
      const odd = amountMinor % count;
      const priceMinor = timesIn(amountMinor, count);
      return [
        { index, priceMinor: priceMinor + 1, count: odd },
        { index, priceMinor, count: count - odd },
      ];
    })
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => b.priceMinor - a.priceMinor || a.index - b.index);
}

export function sizeOf(parts: readonly { readonly quantity: number | null }[]): number {
  return parts.reduce((total, { quantity }) => total + (quantity ?? 0), 0);
}

function countOf(taken: readonly Taken[]): number {
  return taken.reduce((total, { count }) => total + count, 0);
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * The best deal by trying all: the oracle of `bestDeal`, for baskets of a few units.
 *
 * It deals out single units, forms every group of them and forgets nothing; it shares no code with
 * the engine. It takes every promotion to be in force, percentages half up, and no line weighed.
 *
 * @module
 */

import type { ListedLine } from "../basket/listed-line.ts";
import type { PromotionItem, PromotionRule, Selector } from "../promotions/promotion-item.ts";
import {
  half,
  jointShares,
  matches,
  sum,
  unitDiscount,
  type Lot,
  type Member,
  type Use,
} from "./naive-discount.ts";

/** The most that can be taken off. */
export function naiveDeal(
  lines: readonly ListedLine[],
  promotions: readonly PromotionItem[],
): number {
  const sorted = promotions.toSorted(
    (a, b) => (a.priority ?? 0) - (b.priority ?? 0) || (a.id < b.id ? -1 : 1),
  );
  const units = lines
    .filter(({ isDiscountable }) => isDiscountable)
    .flatMap((line) => Array.from({ length: line.quantityMilli / 1000 }, () => line))
    .toSorted((a, b) => b.unitPriceMinor - a.unitPriceMinor || (a.sku < b.sku ? -1 : 1));
  let best = 0;
  const itemWise = sorted.filter(({ rule }) => rule.kind !== "basket");
  const basketWise = sorted.filter(({ rule }) => rule.kind === "basket");
  for (const lots of dealings(units, itemWise)) {
    const left = applied(lots, itemWise);
    if (left !== undefined)
      best = Math.max(best, total(units) - cheapestAfter(left, basketWise, units));
  }
  return best;
}

function total(units: readonly ListedLine[]): number {
  return units.reduce((added, { unitPriceMinor }) => added + unitPriceMinor, 0);
}

function selectorsOf(rule: PromotionRule): readonly Selector[] {
  if (rule.kind === "set") return rule.parts.map(({ items }) => items);
  if (rule.kind === "buy-get") return rule.get === undefined ? [rule.buy] : [rule.buy, rule.get];
  return [rule.items];
}

function isSimple({ rule, ...item }: PromotionItem): boolean {
  const caps = [item.basketMax, item.customerMax, item.discountMaxMinor];
  if (caps.some((cap) => cap !== undefined && cap !== null)) return false;
  return (
    rule.kind === "percent" ||
    rule.kind === "fixed-price" ||
    (rule.kind === "amount" && rule.spread === "each")
  );
}

/** Every set of joint promotions for every unit; equal units are dealt out in one order only. */
function dealings(
  units: readonly ListedLine[],
  promotions: readonly PromotionItem[],
): readonly (readonly Lot[])[] {
  const ways = units.map((unit) =>
    usesFor(
      unit,
      promotions.filter((one) => !isSimple(one)),
      false,
    ),
  );
  const found: Lot[][] = [];
  const chosen: number[] = [];
  const visit = (index: number) => {
    const unit = units[index];
    if (unit === undefined) {
      for (const lots of chained(lotsOf(units, ways, chosen), promotions)) found.push([...lots]);
      return;
    }
    const isEqual = units[index - 1]?.sku === unit.sku;
    for (
      let way = isEqual ? (chosen[index - 1] ?? 0) : 0;
      way < (ways[index]?.length ?? 0);
      way += 1
    ) {
      chosen[index] = way;
      visit(index + 1);
    }
  };
  visit(0);
  return found;
}

function usesFor(
  line: ListedLine,
  promotions: readonly PromotionItem[],
  isTaken: boolean,
): readonly (readonly Use[])[] {
  let ways: readonly (readonly Use[])[] = [[]];
  for (const promotion of promotions) {
    const more = selectorsOf(promotion.rule).flatMap((selector, part) =>
      matches(selector, line) ? ways.map((way) => [...way, { promotion, part }]) : [],
    );
    ways = ways.concat(more);
  }
  return ways.filter((way) => areTogether(way, isTaken));
}

function areTogether(way: readonly Use[], isTaken: boolean): boolean {
  const groups = way.map(({ promotion }) => promotion.group ?? "standard");
  const isAnyExclusive = way.some(({ promotion }) => promotion.stacking !== "stackable");
  if (isAnyExclusive) return way.length === 1 && !isTaken;
  return new Set(groups).size === groups.length;
}

function lotsOf(
  units: readonly ListedLine[],
  ways: readonly (readonly (readonly Use[])[])[],
  chosen: readonly number[],
): readonly Lot[] {
  const lots: Lot[] = [];
  units.forEach((line, index) => {
    const uses = ways[index]?.[chosen[index] ?? 0] ?? [];
    const last = lots.at(-1);
    const isSame = last?.line.sku === line.sku && chosen[index] === chosen[index - 1];
    if (last !== undefined && isSame) last.count += 1;
    else lots.push({ line, uses, count: 1 });
  });
  return lots;
}

/** Every set of simple promotions for every lot. */
function chained(
  lots: readonly Lot[],
  promotions: readonly PromotionItem[],
): readonly (readonly Lot[])[] {
  const simple = promotions.filter(isSimple);
  return lots.reduce<readonly (readonly Lot[])[]>(
    (done, lot) => {
      const ways = usesFor(lot.line, simple, false).filter((way) =>
        areTogether([...lot.uses, ...way], false),
      );
      return ways.flatMap((way) =>
        done.map((some) => [...some, { ...lot, uses: [...lot.uses, ...way] }]),
      );
    },
    [[]],
  );
}

/** What each lot costs then; undefined when a promotion cannot be used so. */
function applied(
  lots: readonly Lot[],
  promotions: readonly PromotionItem[],
): readonly number[] | undefined {
  const left = lots.map(({ line, count }) => line.unitPriceMinor * count);
  for (const promotion of promotions) {
    const members = lots
      .flatMap((lot, index) =>
        lot.uses.flatMap((use) =>
          use.promotion === promotion
            ? [{ lot, index, part: use.part, costs: left[index] ?? 0, joint: jointUses(lot) }]
            : [],
        ),
      )
      .toSorted(memberOrder);
    if (members.length === 0) continue;
    if (!isComplete(promotion, members)) return undefined;
    const shares = isSimple(promotion)
      ? members.map((member) => unitDiscount(promotion.rule, member))
      : jointShares(promotion, members);
    members.forEach(({ index }, member) => {
      left[index] = (left[index] ?? 0) - (shares[member] ?? 0);
    });
  }
  return left;
}

function jointUses({ uses }: Lot): string {
  const joint = uses.filter(({ promotion }) => !isSimple(promotion));
  return joint
    .map(
      ({ promotion, part }) => `${String(1e6 + (promotion.priority ?? 0))} ${promotion.id} ${part}`,
    )
    .join("|");
}

function memberOrder(a: Member, b: Member): number {
  const byPrice = b.lot.line.unitPriceMinor - a.lot.line.unitPriceMinor;
  if (byPrice !== 0) return byPrice;
  if (a.lot.line.sku !== b.lot.line.sku) return a.lot.line.sku < b.lot.line.sku ? -1 : 1;
  return a.joint < b.joint ? -1 : 1;
}

function isComplete(promotion: PromotionItem, members: readonly Member[]): boolean {
  const { rule, basketMax, customerMax } = promotion;
  const most = Math.min(basketMax ?? Infinity, customerMax ?? Infinity);
  const needs = groupNeeds(rule);
  if (needs === undefined) return isPool(rule) || sum(members.map(({ lot }) => lot.count)) <= most;
  const counts = needs.map((_, part) =>
    sum(members.map((member) => (member.part === part ? member.lot.count : 0))),
  );
  const uses = (counts[0] ?? 0) / (needs[0] ?? 1);
  return (
    uses <= most && needs.every((need, part) => counts[part] === need * uses && uses % 1 === 0)
  );
}

function isPool(rule: PromotionRule): boolean {
  return rule.kind === "tiers" || (rule.kind === "amount" && rule.spread === "across");
}

function groupNeeds(rule: PromotionRule): readonly number[] | undefined {
  if (rule.kind === "set") return rule.parts.map(({ quantity }) => quantity);
  if (rule.kind === "x-for-y") return [rule.quantity];
  if (rule.kind !== "buy-get") return undefined;
  const { buyQuantity, getQuantity } = rule;
  return rule.get === undefined ? [buyQuantity + getQuantity] : [buyQuantity, getQuantity];
}

/** What the basket costs at least, after any promotions for the whole basket that go together. */
function cheapestAfter(
  left: readonly number[],
  promotions: readonly PromotionItem[],
  units: readonly ListedLine[],
): number {
  let cheapest = sum(left);
  for (let set = 0; set < 2 ** promotions.length; set += 1) {
    const used = promotions.filter((_, index) => Math.floor(set / 2 ** index) % 2 === 1);
    if (
      !areTogether(
        used.map((promotion) => ({ promotion, part: 0 })),
        false,
      )
    )
      continue;
    if (used.some((one) => !isReached(one, units))) continue;
    cheapest = Math.min(cheapest, used.reduce(basketAfter, sum(left)));
  }
  return cheapest;
}

function isReached({ rule }: PromotionItem, units: readonly ListedLine[]): boolean {
  if (rule.kind !== "basket") return false;
  const counted = units.filter((unit) => matches(rule.items, unit));
  return counted.length > 0 && total(counted) >= rule.fromMinor;
}

function basketAfter(costs: number, { rule, discountMaxMinor }: PromotionItem): number {
  if (rule.kind !== "basket") return costs;
  const { reduction } = rule;
  const off =
    reduction.kind === "percent"
      ? half(costs * reduction.percentBp, 10_000)
      : reduction.amountMinor;
  return costs - Math.min(costs, off, discountMaxMinor ?? Infinity);
}

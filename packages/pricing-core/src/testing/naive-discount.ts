/**
 * What promotions take off, by the school book: the other half of the oracle `naiveDeal`.
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { ListedLine } from "../basket/listed-line.ts";
import type {
  PromotionItem,
  PromotionRule,
  Reduction,
  Selector,
} from "../promotions/promotion-item.ts";

export interface Use {
  readonly promotion: PromotionItem;
  readonly part: number;
}

export interface Lot {
  readonly line: ListedLine;
  readonly uses: readonly Use[];
  count: number;
}

export interface Member {
  readonly lot: Lot;
  readonly index: number;
  readonly part: number;
  readonly costs: number;
  readonly joint: string;
}

export function matches(selector: Selector, line: ListedLine): boolean {
  const isIn = (names: Pick<Selector, "skus" | "departments" | "tags">) =>
    (names.skus ?? []).includes(line.sku) ||
    (names.departments ?? []).includes(line.department) ||
    (names.tags ?? []).some((tag) => line.tags.includes(tag));
  return (selector.everything === true || isIn(selector)) && !isIn(selector.except ?? {});
}

export function half(numerator: number, denominator: number): number {
  return Number((BigInt(numerator) * 2n + BigInt(denominator)) / (BigInt(denominator) * 2n));
}

export function unitDiscount(
  rule: PromotionRule,
  { costs, lot }: Pick<Member, "costs" | "lot">,
): number {
  if (rule.kind === "percent") return half(costs * rule.percentBp, 10_000);
  if (rule.kind === "amount") return Math.min(costs, rule.amountMinor * lot.count);
  if (rule.kind === "fixed-price") return Math.max(0, costs - rule.priceMinor * lot.count);
  throw new Error(rule.kind);
}

export function jointShares(
  { rule, discountMaxMinor }: PromotionItem,
  members: readonly Member[],
): readonly number[] {
  const [amount, weights] = jointDiscount(rule, members);
  return handedOut(Math.min(amount, discountMaxMinor ?? Infinity), weights);
}

type Weighted = readonly [number, readonly number[]];

export function sum(values: readonly number[]): number {
  return values.reduce((added, value) => added + value, 0);
}

function jointDiscount(rule: PromotionRule, members: readonly Member[]): Weighted {
  switch (rule.kind) {
    case "set":
      return reduced(rule.reduction, members, {
        uses: unitsOf(members) / sum(rule.parts.map(({ quantity }) => quantity)),
      });
    case "x-for-y":
      return grouped(members, { size: rule.quantity, paid: rule.payFor, bp: 10_000 });
    case "buy-get":
      return given(rule, members);
    case "tiers":
      return bestReached(rule, members);
    case "percent":
    case "amount":
    case "fixed-price":
    case "basket":
      return unitWise(rule, members);
    default:
      return unreachable(rule);
  }
}

function unitsOf(members: readonly Member[]): number {
  return sum(members.map(({ lot }) => lot.count));
}

function unitWise(rule: PromotionRule, members: readonly Member[]): Weighted {
  const costs = members.map((member) => member.costs);
  if (rule.kind === "amount" && rule.spread === "across") {
    return [Math.min(sum(costs), rule.amountMinor), costs];
  }
  const discounts = members.map((member) => unitDiscount(rule, member));
  return [sum(discounts), discounts];
}

function bestReached(
  rule: Extract<PromotionRule, { kind: "tiers" }>,
  members: readonly Member[],
): Weighted {
  const costs = members.map((member) => member.costs);
  const reached = rule.by === "amount" ? sum(costs) : unitsOf(members) * 1000;
  const found = rule.tiers
    .filter(({ from }) => from <= reached)
    .map(({ reduction }) =>
      reduction.kind === "price"
        ? unitPrices(reduction.priceMinor, members)
        : reduced(reduction, members, { uses: 1 }),
    );
  return found.toSorted((a, b) => b[0] - a[0])[0] ?? [0, costs];
}

function unitPrices(priceMinor: number, members: readonly Member[]): Weighted {
  const rule = { kind: "fixed-price", items: {}, priceMinor } as const;
  const discounts = members.map((member) => unitDiscount(rule, member));
  return [sum(discounts), discounts];
}

function reduced(
  reduction: Reduction,
  members: readonly Member[],
  { uses }: { readonly uses: number },
): Weighted {
  const costs = members.map((member) => member.costs);
  const all = sum(costs);
  if (reduction.kind === "percent") return [half(all * reduction.percentBp, 10_000), costs];
  if (reduction.kind === "amount") return [Math.min(all, uses * reduction.amountMinor), costs];
  return [Math.max(0, all - uses * reduction.priceMinor), costs];
}

function given(
  rule: Extract<PromotionRule, { kind: "buy-get" }>,
  members: readonly Member[],
): Weighted {
  const { buyQuantity: paidFor, getQuantity, percentBp: bp } = rule;
  if (rule.get === undefined) {
    return grouped(members, { size: paidFor + getQuantity, paid: paidFor, bp });
  }
  const weights = members.map(({ part, costs }) => (part === 1 ? costs : 0));
  const isWrong = members.some((gift) =>
    members.some(
      (paid) =>
        gift.part === 1 &&
        paid.part === 0 &&
        matches(rule.buy, gift.lot.line) &&
        matches(rule.get ?? rule.buy, paid.lot.line) &&
        paid.lot.line.unitPriceMinor < gift.lot.line.unitPriceMinor,
    ),
  );
  return [isWrong ? 0 : half(sum(weights) * rule.percentBp, 10_000), weights];
}

interface Grouping {
  readonly size: number;
  readonly paid: number;
  readonly bp: number;
}

/** The best of all ways to put the units into groups; spread as the dearest-first one does. */
function grouped(members: readonly Member[], { size, paid, bp }: Grouping): Weighted {
  const units = members.flatMap(({ costs, lot }, member) =>
    Array.from({ length: lot.count }, (_, unit) => ({
      member,
      price: Math.floor(costs / lot.count) + (unit < costs % lot.count ? 1 : 0),
    })),
  );
  const weights = members.map(() => 0);
  units
    .toSorted((a, b) => b.price - a.price || a.member - b.member)
    .forEach(({ member, price }, position) => {
      if (position % size >= paid) weights[member] = (weights[member] ?? 0) + price;
    });
  const most = mostOff(
    units.map(({ price }) => price),
    size,
    paid,
  );
  return [half(most * bp, 10_000), weights];
}

function mostOff(prices: readonly number[], size: number, paid: number): number {
  const [first, ...others] = prices;
  if (first === undefined) return 0;
  let best = 0;
  for (const mates of choices(others, size - 1)) {
    const group = [first, ...mates.chosen].toSorted((a, b) => b - a);
    best = Math.max(best, sum(group.slice(paid)) + mostOff(mates.rest, size, paid));
  }
  return best;
}

interface Choice {
  readonly chosen: readonly number[];
  readonly rest: readonly number[];
}

function choices(values: readonly number[], count: number): readonly Choice[] {
  if (count === 0) return [{ chosen: [], rest: values }];
  const [first, ...others] = values;
  if (first === undefined) return [];
  const withFirst = choices(others, count - 1).map(({ chosen, rest }) => ({
    chosen: [first, ...chosen],
    rest,
  }));
  const without = choices(others, count).map(({ chosen, rest }) => ({
    chosen,
    rest: [first, ...rest],
  }));
  return [...withFirst, ...without];
}

/** Minor units one by one: each to whom the largest part of one is still owed. */
function handedOut(amount: number, weights: readonly number[]): readonly number[] {
  const all = sum(weights);
  if (all === 0) return weights.map(() => 0);
  const shares = weights.map((weight) => Number((BigInt(amount) * BigInt(weight)) / BigInt(all)));
  const rests = weights.map((weight) => Number((BigInt(amount) * BigInt(weight)) % BigInt(all)));
  for (let left = amount - sum(shares); left > 0; left -= 1) {
    const index = rests.indexOf(Math.max(...rests));
    shares[index] = (shares[index] ?? 0) + 1;
    rests[index] = -1;
  }
  return shares;
}

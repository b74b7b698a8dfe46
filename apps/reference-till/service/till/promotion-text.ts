/**
 * A promotion as one sentence, made from its rule.
 *
 * @module
 */

import {
  formatAmount,
  type PromotionItem,
  type PromotionRule,
  type Selector,
  type WeeklyTime,
} from "@tillmesh/pricing-core";
import { formatQuantity } from "@tillmesh/kernel";
import { percentText } from "./percent.ts";

/** Names for what a promotion refers to by id. */
export interface PromotionNames {
  /** Of the shop. */
  readonly currency: string;
  readonly article: (sku: string) => string;
  readonly location: (id: string) => string;
}

/** `"3 for the price of 2 of Bakery, Mon to Fri 15:00–17:00, with the coupon BUN."` */
export function promotionText(item: PromotionItem, names: PromotionNames): string {
  const words = { ...names, currency: item.currency ?? names.currency };
  const parts = [ruleText(item.rule, words), ...conditionTexts(item, words)];
  const sentence = parts.join(", ");
  return `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`;
}

const tellers: {
  readonly [Kind in PromotionRule["kind"]]: (
    rule: Extract<PromotionRule, { readonly kind: Kind }>,
    names: PromotionNames,
  ) => string;
} = {
  percent: ({ items, percentBp }, names) => `${percent(percentBp)} off ${goods(items, names)}`,
  amount: ({ items, amountMinor, spread }, names) =>
    `${money(amountMinor, names)} off ${spread === "each" ? "each of" : "in all,"} ${goods(items, names)}`,
  "fixed-price": ({ items, priceMinor }, names) =>
    `${goods(items, names)} for ${money(priceMinor, names)} each`,
  "buy-get": ({ buy, buyQuantity, get, getQuantity, percentBp }, names) =>
    `buy ${buyQuantity} of ${goods(buy, names)}, get ${getQuantity} of ${goods(get ?? buy, names)} ` +
    (percentBp === wholeBp ? "free" : `at ${percent(percentBp)} off`),
  "x-for-y": ({ items, quantity, payFor }, names) =>
    `${quantity} for the price of ${payFor} of ${goods(items, names)}`,
  set: ({ parts, reduction }, names) =>
    `${parts.map((part) => `${part.quantity} of ${goods(part.items, names)}`).join(" and ")} ` +
    `together ${reductionText(reduction, names)}`,
  tiers: ({ items, by, tiers }, names) =>
    `${goods(items, names)}: ${tiers
      .map(({ from, reduction }) => {
        const start = by === "amount" ? money(from, names) : formatQuantity(from);
        return `from ${start} on ${reductionText(reduction, names)}`;
      })
      .join(", ")}`,
  basket: ({ items, fromMinor, reduction }, names) => {
    const off = `${reductionText(reduction, names)} the basket`;
    const isAll = items.everything === true && items.except === undefined;
    const from = fromMinor === 0 ? "" : ` from ${money(fromMinor, names)} on`;
    return `${off}${from}${isAll ? "" : `, counting ${goods(items, names)}`}`;
  },
};

const wholeBp = 10_000;

function ruleText(rule: PromotionRule, names: PromotionNames): string {
  const tell = tellers[rule.kind] as (rule: PromotionRule, names: PromotionNames) => string;
  return tell(rule, names);
}

type Reduction = Extract<PromotionRule, { readonly kind: "set" }>["reduction"];

function reductionText(reduction: Reduction, names: PromotionNames): string {
  if (reduction.kind === "percent") return `${percent(reduction.percentBp)} off`;
  if (reduction.kind === "amount") return `${money(reduction.amountMinor, names)} off`;
  return `for ${money(reduction.priceMinor, names)}`;
}

function percent(rateBp: number): string {
  return `${percentText(rateBp)} %`;
}

function money(minor: number, { currency }: PromotionNames): string {
  return `${formatAmount(minor, currency)} ${currency}`;
}

function goods({ everything, except, ...named }: Selector, names: PromotionNames): string {
  const taken = everything === true ? "everything" : namesText(named, names, "or");
  return except === undefined ? taken : `${taken} but ${namesText(except, names, "and")}`;
}

/** A list of articles is told by its first ones. */
function namesText(
  { skus = [], departments = [], tags = [] }: Omit<Selector, "everything" | "except">,
  { article }: PromotionNames,
  word: "and" | "or",
): string {
  const all = [...departments, ...tags.map((tag) => `“${tag}”`), ...skus.map(article)];
  if (all.length > namesMax) {
    return `${all.slice(0, namesMax).join(", ")} ${word} ${all.length - namesMax} more`;
  }
  return [all.slice(0, -1).join(", "), ...all.slice(-1)]
    .filter((one) => one !== "")
    .join(` ${word} `);
}

const namesMax = 4;

function conditionTexts(item: PromotionItem, { location }: PromotionNames): readonly string[] {
  const { times, locations, customerGroups, coupon, basketMax, customerMax } = item;
  return [
    ...(times === undefined ? [] : [times.map(timeText).join(" and ")]),
    ...(locations === undefined ? [] : [`at ${locations.map(location).join(" and ")}`]),
    ...(customerGroups === undefined ? [] : [`for ${customerGroups.join(" and ")}`]),
    ...(coupon == null ? [] : [`with the coupon ${coupon}`]),
    ...(basketMax == null ? [] : [`at most ${timesText(basketMax)} per basket`]),
    ...(customerMax == null ? [] : [`at most ${timesText(customerMax)} per customer`]),
  ];
}

function timeText({ weekdays, from, to }: WeeklyTime): string {
  return `${weekdaysText(weekdays)} ${from}–${to}`;
}

const weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** `"every day"`, `"Mon to Fri"`, `"Mon, Wed"`. */
function weekdaysText(weekdays: readonly number[]): string {
  const days = [...new Set(weekdays)].toSorted((a, b) => a - b);
  const [first = 1] = days;
  const last = days.at(-1) ?? first;
  const name = (day: number) => weekdayNames[day - 1] ?? "";
  if (days.length === weekdayNames.length) return "every day";
  const isRun = days.length > 2 && last - first === days.length - 1;
  return isRun ? `${name(first)} to ${name(last)}` : days.map(name).join(", ");
}

function timesText(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/**
 * What was taken off a line or a basket, in words; amounts as the service answered them.
 *
 * @module
 */

import type { BasketPricing, Discount, LinePricing } from "../api/price-shapes.ts";
import { moneyText, type Money } from "../money.ts";

export interface DiscountRow {
  readonly text: string;
  /** With its minus sign. */
  readonly amount: string;
}

/** One row per discount, in the order in which they were taken off. */
export function discountRows({ discounts = [] }: LinePricing): readonly DiscountRow[] {
  return discounts.map((discount) => ({
    text: discountText(discount),
    amount: moneyText(negated(discount.amount)),
  }));
}

/** A promotion is known by its name; what a person took off, by its reason. */
export function discountText({ kind, name }: Pick<Discount, "kind" | "name">): string {
  const what = manual[kind];
  if (what === undefined) return name;
  return name === "" ? what : `${what}: ${name}`;
}

const manual: Readonly<Record<string, string>> = {
  line: "Discount",
  order: "Order discount",
  comp: "Given away",
};

/** What it cost before, where something was taken off; undefined otherwise. */
export function wasAmount(line: LinePricing): Money | undefined {
  return (line.discounts ?? []).length > 0 ? line.listAmount : undefined;
}

/** The list's price, where a person gave another. */
export function overrideText({ override }: LinePricing): string | undefined {
  if (override === undefined) return undefined;
  const { listPrice, reason } = override;
  return `Price changed from ${moneyText(listPrice)}${reason === "" ? "" : `: ${reason}`}`;
}

/** What the customer saved in all; undefined where it is nothing. */
export function savedAmount({ totals }: BasketPricing): Money | undefined {
  return totals !== undefined && totals.discount.minor > 0 ? totals.discount : undefined;
}

export function negated({ minor, currency }: Money): Money {
  return { minor: 0 - minor, currency };
}

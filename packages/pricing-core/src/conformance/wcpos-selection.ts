/**
 * Lines that a coupon takes, as WCPOS has them.
 *
 * @module
 */

import { componentOf, discountOf, type Run } from "./engine-basket.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";
import { couponSelector, lineTags, type CartLine, type Coupon } from "./wcpos-coupons.ts";

export interface SelectionVector extends Vector {
  readonly input: {
    readonly lines: readonly Pick<CartLine, "product" | "categories" | "onSale">[];
    readonly coupon: Omit<Coupon, "kind" | "amount">;
  };
  /** How many lines, and the products of those that are named. */
  readonly expected: { readonly count: number; readonly products?: readonly number[] };
}

/** A line is taken when half of its price is taken off. */
export function checkSelection({ input, expected }: SelectionVector, run: Run): readonly Check[] {
  const items = couponSelector(input.coupon);
  const { deal } = run({
    lines: input.lines.map((line) => ({
      id: `product ${line.product}`,
      unitPriceMinor: 1000,
      quantity: 1,
      tags: lineTags(line),
      components: [componentOf("rate", 1000)],
    })),
    promotions: [{ id: "half", name: "Half", rule: { kind: "percent", items, percentBp: 5000 } }],
    discountMode: "half-up",
    tax: { basis: "exclusive", point: "line", mode: "half-up" },
  });
  const products = input.lines
    .map(({ product }) => product)
    .filter((product) => discountOf(deal, `product ${product}`) === 500);
  return [
    ...checkOf("number of lines", expected.count, products.length),
    ...checkOf("products", expected.products, products),
  ];
}

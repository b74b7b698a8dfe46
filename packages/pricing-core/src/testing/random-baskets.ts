/**
 * Random shops and baskets, for laws about the whole of `priceBasket`.
 *
 * @module
 */

import * as fc from "fast-check";
import type { BusinessDate, Result } from "@tillmesh/kernel";
import { priceBasket, type BasketError } from "../basket.ts";
import {
  exclusivePerLine,
  exclusivePerRate,
  inclusivePerLine,
  inclusivePerRate,
  type PricingPolicy,
} from "../policy.ts";
import type { BasketInput, BasketLine } from "../basket/basket-input.ts";
import type { ManualDiscount, ServiceCharge } from "../basket/manual-input.ts";
import type { PricedBasket } from "../basket/priced-basket.ts";
import { booksOf } from "./books-of.ts";

export const rates = { std: 2000, red: 500, odd: 1907, zero: 0 } as const;
export const codes = Object.keys(rates) as (keyof typeof rates)[];
const reason = "Reason";

export type Line = Omit<BasketLine, "sku"> & { readonly article: number };
export type Options = Pick<BasketInput, "policy" | "orderDiscount" | "serviceCharge" | "currency">;

export interface Shop {
  readonly articles: readonly Article[];
  readonly promotions?: readonly { readonly id: string }[];
  readonly options?: Partial<Options>;
}

export interface Article {
  readonly priceMinor: number;
  readonly perMilli: number;
  readonly taxCode: keyof typeof rates;
  readonly department: string;
  readonly unit: "each" | "kg";
  /** The price from three units on. */
  readonly breakMinor?: number;
}

export const article: fc.Arbitrary<Article> = fc.record({
  priceMinor: fc.oneof(fc.nat(9), fc.nat(2000), fc.nat(10 ** 7)),
  perMilli: fc.constantFrom(1000, 1000, 1000, 100_000, 1),
  taxCode: fc.constantFrom(...codes),
  department: fc.constantFrom("A", "B"),
  unit: fc.constantFrom("each", "kg"),
});
export const articles: fc.Arbitrary<readonly Article[]> = fc.array(article, {
  minLength: 1,
  maxLength: 6,
});

export const off: fc.Arbitrary<ManualDiscount> = fc.oneof(
  fc.record({ percentBp: fc.integer({ min: 1, max: 10_000 }), reason: fc.constant(reason) }),
  fc.record({ amountMinor: fc.integer({ min: 1, max: 3000 }), reason: fc.constant(reason) }),
);
export const plainLine: fc.Arbitrary<Line> = fc.record({
  article: fc.nat(5),
  quantityMilli: fc.integer({ min: 1, max: 9000 }),
});
export const line: fc.Arbitrary<Line> = fc.record(
  {
    article: fc.nat(5),
    quantityMilli: fc.oneof(fc.integer({ min: 1, max: 4000 }), fc.constantFrom(1000, 2000, 3000)),
    discount: off,
    comp: fc.constant({ reason }),
    override: fc.record({ unitPriceMinor: fc.nat(500), reason: fc.constant(reason) }),
  },
  { requiredKeys: ["article", "quantityMilli"] },
);
export const lines: fc.Arbitrary<Line[]> = fc.array(line, { minLength: 1, maxLength: 8 });

const everything = { everything: true };
const some = fc.constantFrom(everything, { departments: ["A"] }, { skus: ["S0", "S1"] });
const rule = fc.oneof(
  fc.record({
    kind: fc.constant("percent"),
    items: some,
    percentBp: fc.constantFrom(1000, 3333, 10_000),
  }),
  fc.record({
    kind: fc.constant("amount"),
    items: some,
    amountMinor: fc.integer({ min: 1, max: 300 }),
    spread: fc.constantFrom("each", "across"),
  }),
  fc.record({
    kind: fc.constant("x-for-y"),
    items: some,
    quantity: fc.constant(3),
    payFor: fc.constant(2),
  }),
  fc.record({
    kind: fc.constant("basket"),
    items: fc.constant(everything),
    fromMinor: fc.nat(3000),
    reduction: fc.constantFrom(
      { kind: "percent", percentBp: 700 },
      { kind: "amount", amountMinor: 100 },
    ),
  }),
);
export const promotions: fc.Arbitrary<readonly { readonly id: string }[]> = fc
  .array(
    fc.record({ rule, stacking: fc.constantFrom("exclusive", "stackable"), priority: fc.nat(2) }),
    { maxLength: 4 },
  )
  .map((all) => all.map((one, at) => ({ id: `P${at}`, group: `g${at}`, ...one })));

function basketLine({ article: any, ...rest }: Line, { articles: all }: Shop): BasketLine {
  const at = any % all.length;
  const units = Math.ceil(rest.quantityMilli / 1000);
  const quantityMilli = all[at]?.unit === "each" ? units * 1000 : rest.quantityMilli;
  return { ...rest, quantityMilli, sku: `S${at}` };
}

export function price(asked: readonly Line[], shop: Shop): Result<PricedBasket, BasketError> {
  const { currency = "GBP", ...options } = shop.options ?? {};
  const facts = shop.articles.map((one, at) => ({ ...one, sku: `S${at}`, currency }));
  const books = booksOf({
    articles: facts.map(({ sku, taxCode, department, unit }) => ({
      sku,
      taxCode,
      department,
      unit,
    })),
    prices: facts.flatMap(({ sku, priceMinor, perMilli, breakMinor }) => [
      { sku, priceMinor, perMilli, currency },
      ...(breakMinor === undefined
        ? []
        : [{ sku, priceMinor: breakMinor, perMilli, currency, minQuantityMilli: 3000 }]),
    ]),
    promotions: shop.promotions ?? [],
    rates,
  });
  const { catalogue, prices, taxes } = books;
  const businessDate = "2026-11-22" as BusinessDate;
  return priceBasket({
    lines: asked.map((one) => basketLine(one, shop)),
    catalogue,
    prices,
    taxes,
    businessDate,
    currency,
    promotions: {
      published: books.promotions.index(),
      at: { date: businessDate, time: "12:00", weekday: 7 },
    },
    ...options,
  });
}

export function priced(asked: readonly Line[], shop: Shop): PricedBasket {
  const result = price(asked, shop);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

export const service: ServiceCharge = {
  name: "Service",
  taxCode: "odd",
  publication: "policy-1",
  percentBp: 1250,
};
export const policies: readonly PricingPolicy[] = [
  inclusivePerRate,
  inclusivePerLine,
  exclusivePerRate,
  exclusivePerLine,
];
export const options: fc.Arbitrary<Partial<Options>> = fc.record(
  {
    policy: fc.constantFrom(...policies),
    orderDiscount: off,
    serviceCharge: fc.constantFrom(service, { ...service, taxCode: "std", percentBp: 1 }),
  },
  { requiredKeys: ["policy"] },
);
export const shops: fc.Arbitrary<Shop> = fc.record({ articles, promotions, options });

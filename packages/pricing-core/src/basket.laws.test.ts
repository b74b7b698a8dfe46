import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBusinessDate } from "@tillmesh/kernel";
import { priceBasket, type BasketLine, type PricedBasket } from "./basket.ts";
import { inclusivePerLine, inclusivePerRate, type PricingPolicy } from "./policy.ts";
import { naiveBasket, shopOf } from "./testing/index.ts";

const rates = { std: 2000, red: 500, odd: 1907, zero: 0, full: 10_000 } as const;
const codes = Object.keys(rates) as (keyof typeof rates)[];

interface Line {
  readonly priceMinor: number;
  readonly taxCode: keyof typeof rates;
  readonly quantityMilli: number;
}

const line = fc.record({
  priceMinor: fc.oneof(fc.nat(5), fc.nat(10_000), fc.nat(10 ** 7)),
  taxCode: fc.constantFrom(...codes),
  quantityMilli: fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 10 ** 7 })),
});
const lines = fc.array(line, { minLength: 1, maxLength: 30 });
const policies = fc.constantFrom(inclusivePerRate, inclusivePerLine);

function priced(all: readonly Line[], policy: PricingPolicy): PricedBasket {
  const articles = all.map((one, index) => ({ ...one, sku: `S${index}`, unit: "kg" }));
  const businessDate = "2026-11-22";
  if (!isBusinessDate(businessDate)) throw new Error(businessDate);
  const basketLines = articles.map(({ sku, quantityMilli }): BasketLine => ({
    sku,
    quantityMilli,
  }));
  const { catalogue, prices, taxes } = shopOf(articles, rates);
  const books = { catalogue, prices, taxes };
  const result = priceBasket({
    lines: basketLines,
    ...books,
    businessDate,
    currency: "GBP",
    policy,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe("priceBasket laws (BA)", () => {
  test("[BA1] [BA2] it is what the school book gives, line by line", () => {
    fc.assert(
      fc.property(lines, (all) => {
        const basket = priced(all, inclusivePerRate);
        const naive = naiveBasket(all.map((one) => ({ ...one, rateBp: rates[one.taxCode] })));
        expect(basket.lines.map(({ amountMinor }) => amountMinor)).toEqual(naive.amounts);
        expect(basket.lines.map(({ taxMinor }) => taxMinor)).toEqual(naive.taxes);
        expect(basket.totalMinor).toBe(naive.totalMinor);
      }),
    );
  });

  test("[BA3] lines, summary and total agree to the penny, under every policy", () => {
    fc.assert(
      fc.property(lines, policies, (all, policy) => {
        const { lines: out, taxes, totalMinor } = priced(all, policy);
        expect(sum(out.map(({ amountMinor }) => amountMinor))).toBe(totalMinor);
        expect(sum(taxes.map(({ grossMinor }) => grossMinor))).toBe(totalMinor);
        const taxMinor = sum(taxes.map((row) => row.taxMinor));
        expect(sum(out.map((one) => one.taxMinor))).toBe(taxMinor);
        expect(totalMinor - sum(taxes.map(({ netMinor }) => netMinor))).toBe(taxMinor);
        for (const row of taxes) {
          const own = out.filter(({ taxCode }) => taxCode === row.taxCode);
          expect(row.grossMinor).toBe(row.netMinor + row.taxMinor);
          expect(sum(own.map((one) => one.taxMinor))).toBe(row.taxMinor);
        }
        for (const one of out) {
          expect(one.taxMinor >= 0 && one.taxMinor <= one.amountMinor).toBe(true);
        }
      }),
    );
  });

  test("[BA8] the order of scanning changes neither total nor tax", () => {
    fc.assert(
      fc.property(lines, policies, (all, policy) => {
        const there = priced(all, policy);
        const back = priced(all.toReversed(), policy);
        expect([back.totalMinor, back.taxes]).toEqual([there.totalMinor, there.taxes]);
      }),
    );
  });
});

import { describe, expect, test } from "vitest";
import { isBusinessDate, type BusinessDate } from "@tillmesh/kernel";
import { priceBasket, type BasketInput, type BasketLine } from "./basket.ts";
import { inclusivePerLine } from "./policy.ts";
import { shopOf, type Article } from "./testing/index.ts";

function day(text: string): BusinessDate {
  if (!isBusinessDate(text)) throw new Error(text);
  return text;
}

const articles: readonly Article[] = [
  { sku: "tea", priceMinor: 240, taxCode: "std" },
  { sku: "cake", priceMinor: 340, taxCode: "zero" },
  { sku: "ham", priceMinor: 1999, taxCode: "red", unit: "kg" },
  { sku: "penny", priceMinor: 1, taxCode: "std" },
  { sku: "gift", priceMinor: 0, taxCode: "std" },
  { sku: "odd", priceMinor: 100, taxCode: "none" },
  { sku: "new", taxCode: "std" },
  { sku: "foreign", priceMinor: 100, taxCode: "std", currency: "EUR" },
  { sku: "gold", priceMinor: 1_000_000_000_000, taxCode: "zero", unit: "kg" },
];
const shop = shopOf(articles, { std: 2000, red: 500, zero: 0 });

function basket(...lines: readonly (readonly [string, number])[]): BasketInput {
  return {
    lines: lines.map(([sku, quantityMilli]): BasketLine => ({ sku, quantityMilli })),
    catalogue: shop.catalogue,
    prices: shop.prices,
    taxes: shop.taxes,
    businessDate: day("2026-11-22"),
    currency: "GBP",
  };
}

function ghosts(count: number): readonly (readonly [string, number])[] {
  return Array.from({ length: count }, () => ["ghost", 0] as const);
}

function priced(input: BasketInput) {
  const result = priceBasket(input);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function faults(input: BasketInput): readonly string[] {
  const result = priceBasket(input);
  return result.ok ? [] : result.error.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe("priceBasket (BA)", () => {
  test("[BA1] [BA3] [BA5] a basket of three rates, as a sale entry takes it over", () => {
    expect(priced(basket(["tea", 2000], ["cake", 1000], ["ham", 250]))).toEqual({
      currency: "GBP",
      lines: [
        {
          lineId: "1",
          sku: "tea",
          name: "Name of tea",
          quantityMilli: 2000,
          unitPriceMinor: 240,
          amountMinor: 480,
          taxCode: "std",
          rateBp: 2000,
          taxMinor: 80,
          publications: { price: "prices-1", tax: "taxes-1", catalogue: "catalogue-1" },
        },
        expect.objectContaining({ lineId: "2", amountMinor: 340, taxMinor: 0 }),
        expect.objectContaining({ lineId: "3", amountMinor: 500, taxMinor: 24 }),
      ],
      totalMinor: 1320,
      taxes: [
        {
          taxCode: "red",
          name: "Tax red",
          rateBp: 500,
          grossMinor: 500,
          netMinor: 476,
          taxMinor: 24,
        },
        {
          taxCode: "std",
          name: "Tax std",
          rateBp: 2000,
          grossMinor: 480,
          netMinor: 400,
          taxMinor: 80,
        },
        {
          taxCode: "zero",
          name: "Tax zero",
          rateBp: 0,
          grossMinor: 340,
          netMinor: 340,
          taxMinor: 0,
        },
      ],
    });
  });

  test("[BA1] half a penny at the line goes up: 0.5 x 0.01 is 0.01", () => {
    const halves = shopOf([{ sku: "loose", priceMinor: 1, taxCode: "zero", unit: "kg" }], {
      zero: 0,
    });
    const input = { ...basket(["loose", 500], ["loose", 499]), ...halves };
    expect(priced(input).lines.map(({ amountMinor }) => amountMinor)).toEqual([1, 0]);
  });

  test("[BA2] tax is rounded once per rate and spread: three times 0.01 at 20 % have 0.01 tax", () => {
    const { lines, taxes } = priced(basket(["penny", 1000], ["penny", 1000], ["penny", 1000]));
    expect(lines.map(({ taxMinor }) => taxMinor)).toEqual([1, 0, 0]);
    expect(taxes).toMatchObject([{ grossMinor: 3, netMinor: 2, taxMinor: 1 }]);
  });

  test("[BA4] under the policy per line each line is rounded by itself", () => {
    const input = basket(["penny", 1000], ["penny", 1000], ["penny", 1000]);
    const { lines, taxes } = priced({ ...input, policy: inclusivePerLine });
    expect(lines.map(({ taxMinor }) => taxMinor)).toEqual([0, 0, 0]);
    expect(taxes).toMatchObject([{ grossMinor: 3, netMinor: 3, taxMinor: 0 }]);
  });

  test("[BA3] an article that is free has no tax and no minus zero", () => {
    const { totalMinor, taxes } = priced(basket(["gift", 1000]));
    expect([totalMinor, taxes[0]?.taxMinor]).toEqual([0, 0]);
  });

  test("[BA6] everything that is wrong is said at once", () => {
    const input = basket(
      ["tea", 1000],
      ["ghost", 0],
      ["new", 1500],
      ["odd", 1000],
      ["foreign", 1000],
      ["tea", -1000],
      ["tea", 1.5],
      ["ham", 1_000_000_001],
      ["tea", 1500],
    );
    expect(faults(input)).toEqual([
      "/lines/1/sku UnknownSku",
      "/lines/1/quantity QuantityNotPositive",
      "/lines/2/sku NoPrice",
      "/lines/2/quantity QuantityNotWhole",
      "/lines/3/sku UnknownTaxCode",
      "/lines/4/sku CurrencyMismatch",
      "/lines/5/quantity QuantityNotPositive",
      "/lines/6/quantity QuantityNotInteger",
      "/lines/7/quantity QuantityTooLarge",
      "/lines/8/quantity QuantityNotWhole",
    ]);
  });

  test("[BA6] a fault carries its facts", () => {
    expect(priceBasket(basket(["new", 1000]))).toEqual({
      ok: false,
      error: {
        type: "Basket",
        faults: [
          {
            pointer: "/lines/0/sku",
            code: "NoPrice",
            sku: "new",
            list: "standard",
            businessDate: "2026-11-22",
          },
        ],
      },
    });
  });

  test("[BA7] an empty basket, 501 lines and amounts beyond safe integers are refused", () => {
    expect(faults(basket())).toEqual(["/lines EmptyBasket"]);
    expect(faults(basket(...ghosts(501)))).toEqual(["/lines TooManyLines"]);
    expect(faults(basket(...ghosts(500)))).toHaveLength(1000);
    expect(faults(basket(["gold", 10_000_000]))).toEqual(["/lines/0/quantity AmountTooLarge"]);
    expect(faults(basket(["gold", 9_000_000], ["gold", 9_000_000]))).toEqual([
      "/lines AmountTooLarge",
    ]);
  });
});

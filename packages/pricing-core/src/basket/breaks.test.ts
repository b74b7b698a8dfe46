import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, type BusinessDate } from "@tillmesh/kernel";
import { priceBasket } from "../basket.ts";
import { parseCatalogueItem, parseListItem, parsePriceItem } from "../items.ts";
import { booksOf, publicationOf } from "../testing/index.ts";
import { explainPrice } from "./explain-price.ts";

const today = "2026-11-22" as BusinessDate;

type Facts = Parameters<typeof booksOf>[0]["prices"][number];

function shopOf(prices: readonly Omit<Facts, "sku">[], unit = "each") {
  const facts = prices.map((price) => ({ priceMinor: 0, ...price, sku: "C1" }));
  return booksOf({ articles: [{ sku: "C1", unit }], prices: facts });
}

function december(day: number): BusinessDate {
  return `2026-12-${day}` as BusinessDate;
}

type Books = ReturnType<typeof shopOf>;

function reached(books: Books, quantity: number, date: BusinessDate = today): number | undefined {
  const options = { quantityMilli: quantity * 1000 };
  return books.prices.reached("C1", date, options)?.value.priceMinor;
}

function amounts(books: Books, ...quantitiesMilli: readonly number[]): readonly number[] {
  const { catalogue, prices, taxes } = books;
  const lines = quantitiesMilli.map((quantityMilli) => ({ sku: "C1", quantityMilli }));
  const basket = { lines, catalogue, prices, taxes, businessDate: today, currency: "GBP" };
  const priced = priceBasket(basket);
  if (!priced.ok) throw new Error(JSON.stringify(priced.error));
  return priced.value.lines.map(({ amountMinor }) => amountMinor);
}

describe("quantity breaks and units (QB)", () => {
  test("[QB1] a new price of one unit leaves the breaks, and a new break leaves the price", () => {
    const books = shopOf([
      { priceMinor: 100 },
      { priceMinor: 80, minQuantityMilli: 10_000 },
      { priceMinor: 110, effectiveFrom: "2026-12-01" },
      { priceMinor: 75, minQuantityMilli: 10_000, effectiveFrom: "2026-12-24" },
    ]);
    expect([reached(books, 9), reached(books, 10)]).toEqual([100, 80]);
    expect([reached(books, 9, december(10)), reached(books, 10, december(10))]).toEqual([110, 80]);
    expect([reached(books, 9, december(24)), reached(books, 10, december(24))]).toEqual([110, 75]);
  });

  test("[QB1] a break that is withdrawn leaves the others", () => {
    const books = shopOf([{ priceMinor: 100 }, { priceMinor: 80, minQuantityMilli: 10_000 }]);
    expect(books.prices.schedule("C1")).toHaveLength(2);
    const items = [{ key: "standard/C1/-/10000", value: null }];
    books.apply(publicationOf({ topic: "prices", sequence: 2, items }));
    expect(reached(books, 10)).toBe(100);
    expect(books.prices.schedule("C1")).toHaveLength(1);
  });

  test("[QB2] of the prices that are reached the lowest per unit counts", () => {
    const books = shopOf([
      { priceMinor: 100 },
      { priceMinor: 120, minQuantityMilli: 5000 },
      { priceMinor: 950, perMilli: 10_000, minQuantityMilli: 10_000 },
      { priceMinor: 95, minQuantityMilli: 20_000 },
    ]);
    expect([4, 5, 10, 20].map((quantity) => reached(books, quantity))).toEqual([100, 100, 950, 95]);
  });

  test("[QB3] a break is reached by all lines of the article together", () => {
    const books = shopOf([{ priceMinor: 100 }, { priceMinor: 80, minQuantityMilli: 10_000 }]);
    expect(amounts(books, 9000)).toEqual([900]);
    expect(amounts(books, 6000, 4000)).toEqual([480, 320]);
    expect(amounts(books, 4000, 6000)).toEqual([320, 480]);
  });

  test("[QB4] after its last day a price gives way to the one before it", () => {
    const books = shopOf([
      { priceMinor: 100 },
      { priceMinor: 70, effectiveFrom: "2026-11-20", effectiveTo: "2026-11-22" },
      { priceMinor: 60, effectiveFrom: "2026-11-21", effectiveTo: "2026-11-21" },
      { priceMinor: 10, effectiveTo: "2026-11-19", minQuantityMilli: 2000 },
    ]);
    const days = [-4, -3, -2, -1, 0, 1].map((offset) => addDays(today, offset));
    expect(days.map((day) => reached(books, 1, day))).toEqual([100, 100, 70, 60, 70, 100]);
    expect(days.map((day) => reached(books, 2, day))).toEqual([10, 10, 70, 60, 70, 100]);
  });

  test("[QB5] a price of 100 g is below a minor unit for 1 g, and the line is rounded once", () => {
    const books = shopOf([{ priceMinor: 49, perMilli: 100_000 }], "g");
    expect(amounts(books, 1000, 101_000, 102_000, 250_500)).toEqual([0, 49, 50, 123]);
    const { catalogue, prices, taxes } = books;
    const lines = [{ sku: "C1", quantityMilli: 250_500 }];
    const basket = { lines, catalogue, prices, taxes, businessDate: today, currency: "GBP" };
    expect(priceBasket(basket)).toMatchObject({
      value: { lines: [{ unitPriceMinor: 49, perMilli: 100_000, amountMinor: 123 }] },
    });
  });

  test("[QB6] what cannot be is refused at publication, every fault of it", () => {
    const price = {
      list: "a",
      sku: "C1",
      effectiveFrom: "2026-11-22",
      priceMinor: 1,
      currency: "GBP",
    };
    const wrong = {
      ...price,
      priceMinor: -1,
      minQuantityMilli: 0,
      perMilli: 1.5,
      effectiveTo: "x",
    };
    const item = {
      sku: "C1",
      name: "C1",
      barcodes: [],
      department: "Food",
      unit: "g",
      taxCode: "std",
    };
    const list = { list: "A", name: "", basis: "net", locations: [], customerGroups: ["a", "a"] };
    const faultsOf = [
      parsePriceItem({ ...price, effectiveTo: "2026-11-21" }),
      parsePriceItem(wrong),
      parseCatalogueItem({ ...item, openPrice: { minMinor: 2, maxMinor: 1 }, tags: [""] }),
      parseCatalogueItem({
        ...item,
        deposit: " ",
        isDiscountable: "no",
        taxCodes: { takeAway: "" },
      }),
      parseListItem({ ...list, priority: -1 }),
    ].map((parsed) =>
      parsed.ok ? [] : parsed.error.faults.map(({ pointer, code }) => `${pointer} ${code}`),
    );
    expect(faultsOf).toEqual([
      ["/effectiveTo OutOfRange"],
      [
        "/priceMinor OutOfRange",
        "/effectiveTo Format",
        "/minQuantityMilli OutOfRange",
        "/perMilli Type",
      ],
      ["/tags/0 Format", "/openPrice/maxMinor OutOfRange"],
      ["/deposit Format", "/isDiscountable Type", "/taxCodes/takeAway Format"],
      [
        "/list Format",
        "/name Format",
        "/basis Unknown",
        "/locations OutOfRange",
        "/customerGroups/1 Duplicate",
        "/priority OutOfRange",
      ],
    ]);
  });
});

const day = fc.constantFrom("2026-11-20", "2026-11-22", "2026-11-23");
const price = fc
  .record(
    {
      list: fc.constantFrom("standard", "staff", "here", "other"),
      priceMinor: fc.integer({ min: 0, max: 5 }),
      effectiveFrom: fc.option(day),
      effectiveTo: fc.option(day),
      minQuantityMilli: fc.constantFrom(1000, 2000, 5000),
      perMilli: fc.constantFrom(1000, 2000),
    },
    { requiredKeys: ["list", "priceMinor", "effectiveFrom"] },
  )
  .map((facts) => ({ ...facts, sku: "C1" }));
const lists = [
  { list: "staff", customerGroups: ["staff"] },
  { list: "here", locations: ["loc_1"] },
  { list: "other", locations: ["loc_2"] },
];

describe("why a price (LI)", () => {
  const question = fc.record({
    quantityMilli: fc.integer({ min: 1, max: 6000 }),
    customerGroups: fc.constantFrom([], ["staff"]),
    location: fc.constantFrom("loc_1", "loc_2", "loc_3"),
  });

  test("[LI6] [QB2] [PL1] going through all prices finds the one that the basket uses", () => {
    fc.assert(
      fc.property(fc.array(price, { maxLength: 8 }), question, (prices, asked) => {
        const books = booksOf({ articles: [{ sku: "C1", unit: "kg" }], prices, lists });
        const { chosen } = explainPrice({ ...books, ...asked, sku: "C1", businessDate: today });
        const { catalogue, taxes } = books;
        const lines = [{ sku: "C1", quantityMilli: asked.quantityMilli }];
        const basket = { lines, catalogue, taxes, prices: books.prices, lists: books.lists };
        const priced = priceBasket({ ...basket, ...asked, businessDate: today, currency: "GBP" });
        const [line] = priced.ok ? priced.value.lines : [];
        expect(chosen && [chosen.list.list, chosen.price.priceMinor]).toEqual(
          line ? [line.list ?? "standard", line.unitPriceMinor] : null,
        );
        expect(chosen?.price.perMilli ?? 1000).toBe(line?.perMilli ?? 1000);
      }),
      { numRuns: 300 },
    );
  });

  test("[LI6] each price that was considered says why it does not count, and who published it", () => {
    const books = booksOf({
      articles: [{ sku: "C1" }],
      lists,
      prices: [
        { sku: "C1", priceMinor: 10 },
        { sku: "C1", priceMinor: 9, list: "here" },
        { sku: "C1", priceMinor: 8, list: "here", effectiveFrom: "2026-11-20" },
        { sku: "C1", priceMinor: 7, list: "here", effectiveFrom: "2026-11-23" },
        { sku: "C1", priceMinor: 6, list: "here", effectiveTo: "2026-11-21", minQuantityMilli: 9 },
        { sku: "C1", priceMinor: 12, list: "here", minQuantityMilli: 1000 },
        { sku: "C1", priceMinor: 5, list: "here", minQuantityMilli: 5000 },
        { sku: "C1", priceMinor: 4, list: "staff" },
      ],
    });
    const facts = { sku: "C1", businessDate: today, quantityMilli: 1000, location: "loc_1" };
    const { chosen, candidates } = explainPrice({ ...books, ...facts });
    expect(chosen).toMatchObject({ publication: "prices-1", list: { publication: "lists-1" } });
    const verdicts = candidates.map(({ price: { priceMinor }, verdict }) => [priceMinor, verdict]);
    expect(Object.fromEntries(verdicts)).toEqual({
      4: "list-elsewhere",
      5: "break-not-reached",
      6: "over",
      7: "not-yet",
      8: "chosen",
      9: "replaced",
      10: "list-outranked",
      12: "dearer",
    });
  });
});

import { describe, expect, test } from "vitest";
import type { BusinessDate } from "@tillmesh/kernel";
import { priceBasket } from "../basket.ts";
import { booksOf } from "../testing/index.ts";
import type { BasketInput } from "./basket-input.ts";

const businessDate = "2026-11-22" as BusinessDate;

const lists = [
  { list: "z-here", locations: ["loc_1"], customerGroups: null },
  { list: "staff", locations: null, customerGroups: ["staff"] },
  { list: "staff-here", locations: ["loc_1"], customerGroups: ["staff"] },
  { list: "sale", locations: null, customerGroups: null, priority: 5 },
  { list: "a-same", locations: null, customerGroups: null, priority: 5 },
  { list: "a-lower", locations: null, customerGroups: null, priority: 4 },
  { list: "net", basis: "exclusive", customerGroups: ["trade"] },
];

const books = booksOf({
  lists,
  articles: [
    ...["tea", "mug", "pot", "gift", "nil"].map((sku) => ({ sku })),
    { sku: "card", openPrice: { minMinor: 500, maxMinor: 10_000 }, isDiscountable: false },
    { sku: "egg", openPrice: { minMinor: 1, maxMinor: 100 } },
    { sku: "cola", deposit: "bottle", taxCode: "red" },
    { sku: "keg", deposit: "nowhere" },
    { sku: "bottle", department: "Deposits" },
  ],
  prices: [
    { sku: "tea", priceMinor: 100 },
    { sku: "tea", priceMinor: 90, list: "sale" },
    { sku: "tea", priceMinor: 80, list: "a-same" },
    { sku: "tea", priceMinor: 85, list: "a-lower" },
    { sku: "tea", priceMinor: 70, list: "z-here" },
    { sku: "tea", priceMinor: 60, list: "staff" },
    { sku: "tea", priceMinor: 50, list: "staff-here" },
    { sku: "mug", priceMinor: 400 },
    { sku: "mug", priceMinor: 300, list: "net" },
    { sku: "pot", priceMinor: 900 },
    { sku: "egg", priceMinor: 30 },
    { sku: "cola", priceMinor: 150 },
    { sku: "keg", priceMinor: 5000 },
    { sku: "bottle", priceMinor: 25 },
  ],
  rates: { std: 2000, red: 500 },
});

type Asked = Partial<BasketInput> & Pick<BasketInput, "lines">;

function price(asked: Asked) {
  const { catalogue, prices, taxes } = books;
  const input = { catalogue, prices, taxes, lists: books.lists, businessDate, currency: "GBP" };
  return priceBasket({ ...input, ...asked });
}

function priced(asked: Asked) {
  const result = price(asked);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function faults(asked: Asked) {
  const result = price(asked);
  return result.ok ? [] : result.error.faults;
}

function one(sku: string, quantityMilli = 1000) {
  return { sku, quantityMilli };
}

describe("price lists (LI)", () => {
  test.each([
    [{ location: "loc_1", customerGroups: ["staff"] }, 50, "staff-here"],
    [{ location: "loc_2", customerGroups: ["staff", "trade"] }, 60, "staff"],
    [{ location: "loc_1", customerGroups: ["trade"] }, 70, "z-here"],
    [{ location: "loc_2" }, 80, "a-same"],
    [{}, 80, "a-same"],
  ])("[LI1] for %j tea costs %i by the list %s", (place, unitPriceMinor, list) => {
    expect(priced({ lines: [one("tea")], ...place }).lines).toMatchObject([
      { unitPriceMinor, list },
    ]);
  });

  test("[LI1] a list without a price of the article gives way to the next one", () => {
    const place = { location: "loc_1", customerGroups: ["staff"] };
    const [line] = priced({ lines: [one("pot")], ...place }).lines;
    expect(line?.unitPriceMinor).toBe(900);
    expect(line && "list" in line).toBe(false);
  });

  test("[LI2] without lists, or with one that is named, that list alone is asked", () => {
    const { catalogue, prices, taxes } = books;
    const input = { lines: [one("tea")], catalogue, prices, taxes, businessDate, currency: "GBP" };
    const standard = priceBasket(input);
    expect(standard.ok && standard.value.totalMinor).toBe(100);
    expect(priced({ lines: [one("tea")], list: "staff" }).totalMinor).toBe(60);
    expect(faults({ lines: [one("pot")], list: "staff" })).toMatchObject([{ code: "NoPrice" }]);
    expect(priced({ lines: [one("mug")], list: "net" }).totalMinor).toBe(360);
  });

  test("[LI3] prices with tax and prices without are not added up; the lists are named", () => {
    const lines = [one("mug"), one("tea"), one("pot")];
    expect(faults({ lines, customerGroups: ["trade"] })).toEqual([
      {
        pointer: "/lines",
        code: "TaxBasisMixed",
        inclusive: ["a-same", "standard"],
        exclusive: ["net"],
      },
    ]);
  });

  test("[LI3] a typed price has the basis of the others, or of the list that comes first", () => {
    const typed = { ...one("card"), openPriceMinor: 1000 };
    const trade = { customerGroups: ["trade"] };
    expect(priced({ lines: [typed, one("mug")], ...trade })).toMatchObject({
      basis: "exclusive",
      totalMinor: 1560,
    });
    expect(priced({ lines: [typed], ...trade }).totalMinor).toBe(1200);
    expect(priced({ lines: [typed, one("tea")], ...trade }).totalMinor).toBe(1080);
  });

  test("[LI4] an open price is typed within its limits, or the list's where there is one", () => {
    const typed = priced({ lines: [{ ...one("card"), openPriceMinor: 500 }] });
    expect(typed.lines).toMatchObject([{ unitPriceMinor: 500, isOpenPrice: true }]);
    expect(typed.lines[0]?.publications.price).toBe("catalogue-1");
    expect(priced({ lines: [one("egg")] }).totalMinor).toBe(30);
    expect(priced({ lines: [{ ...one("egg"), openPriceMinor: 7 }] }).totalMinor).toBe(7);
  });

  test("[LI4] a price is not typed where it is fixed, nor left out where it is open", () => {
    const lines = [
      one("card"),
      { ...one("card"), openPriceMinor: 499 },
      { ...one("card"), openPriceMinor: 10_001 },
      { ...one("card"), openPriceMinor: 999.5 },
      { ...one("tea"), openPriceMinor: 1 },
    ];
    const limits = { sku: "card", minMinor: 500, maxMinor: 10_000 };
    expect(faults({ lines })).toEqual([
      { pointer: "/lines/0/openPrice", code: "OpenPriceMissing", ...limits },
      { pointer: "/lines/1/openPrice", code: "OpenPriceOutOfRange", ...limits },
      { pointer: "/lines/2/openPrice", code: "OpenPriceOutOfRange", ...limits },
      { pointer: "/lines/3/openPrice", code: "OpenPriceOutOfRange", ...limits },
      { pointer: "/lines/4/openPrice", code: "PriceNotOpen", sku: "tea" },
    ]);
  });

  test("[LI5] a deposit is a line of its own that follows the quantity, with its own tax", () => {
    const { lines, totalMinor } = priced({ lines: [one("cola", 3000), one("bottle")] });
    expect(lines).toMatchObject([
      { lineId: "1", sku: "cola", amountMinor: 450, taxCode: "red" },
      { lineId: "1.1", sku: "bottle", quantityMilli: 3000, amountMinor: 75, linkedTo: "1" },
      { lineId: "2", sku: "bottle", quantityMilli: 1000, amountMinor: 25 },
    ]);
    expect(lines[1]?.taxCode).toBe("std");
    expect(totalMinor).toBe(550);
  });

  test("[LI5] nothing is taken off a deposit, and a missing one is a fault of its line", () => {
    const orderDiscount = { percentBp: 5000, reason: "Opening day" };
    const { lines } = priced({ lines: [one("cola")], orderDiscount });
    expect(lines.map(({ amountMinor }) => amountMinor)).toEqual([75, 25]);
    expect(faults({ lines: [one("tea"), one("keg")] })).toEqual([
      { pointer: "/lines/1/sku", code: "UnknownSku", sku: "nowhere" },
    ]);
  });
});

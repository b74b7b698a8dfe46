import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isBusinessDate, type BusinessDate, type Json, type Publication } from "@tillmesh/kernel";
import { createPriceList, type PriceList } from "./price-list.ts";
import { publicationOf } from "./testing/index.ts";

function day(text: string): BusinessDate {
  if (!isBusinessDate(text)) throw new Error(text);
  return text;
}

type Price = readonly [from: string | null, priceMinor: number | null, list?: string, sku?: string];

function says(sequence: number, ...prices: readonly Price[]): Publication {
  const items = prices.map(([effectiveFrom, priceMinor, list = "standard", sku = "C1"]) => {
    const value: Json =
      priceMinor === null ? null : { list, sku, effectiveFrom, priceMinor, currency: "GBP" };
    return { key: `${list}/${sku}/${effectiveFrom ?? "-"}`, value };
  });
  return publicationOf({ topic: "prices", sequence, items });
}

function listOf(...publications: readonly Publication[]): PriceList {
  const prices = createPriceList();
  for (const one of publications) prices.book.apply(one);
  return prices;
}

const today = day("2026-11-22");

describe("price list (PL)", () => {
  test("[PL1] the highest effective date that is not after the business date is in force", () => {
    const prices = listOf(says(1, ["2026-12-01", 300], [null, 100], ["2026-11-22", 200]));
    const at = (text: string) => prices.at("C1", day(text))?.value.priceMinor;
    expect(["2026-11-21", "2026-11-22", "2026-11-30", "2026-12-01", "2030-01-01"].map(at)).toEqual([
      100, 200, 200, 300, 300,
    ]);
    expect(prices.at("C2", today)).toBeUndefined();
    expect(prices.schedule("C1").map(({ value }) => value.priceMinor)).toEqual([100, 200, 300]);
  });

  test("[PL1] before its first day an article has no price", () => {
    expect(listOf(says(1, ["2026-11-23", 100])).at("C1", today)).toBeUndefined();
  });

  test("[PL2] a scheduled price never displaces today's, however late it is published", () => {
    const prices = listOf(says(1, [null, 100]), says(2, ["2026-12-01", 300]), says(3, [null, 110]));
    expect(prices.at("C1", today)).toMatchObject({
      value: { priceMinor: 110, effectiveFrom: null },
      publication: { id: "hq-3" },
    });
    expect(prices.at("C1", day("2026-12-01"))?.value.priceMinor).toBe(300);
  });

  test("[PL3] a scheduled price that is withdrawn leaves the one before it", () => {
    const prices = listOf(says(1, [null, 100], ["2026-11-01", 200]), says(2, ["2026-11-01", null]));
    expect(prices.at("C1", today)?.value.priceMinor).toBe(100);
    prices.book.apply(says(3, [null, null]));
    expect(prices.at("C1", today)).toBeUndefined();
    expect(prices.schedule("C1")).toEqual([]);
  });

  test("[PL4] lists and articles are apart, also where a SKU has a slash or is like another", () => {
    const prices = listOf(
      says(
        1,
        [null, 1],
        [null, 2, "staff"],
        [null, 3, "standard", "C1/2"],
        [null, 4, "standard", "C"],
      ),
    );
    expect(prices.at("C1", today)?.value.priceMinor).toBe(1);
    expect(prices.at("C1", today, "staff")?.value.priceMinor).toBe(2);
    expect(prices.at("C1/2", today)?.value.priceMinor).toBe(3);
    expect(prices.at("C", today)?.value.priceMinor).toBe(4);
  });
});

describe("price list laws (PL)", () => {
  const price = fc.tuple(
    fc.constantFrom(null, "2026-11-20", "2026-11-21", "2026-11-23"),
    fc.option(fc.nat(9)),
  );
  const publications = fc
    .array(fc.array(price, { maxLength: 3 }), { maxLength: 8 })
    .map((all) => all.map((prices, index) => says(index + 1, ...prices)));

  test("[PL1] [PL3] it is what a plain search over the publications finds, in any order of arrival", () => {
    fc.assert(
      fc.property(publications, fc.boolean(), (all, backwards) => {
        const prices = listOf(...(backwards ? all.toReversed() : all));
        for (const text of ["2026-11-19", "2026-11-20", "2026-11-22", "2026-11-23"]) {
          expect(prices.at("C1", day(text))?.value ?? null).toEqual(plainly(all, text));
        }
      }),
    );
  });
});

function plainly(inOrder: readonly Publication[], date: string): Json {
  const lastByKey = new Map(
    inOrder.flatMap(({ items }) => items.map(({ key, value }) => [key, value] as const)),
  );
  const keys = ["-", "2026-11-20", "2026-11-21", "2026-11-23"].filter((from) => from <= date);
  const values = keys.map((from) => lastByKey.get(`standard/C1/${from}`) ?? null);
  return values.findLast((value) => value !== null) ?? null;
}

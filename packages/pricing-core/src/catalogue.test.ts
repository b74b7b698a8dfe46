import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Publication } from "@tillmesh/kernel";
import { createCatalogue, type Catalogue } from "./catalogue.ts";
import { publicationOf } from "./testing/index.ts";

type Facts = readonly [sku: string, name: string, ...barcodes: string[]];

function says(sequence: number, ...articles: readonly Facts[]): Publication {
  const items = articles.map(([sku, name, ...barcodes]) => ({
    key: sku,
    value: { sku, name, barcodes, department: "Food", unit: "each", taxCode: "zero" },
  }));
  return publicationOf({ topic: "catalogue", sequence, items });
}

function catalogueOf(...publications: readonly Publication[]): Catalogue {
  const catalogue = createCatalogue();
  for (const one of publications) catalogue.book.apply(one);
  return catalogue;
}

const café = says(
  1,
  ["C1", "Bread", "5000001"],
  ["C2", "Crème brûlée", "5000002"],
  ["C3", "Rye bread roll", "5000003"],
  ["C4", "Gingerbread", "5000004"],
  ["C10", "Breadstick", "5000010", "5000011"],
);

function found(catalogue: Catalogue, query: string, options = {}): readonly string[] {
  return catalogue.search(query, options).map(({ value }) => value.sku);
}

describe("catalogue (CT)", () => {
  test("[CT1] an article is found by its SKU, with the publication that says so", () => {
    const catalogue = catalogueOf(café);
    expect(catalogue.bySku("C2")).toMatchObject({
      value: { name: "Crème brûlée" },
      publication: { id: "hq-1", sequence: 1, publisher: "hq" },
    });
    expect(catalogue.bySku("C99")).toBeUndefined();
  });

  test("[CT2] an article is found by each of its barcodes, as long as it carries them", () => {
    const catalogue = catalogueOf(café);
    const skus = (barcode: string) => catalogue.byBarcode(barcode).map(({ value }) => value.sku);
    expect([skus("5000010"), skus("5000011"), skus("1")]).toEqual([["C10"], ["C10"], []]);
    catalogue.book.apply(says(2, ["C10", "Breadstick", "5000012"], ["C1", "Bread", "5000012"]));
    expect([skus("5000010"), skus("5000012")]).toEqual([[], ["C1", "C10"]]);
    const items = [{ key: "C1", value: null }];
    catalogue.book.apply(publicationOf({ topic: "catalogue", sequence: 3, items }));
    expect([skus("5000012"), found(catalogue, "bread roll"), found(catalogue, "C1")]).toEqual([
      ["C10"],
      ["C3"],
      ["C10"],
    ]);
  });

  test("[CT3] exact codes first, then names, then word starts, then the rest", () => {
    const catalogue = catalogueOf(café);
    expect(found(catalogue, "bread")).toEqual(["C1", "C10", "C3", "C4"]);
    expect(found(catalogue, "c1")).toEqual(["C1", "C10"]);
    expect(found(catalogue, "5000011")).toEqual(["C10"]);
    expect(found(catalogue, "00001")).toEqual(["C1", "C10"]);
    expect(found(catalogue, "roll bread")).toEqual(["C3"]);
    expect(found(catalogue, "bread tea")).toEqual([]);
  });

  test("[CT3] case and accents do not matter, on either side", () => {
    const catalogue = catalogueOf(café);
    expect(found(catalogue, "CREME BRULEE")).toEqual(["C2"]);
    expect(found(catalogue, " crème ")).toEqual(["C2"]);
    expect(found(catalogue, "bréad")).toEqual(found(catalogue, "bread"));
  });

  test("[CT3] an empty query lists all, by name", () => {
    expect(found(catalogueOf(café), "")).toEqual(["C1", "C10", "C2", "C4", "C3"]);
  });

  test("[CT4] an answer is bounded and goes on after its last article", () => {
    const catalogue = catalogueOf(café);
    expect(found(catalogue, "bread", { limit: 2 })).toEqual(["C1", "C10"]);
    expect(found(catalogue, "bread", { limit: 2, after: "C10" })).toEqual(["C3", "C4"]);
    expect(found(catalogue, "bread", { limit: 2, after: "C4" })).toEqual([]);
    expect(found(catalogue, "bread", { limit: 0 })).toHaveLength(1);
    const many = Array.from({ length: 300 }, (_, index): Facts => [`S${index}`, "Soup"]);
    expect(found(catalogueOf(says(1, ...many)), "soup", { limit: 1000 })).toHaveLength(200);
    expect(found(catalogue, "b".repeat(10_000))).toEqual([]);
  });

  test("[CT4] an article that is withdrawn takes no place in an answer", () => {
    const items = [{ key: "C1", value: null }];
    const catalogue = catalogueOf(café, publicationOf({ topic: "catalogue", sequence: 2, items }));
    expect(found(catalogue, "bread", { limit: 1 })).toEqual(["C10"]);
  });
});

describe("catalogue laws (CT)", () => {
  const article = fc.tuple(
    fc.constantFrom("C1", "C2", "C3", "C4"),
    fc.constantFrom("Tea", "Tea cake", "Green tea", "Cake"),
    fc.constantFrom("1", "2", "3"),
  );
  const publications = fc
    .array(fc.array(article, { maxLength: 4 }), { maxLength: 6 })
    .map((all) => all.map((articles, index) => says(index + 1, ...articles)));

  test("[CT5] the order of arrival does not show in any answer", () => {
    fc.assert(
      fc.property(publications, (all) => {
        const there = catalogueOf(...all);
        const back = catalogueOf(...all.toReversed());
        for (const query of ["", "t", "tea", "cake", "1", "c1"]) {
          expect(back.search(query)).toEqual(there.search(query));
          expect(back.byBarcode(query)).toEqual(there.byBarcode(query));
        }
      }),
    );
  });

  test("[CT4] page after page gives what one large page gives", () => {
    fc.assert(
      fc.property(publications, fc.integer({ min: 1, max: 3 }), (all, limit) => {
        const catalogue = catalogueOf(...all);
        const pages: string[] = [];
        for (let after: string | undefined; ; after = pages.at(-1)) {
          const page = found(catalogue, "a", after === undefined ? { limit } : { limit, after });
          if (page.length === 0) break;
          pages.push(...page);
        }
        expect(pages).toEqual(found(catalogue, "a", { limit: 200 }));
      }),
    );
  });
});

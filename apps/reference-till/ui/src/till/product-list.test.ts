import { ok } from "@tillmesh/kernel";
import { expect, test } from "vitest";
import type { Api, Query } from "../api/client.ts";
import type { Product } from "../api/shapes.ts";
import { departmentsOf, findByCode, loadProducts, matching, withCode } from "./product-list.ts";

type Facts = readonly [sku: string, name: string, department: string, ...barcodes: string[]];

const product = (...[sku, name, department, ...barcodes]: Facts): Product => ({
  sku,
  name,
  department,
  barcodes,
  unit: "each",
  taxCode: "std",
  ratePercent: "20",
  price: { minor: 100, currency: "GBP" },
});

const items = [
  product("BREW-1", "Crème brûlée", "Sweet", "501"),
  product("LATTE", "Latte large", "Coffee", "502", "503"),
  product("MOCHA", "Mocha", "Coffee", "503"),
];

function apiWith(pages: (path: string, query: Query) => unknown): Api & { asked: Query[] } {
  const asked: Query[] = [];
  const get = (path: string, query: Query = {}) => {
    asked.push(query);
    return Promise.resolve(ok(pages(path, query)));
  };
  return { asked, get } as unknown as Api & { asked: Query[] };
}

test("words match in any order, without case and accents", () => {
  const found = ["BRULEE creme", "large lat", "50"].map((query) => matching(items, query));
  expect(found.map((products) => products.map(({ sku }) => sku))).toEqual([
    ["BREW-1"],
    ["LATTE"],
    ["BREW-1", "LATTE", "MOCHA"],
  ]);
  expect(departmentsOf({ items, isAll: true, isLoaded: true })).toEqual(["Coffee", "Sweet"]);
});

test("a code is a whole barcode, else a whole SKU", () => {
  const found = ["503", "latte", "50"].map((code) => withCode(items, code));
  expect(found.map((products) => products.map(({ sku }) => sku))).toEqual([
    ["LATTE", "MOCHA"],
    ["LATTE"],
    [],
  ]);
});

test("a code that is not known here is asked of the service", async () => {
  const found = product("TEA", "Tea", "Tea");
  const api = apiWith((_, { query }) => ({ items: query === "TEA" ? [found] : [], next: null }));
  const list = { items, isAll: false, isLoaded: true };
  expect(await findByCode(api, list, "502")).toEqual(ok([items[1]]));
  expect(api.asked).toEqual([]);
  expect(await findByCode(api, list, "TEA")).toEqual(ok([found]));
  expect(api.asked.map(({ barcode }) => barcode)).toEqual(["TEA", undefined]);
});

test("a large catalogue is read up to a bound", async () => {
  const api = apiWith(() => ({ items: Array(200).fill(items[0]), next: "more" }));
  expect(await loadProducts(api)).toMatchObject({ value: { isAll: false, isLoaded: true } });
  expect(api.asked).toHaveLength(5);
});

import { describe, expect, test } from "vitest";
import type { Json } from "@tillmesh/kernel";
import { createShopBooks } from "../shop-books.ts";
import { publicationOf } from "../testing/index.ts";
import type { Selector } from "./promotion-item.ts";

const percentOf = (id: string, items: Selector, priority = 0): Json => ({
  id,
  name: id,
  priority,
  rule: { kind: "percent", items, percentBp: 1000 },
});

describe("promotions in force (PR)", () => {
  test("[PR9] those that can take an article are found, by priority, then id", () => {
    const shop = createShopBooks();
    const { promotions } = shop;
    const values = [
      percentOf("tag", { tags: ["new"] }),
      percentOf("sku", { skus: ["A", "B"] }, -1),
      percentOf("department", { departments: ["Food"] }),
      percentOf("all", { everything: true, except: { skus: ["B"] } }, 5),
    ];
    const items = values.map((value) => ({ key: (value as { id: string }).id, value }));
    shop.apply(publicationOf({ topic: "promotions", sequence: 1, items }));
    const found = (sku: string, department: string, tags: readonly string[]) =>
      promotions
        .index()
        .offersFor({ sku, department, tags })
        .map(({ item }) => item.id);
    expect(found("A", "Food", ["new", "old"])).toEqual(["sku", "department", "tag", "all"]);
    expect(found("B", "Drinks", [])).toEqual(["sku"]);
    expect(found("C", "Drinks", [])).toEqual(["all"]);
  });

  test("[PR9] a later publication changes what is found; one that is unreadable takes it out", () => {
    const shop = createShopBooks();
    const { promotions } = shop;
    const publish = (sequence: number, value: Json) =>
      shop.apply(publicationOf({ topic: "promotions", sequence, items: [{ key: "p", value }] }));
    const found = (sku: string) =>
      promotions.index().offersFor({ sku, department: "", tags: [] }).length;
    publish(1, percentOf("p", { skus: ["A"] }));
    expect([found("A"), found("B")]).toEqual([1, 0]);
    publish(2, percentOf("p", { skus: ["B"] }));
    expect([found("A"), found("B")]).toEqual([0, 1]);
    publish(3, percentOf("p", {}));
    expect([found("A"), found("B")]).toEqual([0, 0]);
    expect(promotions.book.unreadable().map(({ key }) => key)).toEqual(["p"]);
    publish(4, null);
    expect(promotions.index().offers).toEqual([]);
  });
});

/**
 * The books of a shop from what a test is about; everything else is filled in.
 *
 * @module
 */

import type { Json, PublicationItem } from "@tillmesh/kernel";
import { listKey, priceKey, taxKey, type PriceItem } from "../items.ts";
import { createShopBooks, type ShopBooks } from "../shop-books.ts";
import { publicationOf } from "./publication-of.ts";

/** Members that are absent: `each`, tax code `std`, list `standard`, from the beginning, in GBP. */
export interface ShopFacts {
  readonly articles: readonly ({ readonly sku: string } & Facts)[];
  readonly prices: readonly ({ readonly sku: string; readonly priceMinor: number } & Facts)[];
  readonly lists?: readonly ({ readonly list: string } & Facts)[];
  readonly promotions?: readonly ({ readonly id: string } & Facts)[];
  /** Basis points by tax code; `std` is 2,000 unless told otherwise. */
  readonly rates?: Readonly<Record<string, number>>;
}

type Facts = Readonly<Record<string, Json>>;

/** One publication a topic, with ids such as `prices-1`. */
export function booksOf({
  articles,
  prices,
  lists = [],
  promotions = [],
  rates = { std: 2000 },
}: ShopFacts): ShopBooks {
  const books = createShopBooks();
  const publish = (topic: string, items: readonly PublicationItem[]) =>
    books.apply(publicationOf({ topic, id: `${topic}-1`, sequence: 1, items }));
  publish("catalogue", articles.map(articleItem));
  publish("prices", prices.map(priceItem));
  publish("lists", lists.map(listItem));
  publish(
    "promotions",
    promotions.map((value) => ({
      key: value.id,
      value: { name: `Promotion ${value.id}`, ...value },
    })),
  );
  publish("taxes", Object.entries(rates).map(taxItem));
  return books;
}

function articleItem(facts: { readonly sku: string } & Facts): PublicationItem {
  const { sku } = facts;
  const plain = { name: `Name of ${sku}`, barcodes: [], department: "Food", unit: "each" };
  return { key: sku, value: { ...plain, taxCode: "std", ...facts } };
}

function priceItem(facts: { readonly sku: string } & Facts): PublicationItem {
  const value = { list: "standard", effectiveFrom: null, currency: "GBP", ...facts };
  return { key: priceKey(value as unknown as PriceItem), value };
}

function listItem(facts: { readonly list: string } & Facts): PublicationItem {
  const plain = { name: `List ${facts.list}`, basis: "inclusive", locations: null };
  const value = { ...plain, customerGroups: null, priority: 0, ...facts };
  return { key: listKey(value), value };
}

function taxItem([taxCode, rateBp]: readonly [string, number]): PublicationItem {
  return { key: taxKey({ taxCode }), value: { taxCode, name: `Tax ${taxCode}`, rateBp } };
}

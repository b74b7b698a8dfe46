/**
 * A shop for the pricing bench: 100,000 prices, 2,000 articles that are sold, 200 promotions that are all
 * in force, and baskets of 50 lines that many of them want.
 *
 * @module
 */

import type {
  BusinessDate,
  DeviceId,
  Hlc,
  Json,
  Publication,
  PublicationItem,
} from "@tillmesh/kernel";
import {
  createShopBooks,
  localInstant,
  type BasketInput,
  type ShopBooks,
} from "@tillmesh/pricing-core";
import type { PeerBasket } from "./pricing-peers.ts";

export const skuCount = 100_000;
export const promotionCount = 200;
const soldCount = 2_000;
const departmentCount = 40;
const itemsPerPublication = 500;
const date = "2026-11-22" as BusinessDate;

/** Prices of all SKUs, as headquarters publishes them: 500 a publication. */
export function pricePublications(): readonly Publication[] {
  const count = skuCount / itemsPerPublication;
  return Array.from({ length: count }, (_, at) => {
    const indexes = Array.from({ length: itemsPerPublication }, (_one, offset) => offset);
    const items = indexes.map((offset) => priceItem(at * itemsPerPublication + offset));
    return publicationOf("prices", at + 1, items);
  });
}

/** Everything that a basket needs. */
export function pricingBooks(promotionAt: (index: number) => PublicationItem): ShopBooks {
  const books = createShopBooks();
  for (const publication of pricePublications()) books.apply(publication);
  const sold = Array.from({ length: soldCount }, (_, at) => at);
  const promotions = Array.from({ length: promotionCount }, (_, at) => promotionAt(at));
  books.apply(publicationOf("catalogue", 1, sold.map(articleItem)));
  books.apply(publicationOf("taxes", 1, taxItems));
  books.apply(publicationOf("promotions", 1, promotions));
  return books;
}

/** A basket that is a function of `seed`. */
export function basketOf(books: ShopBooks, seed: number, lineCount = 50): BasketInput {
  const at = localInstant(Date.UTC(2026, 10, 22, 12), "Europe/London");
  return {
    lines: soldLines(seed, lineCount).map(({ index, quantity }) => ({
      sku: skuAt(index),
      quantityMilli: quantity * 1000,
    })),
    catalogue: books.catalogue,
    lists: books.lists,
    prices: books.prices,
    taxes: books.taxes,
    businessDate: date,
    currency: "GBP",
    promotions: { published: books.promotions.index(), at, coupons: [] },
  };
}

/** The same basket in the words of the other calculators. */
export function peerBasketOf(seed: number, lineCount = 50): PeerBasket {
  return {
    lines: soldLines(seed, lineCount).map(({ index, quantity }) => ({
      priceMinor: priceAt(index),
      quantity,
      department: departmentAt(index),
      ratePercent: index % 3 === 0 ? 5 : 20,
    })),
    promotions: Array.from({ length: promotionCount }, (_, index) => ({
      id: `promo-${index}`,
      department: departmentAt(index),
      percent: departmentPercentAt(index),
    })),
  };
}

function soldLines(seed: number, count: number) {
  return Array.from({ length: count }, (_, line) => ({
    index: scattered(seed * 64 + line) % soldCount,
    quantity: 1 + (scattered(seed + line * 31) % 3),
  }));
}

function priceAt(index: number): number {
  return 100 + ((index * 37) % 1900);
}

export function skuAt(index: number): string {
  return `SKU${String(index).padStart(6, "0")}`;
}

function departmentAt(index: number): string {
  return `Department ${index % departmentCount}`;
}

/** An integer that looks like none of its neighbours'; the same on every run. */
export function scattered(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 1;
}

const taxItems = [
  { key: "standard", value: { taxCode: "standard", name: "VAT 20 %", rateBp: 2_000 } },
  { key: "reduced", value: { taxCode: "reduced", name: "VAT 5 %", rateBp: 500 } },
];

function publicationOf(topic: string, sequence: number, items: Publication["items"]): Publication {
  return {
    v: 1,
    topic,
    id: `${topic}-${sequence}`,
    epoch: 1,
    publisher: "hq" as DeviceId,
    sequence,
    previous: "",
    actor: "hq",
    at: "2026-11-22T10:00:00.000Z/0000" as Hlc,
    seen: {},
    items,
  };
}

function priceItem(index: number) {
  const sku = skuAt(index);
  const price = { list: "standard", sku, effectiveFrom: null, currency: "GBP" };
  return { key: `standard/${sku}/-`, value: { ...price, priceMinor: priceAt(index) } };
}

function articleItem(index: number) {
  const sku = skuAt(index);
  const taxCode = index % 3 === 0 ? "reduced" : "standard";
  const facts = { sku, name: `Article ${index}`, barcodes: [], unit: "each", taxCode };
  const tags = [`tag-${index % 100}`];
  return { key: sku, value: { ...facts, department: departmentAt(index), tags } };
}

/** Two promotions want each article; six are for a department, four for the whole basket. */
export function usualPromotion(index: number): PublicationItem {
  if (index >= promotionCount - 4) return promotionItem(index, basketRule(index));
  if (index >= promotionCount - 10) {
    const items = { departments: [departmentAt(index)] };
    return promotionItem(index, { kind: "percent", items, percentBp: 500 });
  }
  const tag = { tags: [`tag-${index % 100}`] };
  return promotionItem(index, ruleAt(index + Math.floor(index / 100), tag, tag));
}

/** Kinds take turns, and every basket is one knot: sets and gifts tie departments and tags together. */
export function tangledPromotion(index: number): PublicationItem {
  if (index % 8 === 7) return promotionItem(index, basketRule(index));
  const department = { departments: [departmentAt(index)] };
  return promotionItem(index, ruleAt(index, department, { tags: [`tag-${(index * 3) % 100}`] }));
}

/** Five for each department, and all of them apply: what the calculators of others can do too. */
export function departmentPromotion(index: number): PublicationItem {
  const items = { departments: [departmentAt(index)] };
  const rule = { kind: "percent", items, percentBp: departmentPercentAt(index) * 100 };
  const item = promotionItem(index, rule);
  const value = { id: item.key, name: item.key, stacking: "stackable", group: item.key, rule };
  return { key: item.key, value };
}

export function departmentPercentAt(index: number): number {
  return 1 + (Math.floor(index / departmentCount) % 5);
}

function promotionItem(index: number, rule: Json): PublicationItem {
  const id = `promo-${String(index).padStart(3, "0")}`;
  const stacking = index % 5 === 0 ? "stackable" : "exclusive";
  const group = `group-${index % 4}`;
  return { key: id, value: { id, name: `Promotion ${index}`, stacking, group, rule } };
}

function ruleAt(index: number, wide: Json, narrow: Json): Json {
  const rules: readonly Json[] = [
    { kind: "percent", items: wide, percentBp: 500 + (index % 7) * 100 },
    { kind: "amount", items: narrow, amountMinor: 20 + (index % 5), spread: "each" },
    { kind: "fixed-price", items: narrow, priceMinor: 300 },
    { kind: "x-for-y", items: wide, quantity: 3, payFor: 2 },
    { kind: "buy-get", buy: narrow, buyQuantity: 1, getQuantity: 1, percentBp: 5000 },
    setRule(wide, narrow),
    tiersRule(wide),
  ];
  return rules[index % rules.length] ?? null;
}

function setRule(first: Json, second: Json): Json {
  const parts = [
    { items: first, quantity: 1 },
    { items: second, quantity: 1 },
  ];
  return { kind: "set", parts, reduction: { kind: "percent", percentBp: 1500 } };
}

function tiersRule(items: Json): Json {
  const tiers = [
    { from: 3000, reduction: { kind: "percent", percentBp: 500 } },
    { from: 6000, reduction: { kind: "percent", percentBp: 1000 } },
  ];
  return { kind: "tiers", items, by: "quantity", tiers };
}

function basketRule(index: number): Json {
  const reduction = { kind: "percent", percentBp: 100 + (index % 3) * 50 };
  return { kind: "basket", items: { everything: true }, fromMinor: 5000 + index * 10, reduction };
}

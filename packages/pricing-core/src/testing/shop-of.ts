/**
 * The books of a small shop from a few facts.
 *
 * @module
 */

import type { PublicationItem } from "@tillmesh/kernel";
import { createShopBooks, type ShopBooks } from "../shop-books.ts";
import { publicationOf } from "./publication-of.ts";

export interface Article {
  readonly sku: string;
  readonly taxCode: string;
  /** Absent: the article has no price. */
  readonly priceMinor?: number;
  readonly unit?: string;
  readonly currency?: string;
}

/** One publication each of catalogue, prices and taxes, with the ids `catalogue-1`, `prices-1`, `taxes-1`. */
export function shopOf(
  articles: readonly Article[],
  rateBpByCode: Readonly<Record<string, number>>,
): PriceBooks {
  const shop = createShopBooks();
  const publish = (topic: string, items: readonly PublicationItem[]) =>
    shop.apply(publicationOf({ topic, id: `${topic}-1`, sequence: 1, items }));
  publish("catalogue", articles.map(articleItem));
  publish("prices", articles.flatMap(priceItems));
  publish("taxes", Object.entries(rateBpByCode).map(taxItem));
  const { catalogue, lists, prices, taxes } = shop;
  return { catalogue, lists, prices, taxes };
}

/** The books that a basket is priced by. */
export type PriceBooks = Pick<ShopBooks, "catalogue" | "lists" | "prices" | "taxes">;

function articleItem({ sku, taxCode, unit = "each" }: Article): PublicationItem {
  const name = `Name of ${sku}`;
  return { key: sku, value: { sku, name, barcodes: [], department: "Food", unit, taxCode } };
}

function priceItems({ sku, priceMinor, currency = "GBP" }: Article): readonly PublicationItem[] {
  if (priceMinor === undefined) return [];
  const value = { list: "standard", sku, effectiveFrom: null, priceMinor, currency };
  return [{ key: `standard/${sku}/-`, value }];
}

function taxItem([taxCode, rateBp]: readonly [string, number]): PublicationItem {
  return { key: taxCode, value: { taxCode, name: `Tax ${taxCode}`, rateBp } };
}

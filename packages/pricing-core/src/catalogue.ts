/**
 * The articles in force: by SKU, by barcode, by what a cashier types. SPEC.md §5 (CT).
 *
 * @module
 */

import { createBook, type Book, type InForce } from "./book.ts";
import { catalogueKey, parseCatalogueItem, type CatalogueItem } from "./items.ts";
import { readWithKey } from "./read-with-key.ts";
import { createSearchIndex, type SearchOptions } from "./search-index.ts";

export function createCatalogue(): Catalogue {
  const skusByBarcode = new Map<string, readonly string[]>();
  const index = createSearchIndex();
  let takeAwayCount = 0;
  const book = createBook<CatalogueItem>({
    topic: "catalogue",
    read: readWithKey(parseCatalogueItem, catalogueKey),
    onChange: (sku, now, before) => {
      takeAwayCount += takeAways(now) - takeAways(before);
      for (const barcode of before?.barcodes ?? []) removeSku(skusByBarcode, barcode, sku);
      for (const barcode of now?.barcodes ?? []) addSku(skusByBarcode, barcode, sku);
      if (now === undefined) index.remove(sku);
      else index.set(sku, now.name, now.barcodes);
    },
  });
  const found = (skus: readonly string[]) => skus.flatMap((sku) => book.inForce(sku) ?? []);
  return {
    book,
    bySku: (sku) => book.inForce(sku),
    byBarcode: (barcode) => found(skusByBarcode.get(barcode) ?? []),
    search: (query, options) => found(index.search(query, options)),
    hasTakeAway: () => takeAwayCount > 0,
  };
}

export interface Catalogue {
  readonly book: Book<CatalogueItem>;
  bySku(sku: string): InForce<CatalogueItem> | undefined;
  /** Articles that carry the barcode, by SKU; more than one when HQ gave it twice. */
  byBarcode(barcode: string): readonly InForce<CatalogueItem>[];
  /**
   * Articles that have every word of `query` in name, SKU or a barcode: exact codes first, then
   * names that start with it, then word starts, then the rest; each by name, then SKU.
   */
  search(query: string, options?: SearchOptions): readonly InForce<CatalogueItem>[];
  /** Is there an article that is taxed otherwise when it is taken away? */
  hasTakeAway(): boolean;
}

function takeAways(item: CatalogueItem | undefined): number {
  return item?.taxCodes?.takeAway === undefined ? 0 : 1;
}

function addSku(skusByBarcode: Map<string, readonly string[]>, barcode: string, sku: string): void {
  skusByBarcode.set(barcode, [...(skusByBarcode.get(barcode) ?? []), sku].toSorted());
}

function removeSku(
  skusByBarcode: Map<string, readonly string[]>,
  barcode: string,
  sku: string,
): void {
  const rest = (skusByBarcode.get(barcode) ?? []).filter((other) => other !== sku);
  if (rest.length === 0) skusByBarcode.delete(barcode);
  else skusByBarcode.set(barcode, rest);
}

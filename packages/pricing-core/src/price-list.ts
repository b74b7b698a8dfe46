/**
 * Which price of an article is in force on a business date. SPEC.md §6 (PL), §17 (QB).
 *
 * Prices of one list, article and break are a series by effective date. A scheduled price has a key of
 * its own, so it never displaces today's; nor does a break displace the price below it.
 *
 * @module
 */

import type { BusinessDate } from "@tillmesh/kernel";
import { createBook, type Book, type InForce } from "./book.ts";
import { parsePriceItem, priceKey, standardList, type PriceItem } from "./items.ts";
import { readWithKey } from "./read-with-key.ts";

export function createPriceList(): PriceList {
  const indexByList = new Map<string, ListIndex>();
  const book = createBook<PriceItem>({
    topic: "prices",
    read: readWithKey(parsePriceItem, priceKey),
    onChange: (key, now, before) => {
      if (now !== undefined && before !== undefined) return;
      if (now !== undefined) addKey(indexOf(indexByList, now.list), key, now);
      else if (before !== undefined) removeKey(indexOf(indexByList, before.list), key, before);
    },
  });
  const at = (sku: string, date: BusinessDate, list = standardList) =>
    lastInForce(indexByList.get(list)?.keysBySeries.get(sku) ?? none, { sku, list, date, book });
  return {
    book,
    at,
    reached: (sku, date, { list = standardList, quantityMilli }) => {
      const index = indexByList.get(list);
      const breaks = index?.breaksBySku.get(sku);
      if (index === undefined || breaks === undefined) return at(sku, date, list);
      return breaks
        .filter((minMilli) => minMilli <= quantityMilli)
        .map((minMilli) => index.keysBySeries.get(seriesOf(sku, minMilli)) ?? none)
        .map((keys) => lastInForce(keys, { sku, list, date, book }))
        .reduce(cheaper, at(sku, date, list));
    },
    schedule: (sku, list = standardList) =>
      keysOf(indexByList.get(list), sku).flatMap((key) => book.inForce(key) ?? []),
  };
}

export interface PriceList {
  readonly book: Book<PriceItem>;
  /** Of one unit: the price with the highest `effectiveFrom` that is not after `businessDate` and not over. */
  at(sku: string, businessDate: BusinessDate, list?: string): InForce<PriceItem> | undefined;
  /** Of so much of the article: the lowest of the price of one unit and the breaks that are reached. */
  reached(
    sku: string,
    businessDate: BusinessDate,
    options: PriceOptions,
  ): InForce<PriceItem> | undefined;
  /** All prices of an article, past, present and future, by `effectiveFrom`, then break. */
  schedule(sku: string, list?: string): readonly InForce<PriceItem>[];
}

export interface PriceOptions {
  /** `standard` unless told otherwise. */
  readonly list?: string;
  /** What a basket has of the article in all its lines. */
  readonly quantityMilli: number;
}

/** Negative when `a` costs less per unit than `b`; of equal ones the higher break counts. */
export function byPricePerUnit(
  { value: a }: InForce<PriceItem>,
  { value: b }: InForce<PriceItem>,
): number {
  const left = BigInt(a.priceMinor) * BigInt(b.perMilli ?? 1000);
  const right = BigInt(b.priceMinor) * BigInt(a.perMilli ?? 1000);
  if (left !== right) return left < right ? -1 : 1;
  return (b.minQuantityMilli ?? 0) - (a.minQuantityMilli ?? 0);
}

interface ListIndex {
  /** Sorted keys by `seriesOf`. Most series have one key. */
  readonly keysBySeries: Map<string, readonly string[]>;
  /** Sorted quantities; absent where there is no break. */
  readonly breaksBySku: Map<string, readonly number[]>;
}

const none: readonly string[] = [];

function indexOf(indexByList: Map<string, ListIndex>, list: string): ListIndex {
  const known = indexByList.get(list);
  if (known !== undefined) return known;
  const made: ListIndex = { keysBySeries: new Map(), breaksBySku: new Map() };
  indexByList.set(list, made);
  return made;
}

// No SKU has a line feed.
function seriesOf(sku: string, minQuantityMilli: number | undefined): string {
  return minQuantityMilli === undefined ? sku : `${sku}\n${minQuantityMilli}`;
}

function addKey(index: ListIndex, key: string, { sku, minQuantityMilli }: PriceItem): void {
  const series = seriesOf(sku, minQuantityMilli);
  const keys = index.keysBySeries.get(series);
  index.keysBySeries.set(series, keys === undefined ? [key] : [...keys, key].toSorted());
  if (keys !== undefined || minQuantityMilli === undefined) return;
  const breaks = [...(index.breaksBySku.get(sku) ?? []), minQuantityMilli];
  index.breaksBySku.set(
    sku,
    breaks.toSorted((a, b) => a - b),
  );
}

function removeKey(index: ListIndex, key: string, { sku, minQuantityMilli }: PriceItem): void {
  const series = seriesOf(sku, minQuantityMilli);
  const keys = (index.keysBySeries.get(series) ?? none).filter((other) => other !== key);
  if (keys.length > 0) {
    index.keysBySeries.set(series, keys);
    return;
  }
  index.keysBySeries.delete(series);
  const breaks = index.breaksBySku.get(sku)?.filter((one) => one !== minQuantityMilli);
  if (breaks === undefined) return;
  if (breaks.length === 0) index.breaksBySku.delete(sku);
  else index.breaksBySku.set(sku, breaks);
}

function keysOf(index: ListIndex | undefined, sku: string): readonly string[] {
  if (index === undefined) return none;
  const breaks = index.breaksBySku.get(sku) ?? [];
  const series = [sku, ...breaks.map((minMilli) => seriesOf(sku, minMilli))];
  return series.flatMap((one) => index.keysBySeries.get(one) ?? none).toSorted();
}

interface Search {
  readonly sku: string;
  readonly list: string;
  readonly date: BusinessDate;
  readonly book: Book<PriceItem>;
}

/** The last of a series that has begun on `date` and is not over. */
function lastInForce(keys: readonly string[], search: Search): InForce<PriceItem> | undefined {
  const { sku, list, date, book } = search;
  const dateStart = list.length + sku.length + 2;
  for (let index = countUpTo(keys, dateStart, date) - 1; index >= 0; index -= 1) {
    const price = book.inForce(keys[index] ?? "");
    if (price !== undefined && date <= (price.value.effectiveTo ?? date)) return price;
  }
  return undefined;
}

// Keys of a series differ in their date only, and "-" (from the beginning) sorts before any day.
function countUpTo(keys: readonly string[], dateStart: number, date: BusinessDate): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const from = (keys[middle] ?? "").slice(dateStart, dateStart + date.length);
    if (from <= date) low = middle + 1;
    else high = middle;
  }
  return low;
}

function cheaper(
  best: InForce<PriceItem> | undefined,
  other: InForce<PriceItem> | undefined,
): InForce<PriceItem> | undefined {
  if (best === undefined || other === undefined) return best ?? other;
  return byPricePerUnit(other, best) < 0 ? other : best;
}

/**
 * Lines, promotions and the place they meet, from a few facts.
 *
 * @module
 */

import type { BusinessDate, Hlc, Sku } from "@tillmesh/kernel";
import type { ListedLine } from "../basket/listed-line.ts";
import type { InForce } from "../book.ts";
import type { PromotionContext, PromotionItem } from "../promotions/index.ts";

/** A line of pieces of department `Food` unless told otherwise. */
export function listedLineOf(facts: LineFacts): ListedLine {
  const { sku, priceMinor, count = 1, ...more } = facts;
  return {
    lineId: "1",
    name: `Name of ${sku}`,
    department: "Food",
    tags: [],
    unit: "each",
    quantityMilli: count * 1000,
    unitPriceMinor: priceMinor,
    perMilli: 1000,
    listAmountMinor: priceMinor * count,
    isDiscountable: true,
    taxCode: "std",
    publications: { price: "prices-1", tax: "taxes-1", catalogue: "catalogue-1" },
    ...more,
    sku: sku as Sku,
  };
}

export interface LineFacts extends Partial<Omit<ListedLine, "sku">> {
  readonly sku: string;
  readonly priceMinor: number;
  /** Pieces; 1 unless told otherwise. */
  readonly count?: number;
}

/** With the line ids `"1"`, `"2"` … */
export function listedLinesOf(facts: readonly LineFacts[]): readonly ListedLine[] {
  return facts.map((one, index) => listedLineOf({ lineId: String(index + 1), ...one }));
}

/** Sunday, 22 November 2026, 10:00. Each promotion has the publication `of-<id>`. */
export function dealContextOf(
  promotions: readonly PromotionItem[],
  more: Partial<PromotionContext> = {},
): PromotionContext {
  return {
    promotions: promotions.map(publishedOf),
    at: { date: "2026-11-22" as BusinessDate, time: "10:00", weekday: 7 },
    location: "loc_1",
    currency: "GBP",
    customerGroups: [],
    coupons: [],
    ...more,
  };
}

function publishedOf(value: PromotionItem): InForce<PromotionItem> {
  const at = "2026-11-22T10:00:00.000Z/0000" as Hlc;
  return { value, publication: { id: `of-${value.id}`, sequence: 1, publisher: "hq", at } };
}

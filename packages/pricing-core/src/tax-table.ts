/**
 * The taxes in force on a business date. SPEC.md §7 (TX) and §14 (RT).
 *
 * A scheduled rate has a key of its own, so it never displaces today's.
 *
 * @module
 */

import type { BusinessDate } from "@tillmesh/kernel";
import { createBook, type Book, type InForce } from "./book.ts";
import { parseTaxItem, taxKey, type TaxItem } from "./items.ts";
import { readWithKey } from "./read-with-key.ts";

export function createTaxTable(): TaxTable {
  const datesByCode = new Map<string, readonly BusinessDate[]>();
  const book = createBook<TaxItem>({
    topic: "taxes",
    read: readWithKey(parseTaxItem, taxKey),
    onChange: (_key, now, before) => {
      if (before?.effectiveFrom !== undefined) removeDate(datesByCode, before);
      if (now?.effectiveFrom !== undefined) addDate(datesByCode, now);
    },
  });
  const datesOf = (taxCode: string) => datesByCode.get(taxCode) ?? [];
  return {
    book,
    byCode: (taxCode, businessDate) => {
      const effectiveFrom =
        businessDate && datesOf(taxCode).findLast((date) => date <= businessDate);
      return inForce(book, taxCode, effectiveFrom);
    },
    schedule: (taxCode) =>
      [undefined, ...datesOf(taxCode)].flatMap((date) => inForce(book, taxCode, date) ?? []),
  };
}

export interface TaxTable {
  readonly book: Book<TaxItem>;
  /**
   * The tax with the highest `effectiveFrom` that is not after `businessDate`, else the one without a
   * date; without `businessDate` always the latter.
   */
  byCode(taxCode: string, businessDate?: BusinessDate): InForce<TaxItem> | undefined;
  /** All of a code, past, present and future, by `effectiveFrom`. */
  schedule(taxCode: string): readonly InForce<TaxItem>[];
}

function inForce(
  book: Book<TaxItem>,
  taxCode: string,
  effectiveFrom: BusinessDate | undefined,
): InForce<TaxItem> | undefined {
  const tax = book.inForce(
    taxKey(effectiveFrom === undefined ? { taxCode } : { taxCode, effectiveFrom }),
  );
  // A code may look like a dated key of another one.
  return tax?.value.taxCode === taxCode ? tax : undefined;
}

function addDate(datesByCode: Map<string, readonly BusinessDate[]>, item: TaxItem): void {
  const { taxCode, effectiveFrom } = item;
  if (effectiveFrom === undefined) return;
  datesByCode.set(taxCode, [...(datesByCode.get(taxCode) ?? []), effectiveFrom].toSorted());
}

function removeDate(datesByCode: Map<string, readonly BusinessDate[]>, item: TaxItem): void {
  const rest = (datesByCode.get(item.taxCode) ?? []).filter((date) => date !== item.effectiveFrom);
  if (rest.length === 0) datesByCode.delete(item.taxCode);
  else datesByCode.set(item.taxCode, rest);
}

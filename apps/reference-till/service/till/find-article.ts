/**
 * Which article a line means, and how much of it.
 *
 * @module
 */

import { ok, parseQuantity, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import { refuseFaults } from "./refusals.ts";
import type { Till } from "./till.ts";

/** One of `sku` and `barcode`. */
export interface AskedGoods {
  readonly sku?: string | undefined;
  readonly barcode?: string | undefined;
  /** One unless told otherwise. */
  readonly quantity?: string | undefined;
}

/** The SKU a line means. */
export function resolveArticle(
  till: Till,
  { sku, barcode }: AskedGoods,
  pointer: string,
): Result<string, Refusal> {
  if (sku !== undefined) {
    if (till.books.catalogue.bySku(sku) !== undefined) return ok(sku);
    const detail = `The catalogue held here has no SKU ${JSON.stringify(sku)}.`;
    return refuseFaults([{ pointer: `${pointer}/sku`, code: "UnknownSku", detail }]);
  }
  const found = till.books.catalogue.byBarcode(barcode ?? "");
  const [only] = found;
  if (only !== undefined && found.length === 1) return ok(only.value.sku);
  const detail =
    found.length === 0
      ? `The catalogue held here has no barcode ${JSON.stringify(barcode)}.`
      : `The barcode is given to ${found.map(({ value }) => value.sku).join(", ")}: name the SKU.`;
  return refuseFaults([{ pointer: `${pointer}/barcode`, code: "UnknownSku", detail }]);
}

/** Quantities on the wire are decimal text. */
export function readQuantity(text: string, pointer: string): Result<number, Refusal> {
  const parsed = parseQuantity(text);
  if (parsed.ok) return parsed;
  const detail =
    parsed.error.type === "QuantityFormat"
      ? `${JSON.stringify(text)} is not a decimal number with up to three decimals.`
      : `${text} is too large.`;
  return refuseFaults([{ pointer, code: "InvalidQuantity", detail }]);
}

/**
 * What can be wrong with a basket. SPEC.md §8 (BA).
 *
 * @module
 */

import type { BusinessDate } from "@tillmesh/kernel";

/**
 * `pointer` is relative to the line: `/sku`, `/quantity`, `/openPrice`, `/override`, `/discount` or
 * `/comp`. `sku` is that of the line or of its deposit.
 */
export type LineFault = { readonly pointer: string } & (
  | { readonly code: "UnknownSku"; readonly sku: string }
  | {
      readonly code: "NoPrice";
      readonly sku: string;
      readonly list: string;
      readonly businessDate: BusinessDate;
    }
  | {
      readonly code: "CurrencyMismatch";
      readonly sku: string;
      readonly expected: string;
      readonly found: string;
    }
  | { readonly code: "UnknownTaxCode"; readonly sku: string; readonly taxCode: string }
  | { readonly code: "QuantityNotInteger"; readonly quantityMilli: number }
  | { readonly code: "QuantityNotPositive"; readonly quantityMilli: number }
  | { readonly code: "QuantityTooLarge"; readonly quantityMilli: number; readonly maxMilli: number }
  | { readonly code: "QuantityNotWhole"; readonly quantityMilli: number; readonly unit: string }
  | { readonly code: "AmountTooLarge" }
  | OpenPriceFault
  | ManualFault
);

/** Of an article whose price is typed, or of one whose price is not. */
export type OpenPriceFault =
  | ({ readonly code: "OpenPriceMissing" } & OpenPriceLimits)
  | ({ readonly code: "OpenPriceOutOfRange" } & OpenPriceLimits)
  | { readonly code: "PriceNotOpen"; readonly sku: string };

export type OpenPriceLimits = {
  readonly sku: string;
  readonly minMinor: number;
  readonly maxMinor: number;
};

/** Of what a person decided about a line or the order. */
export type ManualFault =
  /** An amount, percentage, price or reason outside its limits. */
  | { readonly code: "ManualValueInvalid" }
  /** Nothing may be taken off a deposit or a gift card. */
  | { readonly code: "NotDiscountable"; readonly sku: string }
  | {
      readonly code: "DiscountAboveLimit";
      /** Of whoever is at the till. */
      readonly role: string;
      /** What the role may take off, in basis points; for a comp 0. */
      readonly limitBp: number;
      /** Roles that may, sorted; none: nobody. */
      readonly allowedRoles: readonly string[];
    };

/** `pointer` is a JSON pointer into the basket, such as `/lines/0/quantity`. */
export type BasketFault =
  | LineFault
  | ({ readonly pointer: string } & ManualFault)
  | {
      /** The lists of the lines' prices: some contain the tax and some do not. */
      readonly pointer: string;
      readonly code: "TaxBasisMixed";
      readonly inclusive: readonly string[];
      readonly exclusive: readonly string[];
    }
  | { readonly pointer: string; readonly code: "EmptyBasket" }
  | {
      readonly pointer: string;
      readonly code: "TooManyLines";
      readonly count: number;
      readonly linesMax: number;
    };

/** A million units of an article: more is a barcode that was typed as a quantity. */
export const lineQuantityMaxMilli = 1_000_000_000;

/** The unit of articles that are sold in whole pieces. */
const wholeUnit = "each";

/** At most one fault; `unit` undefined: the article is not known. */
export function checkQuantity(
  quantityMilli: number,
  unit: string | undefined,
): readonly LineFault[] {
  const pointer = "/quantity";
  if (!Number.isSafeInteger(quantityMilli)) {
    return [{ pointer, code: "QuantityNotInteger", quantityMilli }];
  }
  if (quantityMilli <= 0) return [{ pointer, code: "QuantityNotPositive", quantityMilli }];
  if (quantityMilli > lineQuantityMaxMilli) {
    return [{ pointer, code: "QuantityTooLarge", quantityMilli, maxMilli: lineQuantityMaxMilli }];
  }
  if (unit === wholeUnit && quantityMilli % 1000 !== 0) {
    return [{ pointer, code: "QuantityNotWhole", quantityMilli, unit }];
  }
  return [];
}

/**
 * A line of a basket with its list price, before any discount and any tax. SPEC.md §8 (BA).
 *
 * What promotions, manual discounts and taxes start from; none of them looks anything up again.
 *
 * @module
 */

import type { Sku } from "@tillmesh/kernel";

/** Amounts are in the basis of the basket: with tax in them (`inclusive`) or without (`exclusive`). */
export type ListedLine = {
  /** `"1"`, `"2"` … in the order of the basket; the deposit of line `"2"` is `"2.1"`. */
  readonly lineId: string;
  readonly sku: Sku;
  readonly name: string;
  readonly department: string;
  readonly tags: readonly string[];
  readonly unit: string;
  /** More than 0. */
  readonly quantityMilli: number;
  /** The price that is used: of `perMilli` thousandths of the unit. */
  readonly unitPriceMinor: number;
  /** 1000 unless the price says otherwise. */
  readonly perMilli: number;
  /** Price x quantity, rounded once, before any discount. */
  readonly listAmountMinor: number;
  /** False for what no discount may lower: deposits, gift cards that are sold. */
  readonly isDiscountable: boolean;
  readonly taxCode: string;
  /** Ids of the publications that say what the article costs, is taxed and is. */
  readonly publications: {
    readonly price: string;
    readonly tax: string;
    readonly catalogue: string;
  };
};

/** Whether prices and discounts of a basket have the tax in them. A basket has one basis. */
export type TaxBasis = "inclusive" | "exclusive";

/**
 * What goes into the tax engine and what comes out. SPEC.md §13 (LT).
 *
 * @module
 */

import type { TaxBasis } from "../basket/listed-line.ts";
import type { TaxSummaryRow } from "./line-tax.ts";
import type { RoundingMode } from "../rounding.ts";
import type { TaxCategory, TaxRule } from "./tax-rule.ts";

/**
 * A line without its taxes. Amounts are in the basis of the policy; one that is returned has negative
 * amounts and a negative quantity.
 */
export type TaxableLine = {
  readonly lineId: string;
  readonly quantityMilli: number;
  /** What is left after all discounts. */
  readonly amountMinor: number;
  /** Before all discounts. */
  readonly listAmountMinor: number;
  readonly tax: TaxRule;
};

export type TaxPolicy = {
  /** `inclusive`: amounts contain the taxes. */
  readonly basis: TaxBasis;
  /**
   * `rate`: each tax once per rate over the basket, spread over its lines. `line`: at each line.
   * `unit`: at one unit, times whole units; a line that has no whole units is rounded as one.
   */
  readonly point: "rate" | "line" | "unit";
  readonly mode: RoundingMode;
  /** `after-tax`: the undiscounted amount is taxed, the discount comes off what is paid. `before-tax` unless told otherwise. */
  readonly discounts?: "before-tax" | "after-tax";
};

/** `grossMinor` is what the customer pays: net and tax. */
export type TaxedLine = {
  readonly lineId: string;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly grossMinor: number;
  /** One per component of the line's rule, in its order. */
  readonly taxes: readonly LineTax[];
};

export type LineTax = {
  readonly id: string;
  readonly name: string;
  readonly category: TaxCategory;
  readonly rateBp: number;
  readonly perUnitMinor: number;
  /** What the rate applies to: the net, of a compound tax with the taxes before it. */
  readonly baseMinor: number;
  readonly taxMinor: number;
};

/** Lines in the order in which they came; totals are the sums of the lines. */
export type TaxedBasket = {
  readonly lines: readonly TaxedLine[];
  /** By component id, then rate. */
  readonly rows: readonly TaxSummaryRow[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly grossMinor: number;
};

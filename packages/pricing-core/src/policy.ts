/**
 * Where amounts are rounded, and how: named, so that a receipt can be recomputed. SPEC.md §8 (BA).
 *
 * @module
 */

import type { TaxBasis } from "./basket/listed-line.ts";
import type { RoundingMode } from "./rounding.ts";
import type { TaxPolicy } from "./tax/taxed-basket.ts";

export interface PricingPolicy {
  readonly name: string;
  /** Unless the price lists of a basket say otherwise. */
  readonly taxBasis: TaxBasis;
  /** The product of unit price and quantity is rounded, once per line. */
  readonly line: { readonly point: "product"; readonly mode: RoundingMode };
  readonly tax: Omit<TaxPolicy, "basis">;
  /** What is paid for an exempt line with tax-inclusive price: the price without the tax, or the price. `net` unless told otherwise. */
  readonly exemptPays?: "net" | "gross";
}

/** The part of the policy that `taxBasket` follows, for a basket of this basis. */
export function taxPolicyOf(policy: PricingPolicy, basis: TaxBasis = policy.taxBasis): TaxPolicy {
  return { ...policy.tax, basis };
}

export const inclusivePerRate: PricingPolicy = {
  name: "inclusive-per-rate",
  taxBasis: "inclusive",
  line: { point: "product", mode: "half-up" },
  tax: { point: "rate", mode: "half-up" },
};

export const inclusivePerLine: PricingPolicy = {
  name: "inclusive-per-line",
  taxBasis: "inclusive",
  line: { point: "product", mode: "half-up" },
  tax: { point: "line", mode: "half-up" },
};

export const inclusivePerUnit: PricingPolicy = {
  name: "inclusive-per-unit",
  taxBasis: "inclusive",
  line: { point: "product", mode: "half-up" },
  tax: { point: "unit", mode: "half-up" },
};

export const exclusivePerRate: PricingPolicy = {
  name: "exclusive-per-rate",
  taxBasis: "exclusive",
  line: { point: "product", mode: "half-up" },
  tax: { point: "rate", mode: "half-up" },
};

export const exclusivePerLine: PricingPolicy = {
  name: "exclusive-per-line",
  taxBasis: "exclusive",
  line: { point: "product", mode: "half-up" },
  tax: { point: "line", mode: "half-up" },
};

export const exclusivePerUnit: PricingPolicy = {
  name: "exclusive-per-unit",
  taxBasis: "exclusive",
  line: { point: "product", mode: "half-up" },
  tax: { point: "unit", mode: "half-up" },
};

/**
 * A sale and what was given back of it, as a ledger has them. SPEC.md §21 (GB).
 *
 * @module
 */

import type { Sku } from "@tillmesh/kernel";

/** Members with a question mark are absent where they say nothing. No amount is negative. */
export type SoldLine = {
  readonly lineId: string;
  readonly sku: Sku;
  readonly name: string;
  readonly quantityMilli: number;
  /** What was paid: discounts off, taxes in. */
  readonly amountMinor: number;
  readonly taxCode: string;
  readonly rateBp: number;
  readonly taxMinor: number;
  /** Before discounts, in the basis of the sale. */
  readonly listAmountMinor?: number;
  readonly discounts?: readonly SoldDiscount[];
  readonly taxes?: readonly SoldTax[];
  /** The deposit of this line goes back with it. */
  readonly linkedTo?: string;
};

export type SoldDiscount = {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly amountMinor: number;
  readonly publication: string | null;
};

export type SoldTax = {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly rateBp: number;
  readonly perUnitMinor: number;
  readonly baseMinor: number;
  readonly taxMinor: number;
};

export type SoldTaxRow = {
  readonly taxCode: string;
  readonly name: string;
  readonly rateBp: number;
  readonly grossMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly category?: string;
  readonly perUnitMinor?: number;
  readonly isCompound?: boolean;
  readonly baseMinor?: number;
};

export type SoldTender = {
  readonly kind: string;
  readonly amountMinor: number;
  readonly tipMinor?: number;
  readonly reference?: string;
};

/** Tenders less change = total + rounding + tip. */
export type SoldSale = {
  readonly lines: readonly SoldLine[];
  readonly totalMinor: number;
  readonly taxes: readonly SoldTaxRow[];
  readonly tenders: readonly SoldTender[];
  readonly changeMinor: number;
  readonly roundingMinor?: number;
  /** Absent: list amounts and discounts have the tax in them. */
  readonly basis?: "exclusive";
};

/** Signed: what a kept line costs less now. */
export type RepricedPart = {
  readonly lineId: string;
  readonly amountMinor: number;
  readonly taxCode: string;
  readonly rateBp: number;
  readonly taxMinor: number;
  readonly taxes?: readonly SoldTax[];
};

/** A refund or reversal: its tenders = total + rounding + tips. */
export type GivenBackSale = {
  readonly lines: readonly SoldLine[];
  readonly repriced?: readonly RepricedPart[];
  readonly totalMinor: number;
  readonly tenders: readonly SoldTender[];
  readonly roundingMinor?: number;
};

/** The line of a service charge: it goes back in the proportion of everything else. */
export const serviceLine = "service";

/**
 * What is offered for a basket, and how it is settled. SPEC.md §19 (TN).
 *
 * @module
 */

import type { CashRounding } from "./cash-rounding.ts";

/** What is to be paid. `cashRounding` null: cash is taken as it is. */
export interface Due {
  readonly totalMinor: number;
  /** The basket's. */
  readonly currency: string;
  readonly cashRounding: CashRounding | null;
}

export const tenderKinds = [
  "cash",
  "foreign-cash",
  "card",
  "voucher",
  "gift-card",
  "on-account",
] as const;

export type TenderKind = (typeof tenderKinds)[number];

export type Tender = {
  readonly kind: TenderKind;
  /** In the currency of the basket. Of a voucher its face; of foreign cash 0, or what `foreign` is worth. */
  readonly amountMinor: number;
  /** Of a card or cash: the part of `amountMinor` that is a tip. */
  readonly tipMinor?: number;
  /** The voucher or gift card, or the customer of the account. */
  readonly reference?: string;
  readonly foreign?: ForeignCash;
};

/** `rate` is minor units of the basket's currency for one minor unit of this one; both are positive. */
export type ForeignCash = {
  readonly currency: string;
  readonly amountMinor: number;
  readonly rate: { readonly numerator: number; readonly denominator: number };
};

/** What may be taken here and now. */
export interface TenderLimits {
  /** All kinds unless told otherwise. */
  readonly kinds?: readonly TenderKind[];
  /** What becomes of the rest of a voucher; a new voucher unless told otherwise. */
  readonly voucherChange?: VoucherChange;
  /** Nothing of vouchers and gift cards can be spent without it. */
  readonly storedValue?: StoredValueLimits;
}

export type VoucherChange = "voucher" | "cash" | "forfeited";

/** What this device may take of stored value without asking anybody. */
export interface StoredValueLimits {
  /** By reference: the part that is this device's alone to spend. */
  readonly rightsMinor: Readonly<Record<string, number>>;
  /** What it may take beyond its rights, in all, at the risk of the shop. */
  readonly riskBudgetMinor: number;
}

/** As it is recorded: sum of `tenders` - `changeMinor` = total + `roundingMinor` + `tipMinor`. */
export interface Settlement {
  /** In the order they were offered. */
  readonly tenders: readonly SettledTender[];
  /** All that was offered, the faces of vouchers included. */
  readonly tenderedMinor: number;
  /** Due + rounding is what is settled: negative where the customer pays less. */
  readonly roundingMinor: number;
  /** In cash of the location, whatever was offered. */
  readonly changeMinor: number;
  /** As a new voucher. */
  readonly voucherChangeMinor: number;
  /** What of the vouchers is kept by the shop. */
  readonly forfeitedMinor: number;
  readonly tipMinor: number;
  /** What the vouchers and gift cards cost of rights and budget, by reference. */
  readonly storedValue: readonly StoredValueUse[];
}

/** A sale entry takes it over as it is. */
export type SettledTender = {
  readonly kind: TenderKind;
  /** What it pays, its tip included; of cash all that was handed over. */
  readonly amountMinor: number;
  readonly reference?: string;
  readonly tipMinor?: number;
  /** The face of a voucher, where less than that was used. */
  readonly offeredMinor?: number;
  /** What became of the rest of the face. */
  readonly changeKind?: "voucher" | "forfeited";
  readonly foreign?: ForeignCash;
};

export interface StoredValueUse {
  readonly kind: "voucher" | "gift-card";
  readonly reference: string;
  readonly fromRightsMinor: number;
  readonly atRiskMinor: number;
}

export type SettleError =
  | { readonly type: "Tenders"; readonly faults: readonly TenderFault[] }
  | Underpaid;

/** `missingMinor` is after rounding, where cash is offered; `missingInCashMinor` is what coins would have to pay. */
export interface Underpaid {
  readonly type: "Underpaid";
  readonly totalMinor: number;
  readonly tenderedMinor: number;
  readonly missingMinor: number;
  readonly missingInCashMinor: number;
}

/** `pointer` is a JSON pointer, such as `/tenders/0/amount`. */
export type TenderFault = { readonly pointer: string } & (
  | { readonly code: "UnknownTender"; readonly kind: string }
  | { readonly code: "TenderNotPositive"; readonly amountMinor: number }
  | { readonly code: "TooManyTenders"; readonly count: number; readonly tendersMax: number }
  | { readonly code: "AmountTooLarge" }
  | { readonly code: "ReferenceRequired" }
  /** Only a card and cash carry a tip, and no more than their amount. */
  | { readonly code: "TipNotTaken"; readonly tipMinor: number; readonly tipMaxMinor: number }
  | { readonly code: "ForeignRequired" }
  | { readonly code: "ForeignNotTaken" }
  | { readonly code: "InvalidForeign"; readonly member: "currency" | "amount" | "rate" }
  | {
      readonly code: "ForeignAmountDiffers";
      readonly amountMinor: number;
      readonly worthMinor: number;
    }
  /** A card, gift card or account is charged no more than what is due, and no voucher is taken for nothing. */
  | { readonly code: "BeyondDue"; readonly amountMinor: number; readonly dueMinor: number }
  | {
      readonly code: "StoredValueNotCovered";
      readonly reference: string;
      readonly amountMinor: number;
      /** What is left of this device's rights to it. */
      readonly rightsMinor: number;
      /** What is left of the budget for what cannot be verified. */
      readonly riskBudgetMinor: number;
    }
);

export const tendersMax = 20;

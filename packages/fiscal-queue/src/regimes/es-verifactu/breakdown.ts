/**
 * The breakdown by tax rate and kind of operation (Desglose). SPEC.md §10 (RES).
 *
 * @module
 */

import { sumSafe } from "@tillmesh/kernel";
import type { ReceiptTax } from "../../receipt.ts";
import type { Settings } from "./settings.ts";

export interface Detail {
  readonly regimeKey: string;
  /** S1, S2, N1, N2; or E1 to E8. */
  readonly operation: string;
  readonly rateBp: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  /** Recargo de equivalencia on top, where there is one. */
  readonly surchargeBp: number;
  readonly surchargeMinor: number;
}

/** One entry for each kind of operation and rate, in the order in which they first stand in `taxes`. */
export function breakdownOf(
  taxes: readonly ReceiptTax[],
  settings: Settings,
  regimeKey: string,
): readonly Detail[] {
  const details = new Map<string, Detail>();
  const isSurcharge = (tax: ReceiptTax): boolean => isSurchargeEntry(tax, settings);
  for (const tax of taxes.filter((entry) => !isSurcharge(entry))) {
    const detail = detailOf(tax, settings, regimeKey);
    const key = `${detail.operation} ${detail.rateBp}`;
    details.set(key, added(details.get(key), detail));
  }
  for (const tax of taxes.filter(isSurcharge)) {
    const key = `S1 ${surchargeRates[tax.rateBp]}`;
    const detail = details.get(key);
    if (detail !== undefined) details.set(key, withSurcharge(detail, tax));
  }
  return [...details.values()];
}

/** A surcharge stands among the taxes as an entry of its own rate and no net amount. */
export function isSurchargeEntry(tax: ReceiptTax, { tax: impuesto }: Settings): boolean {
  return impuesto === "01" && tax.netMinor === 0 && surchargeRates[tax.rateBp] !== undefined;
}

export function isTaxed({ operation }: Detail): boolean {
  return operation === "S1" || operation === "S2";
}

/** The tax of all entries, surcharges included; `undefined` past what an integer holds. */
export function taxTotalOf(details: readonly Detail[]): number | undefined {
  const sum = sumSafe(details.flatMap((detail) => [detail.taxMinor, detail.surchargeMinor]));
  return sum.ok ? sum.value : undefined;
}

/** The VAT rate that a surcharge goes with, both in basis points. */
export const surchargeRates: Readonly<Record<number, number>> = {
  520: 2100,
  175: 2100,
  140: 1000,
  50: 400,
};

function detailOf(tax: ReceiptTax, settings: Settings, regimeKey: string): Detail {
  const { operation, key } = operationOf(tax, settings);
  const isPlain = operation === "S1";
  return {
    regimeKey: key ?? regimeKey,
    operation,
    rateBp: isPlain ? tax.rateBp : 0,
    netMinor: tax.netMinor,
    taxMinor: tax.taxMinor,
    surchargeBp: 0,
    surchargeMinor: 0,
  };
}

// Exports are exempt by article 21 and have a key of their own; deliveries within the EU by article 25.
function operationOf(
  { category }: ReceiptTax,
  settings: Settings,
): { readonly operation: string; readonly key?: string } {
  switch (category) {
    case "S":
    case "Z":
      return { operation: "S1" };
    case "AE":
      return { operation: "S2" };
    case "E":
      return { operation: settings.exemption };
    case "K":
      return { operation: "E5" };
    case "G":
      return { operation: "E2", key: "02" };
    case "O":
      return { operation: settings.outOfScope };
    default:
      return category satisfies never;
  }
}

function added(before: Detail | undefined, detail: Detail): Detail {
  if (before === undefined) return detail;
  return {
    ...before,
    netMinor: before.netMinor + detail.netMinor,
    taxMinor: before.taxMinor + detail.taxMinor,
  };
}

function withSurcharge(detail: Detail, tax: ReceiptTax): Detail {
  const surchargeMinor = detail.surchargeMinor + tax.taxMinor;
  return { ...detail, surchargeBp: tax.rateBp, surchargeMinor };
}

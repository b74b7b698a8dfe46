/**
 * The totals of a receipt or invoice by EN 16931. SPEC.md §15 (EI).
 *
 * They add amounts that are rounded already, and are not rounded again. Two receipts with the same lines
 * cannot differ in a total.
 *
 * @module
 */

import { ok, sumSafe, type OverflowError, type Result } from "@tillmesh/kernel";

/** Absent members are 0. Amounts are in minor units; those of a credit note are positive too. */
export function documentTotals(amounts: DocumentAmounts): Result<DocumentTotals, OverflowError> {
  const { lineNetsMinor, allowancesMinor = [], chargesMinor = [] } = amounts;
  const { taxMinor, paidMinor = 0, roundingMinor = 0 } = amounts;
  const lines = sumSafe(lineNetsMinor);
  const allowances = sumSafe(allowancesMinor);
  const charges = sumSafe(chargesMinor);
  if (!lines.ok) return lines;
  if (!allowances.ok) return allowances;
  if (!charges.ok) return charges;
  const sums = {
    linesMinor: lines.value,
    allowancesMinor: allowances.value,
    chargesMinor: charges.value,
  };
  return withDue({ ...sums, taxMinor, paidMinor, roundingMinor });
}

export interface DocumentAmounts {
  readonly lineNetsMinor: readonly number[];
  /** On the document, positive. */
  readonly allowancesMinor?: readonly number[];
  /** On the document, positive. */
  readonly chargesMinor?: readonly number[];
  readonly taxMinor: number;
  /** Vouchers that were sold as money, deposits, what was paid before. */
  readonly paidMinor?: number;
  /** Of cash: what is added to what is due, or taken off it. */
  readonly roundingMinor?: number;
}

export type DocumentTotals = {
  /** BT-106, the sum of the lines' net amounts. */
  readonly linesMinor: number;
  /** BT-107 */
  readonly allowancesMinor: number;
  /** BT-108 */
  readonly chargesMinor: number;
  /** BT-109 = BT-106 - BT-107 + BT-108 */
  readonly withoutTaxMinor: number;
  /** BT-110 */
  readonly taxMinor: number;
  /** BT-112 = BT-109 + BT-110 */
  readonly withTaxMinor: number;
  /** BT-113 */
  readonly paidMinor: number;
  /** BT-114 */
  readonly roundingMinor: number;
  /** BT-115 = BT-112 - BT-113 + BT-114 */
  readonly dueMinor: number;
};

type Sums = Omit<DocumentTotals, "withoutTaxMinor" | "withTaxMinor" | "dueMinor">;

function withDue(sums: Sums): Result<DocumentTotals, OverflowError> {
  const { linesMinor, allowancesMinor, chargesMinor, taxMinor, paidMinor, roundingMinor } = sums;
  const withoutTax = sumSafe([linesMinor, -allowancesMinor, chargesMinor]);
  if (!withoutTax.ok) return withoutTax;
  const withTax = sumSafe([withoutTax.value, taxMinor]);
  if (!withTax.ok) return withTax;
  const due = sumSafe([withTax.value, -paidMinor, roundingMinor]);
  if (!due.ok) return due;
  return ok({
    linesMinor,
    allowancesMinor,
    chargesMinor,
    withoutTaxMinor: withoutTax.value,
    taxMinor,
    withTaxMinor: withTax.value,
    paidMinor,
    roundingMinor,
    dueMinor: due.value,
  });
}

/**
 * An invoice recomputed from its facts by the arithmetic of EN 16931. SPEC.md §15 (EI).
 *
 * Line net = price / base quantity x quantity, rounded, with each allowance and charge rounded on its own.
 * Tax = rate x (lines + charges - allowances of one category and rate), rounded once. All half up. What
 * is zero rated, exempt, outside the scope, reverse charged or exported bears none.
 *
 * @module
 */

import { err, ok, sumSafe, type OverflowError, type Result } from "@tillmesh/kernel";
import { decimalKey, hundred, oneDecimal, roundedMinor, type Decimal } from "./decimal.ts";
import { documentTotals, type DocumentTotals } from "./document-totals.ts";
import type { TaxCategory } from "./tax-rule.ts";

/** Every amount of the invoice, in minor units. */
export function computeInvoice(facts: InvoiceFacts): Result<ComputedInvoice, InvoiceError> {
  const stray = facts.lines.findIndex(({ baseQuantity = oneDecimal }) => baseQuantity.units <= 0n);
  if (stray !== -1) return err({ type: "BaseQuantity", line: stray });
  const exact = exactAmounts(facts);
  const wide = allOf(exact).find((amount) => !Number.isSafeInteger(Number(amount)));
  if (wide !== undefined) return err({ type: "Overflow", value: String(wide) });
  const amounts = safeAmounts(exact);
  const tax = sumSafe(amounts.breakdown.map(({ taxMinor }) => taxMinor));
  if (!tax.ok) return tax;
  const totals = documentTotals({
    ...amounts,
    lineNetsMinor: amounts.lines.map(({ netMinor }) => netMinor),
    taxMinor: tax.value,
    paidMinor: Number(exact.paid),
    roundingMinor: Number(exact.rounding),
  });
  return totals.ok ? ok({ ...amounts, totals: totals.value }) : totals;
}

export interface InvoiceFacts {
  /** Of an amount; prices, quantities and percentages have as many as they need. */
  readonly decimals: number;
  readonly lines: readonly InvoiceLine[];
  readonly allowances?: readonly DocumentAdjustment[];
  readonly charges?: readonly DocumentAdjustment[];
  /** BT-113. */
  readonly paid?: Decimal;
  /** BT-114. */
  readonly rounding?: Decimal;
}

export interface InvoiceLine {
  readonly quantity: Decimal;
  /** The net price, of `baseQuantity` units. */
  readonly price: Decimal;
  /** 1 unless told otherwise; more than 0. */
  readonly baseQuantity?: Decimal;
  readonly tax: InvoiceTax;
  readonly allowances?: readonly Adjustment[];
  readonly charges?: readonly Adjustment[];
}

export interface InvoiceTax {
  /** Besides those of a till: split payment (B), and the taxes of the Canaries (L), Ceuta and Melilla (M). */
  readonly category: TaxCategory | "B" | "L" | "M";
  readonly percent: Decimal;
}

/** An amount, or a percentage of a base. */
export type Adjustment =
  | { readonly amount: Decimal }
  | { readonly base: Decimal; readonly percent: Decimal };

export type DocumentAdjustment = Adjustment & { readonly tax: InvoiceTax };

export interface ComputedInvoice {
  readonly lines: readonly {
    readonly netMinor: number;
    readonly allowancesMinor: readonly number[];
    readonly chargesMinor: readonly number[];
  }[];
  readonly allowancesMinor: readonly number[];
  readonly chargesMinor: readonly number[];
  /** In the order in which categories and rates first appear: lines, charges, allowances. */
  readonly breakdown: readonly InvoiceTaxRow[];
  readonly totals: DocumentTotals;
}

export interface InvoiceTaxRow {
  readonly tax: InvoiceTax;
  readonly taxableMinor: number;
  readonly taxMinor: number;
}

/** `line` counts from 0. */
export type InvoiceError = OverflowError | { readonly type: "BaseQuantity"; readonly line: number };

interface ExactLine {
  readonly tax: InvoiceTax;
  readonly net: bigint;
  readonly allowances: readonly bigint[];
  readonly charges: readonly bigint[];
}

interface ExactRow {
  readonly tax: InvoiceTax;
  readonly taxable: bigint;
  readonly amount: bigint;
}

interface ExactAmounts {
  readonly lines: readonly ExactLine[];
  readonly allowances: readonly bigint[];
  readonly charges: readonly bigint[];
  readonly rows: readonly ExactRow[];
  readonly paid: bigint;
  readonly rounding: bigint;
}

function exactAmounts(facts: InvoiceFacts): ExactAmounts {
  const { decimals, allowances = [], charges = [], paid = zero, rounding = zero } = facts;
  const lines = facts.lines.map((line) => exactLine(line, decimals));
  const off = allowances.map((one) => ({ tax: one.tax, net: -adjustmentMinor(one, decimals) }));
  const added = charges.map((one) => ({ tax: one.tax, net: adjustmentMinor(one, decimals) }));
  return {
    lines,
    allowances: off.map(({ net }) => -net),
    charges: added.map(({ net }) => net),
    rows: rowsOf([...lines, ...added, ...off]),
    paid: roundedMinor([paid], oneDecimal, decimals),
    rounding: roundedMinor([rounding], oneDecimal, decimals),
  };
}

const zero: Decimal = { units: 0n, scale: 0 };

function exactLine(line: InvoiceLine, decimals: number): ExactLine {
  const { quantity, price, baseQuantity = oneDecimal, tax } = line;
  const allowances = (line.allowances ?? []).map((one) => adjustmentMinor(one, decimals));
  const charges = (line.charges ?? []).map((one) => adjustmentMinor(one, decimals));
  const amount = roundedMinor([price, quantity], baseQuantity, decimals);
  return { tax, net: amount + sumOf(charges) - sumOf(allowances), allowances, charges };
}

function adjustmentMinor(adjustment: Adjustment, decimals: number): bigint {
  if ("amount" in adjustment) return roundedMinor([adjustment.amount], oneDecimal, decimals);
  return roundedMinor([adjustment.base, adjustment.percent], hundred, decimals);
}

function rowsOf(parts: readonly Pick<ExactLine, "tax" | "net">[]): readonly ExactRow[] {
  const rows = new Map<string, Pick<ExactLine, "tax" | "net">>();
  for (const { tax, net } of parts) {
    const key = `${tax.category} ${decimalKey(tax.percent)}`;
    const row = rows.get(key) ?? { tax, net: 0n };
    rows.set(key, { tax: row.tax, net: row.net + net });
  }
  return [...rows.values()].map(({ tax, net }) => {
    const percent = isTaxed(tax.category) ? tax.percent : zero;
    const amount = roundedMinor([{ units: net, scale: 0 }, percent], hundred, 0);
    return { tax, taxable: net, amount };
  });
}

function isTaxed(category: InvoiceTax["category"]): boolean {
  return category === "S" || category === "B" || category === "L" || category === "M";
}

function allOf({ lines, allowances, charges, rows, paid, rounding }: ExactAmounts): bigint[] {
  return [
    ...lines.flatMap((line) => [line.net, ...line.allowances, ...line.charges]),
    ...allowances,
    ...charges,
    ...rows.flatMap(({ taxable, amount }) => [taxable, amount]),
    paid,
    rounding,
  ];
}

function safeAmounts(exact: ExactAmounts): Omit<ComputedInvoice, "totals"> {
  return {
    lines: exact.lines.map(({ net, allowances, charges }) => ({
      netMinor: Number(net),
      allowancesMinor: allowances.map(Number),
      chargesMinor: charges.map(Number),
    })),
    allowancesMinor: exact.allowances.map(Number),
    chargesMinor: exact.charges.map(Number),
    breakdown: exact.rows.map(({ tax, taxable, amount }) => ({
      tax,
      taxableMinor: Number(taxable),
      taxMinor: Number(amount),
    })),
  };
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

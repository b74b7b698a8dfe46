/**
 * The receipt numbers of a till: no gap, no duplicate. SPEC.md §7 (RN).
 *
 * `K7QF-2-000043` is the 43rd of the second incarnation of the till with code K7QF.
 * Sales, refunds and reversals share the series.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import { compareText, refOf } from "./chain.ts";
import type { ReceiptException } from "./exceptions.ts";
import type { ReadEntry } from "./parse-entry-body.ts";
import type { Step } from "./step.ts";

/** The last number given, by `code-incarnation`. */
export type ReceiptSeries = Readonly<Record<string, number>>;

export const noReceipts: ReceiptSeries = {};

export interface ReceiptNumber {
  readonly code: string;
  readonly incarnation: number;
  readonly number: number;
}

export function formatReceiptNumber({ code, incarnation, number }: ReceiptNumber): string {
  assert(number >= 1 && incarnation >= 1, "receipts count from 1");
  return `${code}-${incarnation}-${String(number).padStart(digits, "0")}`;
}

/** `null` for anything else than what `formatReceiptNumber` writes. */
export function parseReceiptNumber(text: string): ReceiptNumber | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, code = "", incarnation = "", number = ""] = match;
  const parsed = { code, incarnation: Number(incarnation), number: Number(number) };
  const isSafe = Number.isSafeInteger(parsed.number) && Number.isSafeInteger(parsed.incarnation);
  return isSafe && parsed.number >= 1 && formatReceiptNumber(parsed) === text ? parsed : null;
}

export function nextReceiptNumber(
  series: ReceiptSeries,
  code: string,
  incarnation: number,
): string {
  const last = series[`${code}-${incarnation}`] ?? 0;
  return formatReceiptNumber({ code, incarnation, number: last + 1 });
}

/** Both must be receipt numbers: by incarnation, then number, then code. */
export function compareReceipts(a: string, b: string): number {
  const x = parseReceiptNumber(a);
  const y = parseReceiptNumber(b);
  assert(x !== null && y !== null, "only receipt numbers are compared");
  return x.incarnation - y.incarnation || x.number - y.number || compareText(x.code, y.code);
}

export function receiptNumberOf(read: ReadEntry): string | null {
  const isReceipt = read.kind === "sale" || read.kind === "refund" || read.kind === "reversal";
  return isReceipt ? read.body.receiptNumber : null;
}

export function stepReceipts(
  series: ReceiptSeries,
  read: ReadEntry,
): Step<ReceiptSeries, ReceiptException> {
  const receiptNumber = receiptNumberOf(read);
  if (receiptNumber === null) return { state: series, raised: [] };
  const entry = refOf(read.entry);
  const parsed = parseReceiptNumber(receiptNumber);
  if (parsed === null || parsed.incarnation !== entry.incarnation) {
    return { state: series, raised: [{ type: "ReceiptForeign", entry, receiptNumber }] };
  }
  const key = `${parsed.code}-${parsed.incarnation}`;
  const last = series[key] ?? 0;
  if (parsed.number <= last) {
    return { state: series, raised: [{ type: "ReceiptRepeated", entry, receiptNumber }] };
  }
  const expected = formatReceiptNumber({ ...parsed, number: last + 1 });
  return {
    state: { ...series, [key]: parsed.number },
    raised:
      parsed.number === last + 1 ? [] : [{ type: "ReceiptGap", entry, receiptNumber, expected }],
  };
}

const digits = 6;
const pattern = /^([0-9A-Z]{4})-([1-9]\d{0,8})-(\d{6,15})$/;

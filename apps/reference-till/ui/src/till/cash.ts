/**
 * Amounts a customer is likely to hand over, and what was keyed on the number pad.
 *
 * @module
 */

import { currencyDecimals } from "@tillmesh/pricing-core";

/** Up to four notes or round sums above the total, smallest first; never the total itself. */
export function likelyTenders(totalMinor: number, currency: string): readonly number[] {
  const unit = 10 ** Math.max(2, currencyDecimals(currency));
  const steps = [1, 5, 10, 20, 50, 100].map((step) => step * unit);
  const rounded = steps.map((step) => Math.ceil(totalMinor / step) * step);
  const above = new Set(rounded.filter((minor) => minor > totalMinor));
  return [...above].toSorted((a, b) => a - b).slice(0, 4);
}

/** Digits fill from the right, as on a till: 3, 7, 0 is 3.70. */
export function pressDigits(minor: number, key: string): number {
  if (key === "back") return Math.floor(minor / 10);
  if (key === "clear") return 0;
  if (!/^\d{1,2}$/.test(key)) return minor;
  const next = minor * 10 ** key.length + Number(key);
  return next > amountMaxMinor ? minor : next;
}

/** A decimal quantity as it is keyed: digits, one point, three decimals. */
export function pressQuantity(text: string, key: string): string {
  if (key === "back") return text.slice(0, -1);
  if (key === "clear") return "";
  const next = text === "0" && /^\d/.test(key) ? key : text + key;
  return /^\d{0,6}(\.\d{0,3})?$/.test(next) ? next : text;
}

const amountMaxMinor = 9_999_999_99;

/**
 * An amount of one currency in its minor unit. SPEC.md §1 (MN).
 *
 * Stored as a safe integer; what does not fit is refused, never rounded.
 *
 * @module
 */

import { err, sumSafe, type OverflowError, type Result } from "@tillmesh/kernel";

export type Money = {
  readonly minor: number;
  /** ISO 4217, three capitals. */
  readonly currency: string;
};

export function addMoney(a: Money, b: Money): Result<Money, MoneyError> {
  return sumMoney([a, b], a.currency);
}

export function subtractMoney(a: Money, b: Money): Result<Money, MoneyError> {
  return sumMoney([a, { minor: -b.minor, currency: b.currency }], a.currency);
}

/** The exact sum; nothing of `currency` for no amounts. */
export function sumMoney(amounts: readonly Money[], currency: string): Result<Money, MoneyError> {
  const stray = amounts.find((amount) => amount.currency !== currency);
  if (stray !== undefined) {
    return err({ type: "CurrencyMismatch", expected: currency, found: stray.currency });
  }
  const sum = sumSafe(amounts.map((amount) => amount.minor));
  return sum.ok ? { ok: true, value: { minor: sum.value, currency } } : sum;
}

export type MoneyError =
  | OverflowError
  | { readonly type: "CurrencyMismatch"; readonly expected: string; readonly found: string };

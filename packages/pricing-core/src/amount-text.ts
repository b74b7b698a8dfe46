/**
 * Amounts and rates as people write them in a file. SPEC.md §1 (MN).
 *
 * @module
 */

import { assert, err, ok, type Result } from "@tillmesh/kernel";

/** `"2.90"` of GBP is 290. No sign, no grouping, no more decimals than the currency has. */
export function parseAmount(text: string, currency: string): Result<number, AmountTextError> {
  return parseDecimal(text, currencyDecimals(currency));
}

/** `"17.5"` per cent is 1750 basis points. */
export function parseRatePercent(text: string): Result<number, AmountTextError> {
  return parseDecimal(text, 2);
}

export interface AmountTextError {
  readonly type: "AmountText";
  readonly text: string;
  readonly decimalsMax: number;
}

/** `290` of GBP is `"2.90"`. */
export function formatAmount(minor: number, currency: string): string {
  assert(Number.isSafeInteger(minor), `${minor} is no number of minor units`);
  const decimals = currencyDecimals(currency);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, "0");
  const sign = minor < 0 ? "-" : "";
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Decimals of the minor unit by ISO 4217; two for a currency that is not listed there. */
export function currencyDecimals(currency: string): number {
  return decimalsByCurrency.get(currency) ?? 2;
}

const decimalsByCurrency: ReadonlyMap<string, number> = new Map([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    .split(" ")
    .map((currency) => [currency, 0] as const),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((currency) => [currency, 3] as const),
  ..."CLF UYW".split(" ").map((currency) => [currency, 4] as const),
]);

const textMaxLength = 24;

function parseDecimal(text: string, decimalsMax: number): Result<number, AmountTextError> {
  const match = text.length <= textMaxLength ? /^(\d+)(?:\.(\d+))?$/.exec(text) : null;
  const [, whole = "", decimals = ""] = match ?? [];
  const value = Number(whole + decimals.padEnd(decimalsMax, "0"));
  const isWrong = match === null || decimals.length > decimalsMax || !Number.isSafeInteger(value);
  return isWrong
    ? err({ type: "AmountText", text: text.slice(0, textMaxLength), decimalsMax })
    : ok(value);
}

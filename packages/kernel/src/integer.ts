/**
 * Sums of safe integers that are exact or refused. SPEC.md §3 (IN).
 *
 * @module
 */

import { err, ok, type Result } from "./result.ts";

export function addSafe(a: number, b: number): Result<number, OverflowError> {
  return sumSafe([a, b]);
}

export function subtractSafe(a: number, b: number): Result<number, OverflowError> {
  return sumSafe([a, -b]);
}

/** The exact sum, whatever the order of `values`; 0 for none. */
export function sumSafe(values: readonly number[]): Result<number, OverflowError> {
  let sum = 0;
  for (const value of values) {
    sum += value;
    if (!Number.isSafeInteger(sum)) return sumWide(values);
  }
  return ok(sum === 0 ? 0 : sum);
}

/** The exact value, as decimal text, does not fit a safe integer; or an operand is none. */
export interface OverflowError {
  readonly type: "Overflow";
  readonly value: string;
}

// Only reached when a partial sum left the safe range: the whole may still fit.
function sumWide(values: readonly number[]): Result<number, OverflowError> {
  const stray = values.find((value) => !Number.isSafeInteger(value));
  if (stray !== undefined) return err({ type: "Overflow", value: String(stray) });
  const sum = values.reduce((total, value) => total + BigInt(value), 0n);
  return Number.isSafeInteger(Number(sum))
    ? ok(Number(sum))
    : err({ type: "Overflow", value: String(sum) });
}

/**
 * Amounts that coins can pay. SPEC.md §20 (PY).
 *
 * @module
 */

import { err, ok, type OverflowError, type Result } from "@tillmesh/kernel";
import { roundRatio, type RoundingMode } from "../rounding.ts";

/** The smallest amount that is paid in cash; only the policy of a shop makes one count. */
export type CashRounding = {
  /** More than 0. */
  readonly stepMinor: number;
  readonly mode: RoundingMode;
};

/** The multiple of the step nearest to `amountMinor`; the amount itself without a rounding. */
export function roundCash(
  amountMinor: number,
  rounding: CashRounding | null,
): Result<number, OverflowError> {
  if (rounding === null) return ok(amountMinor);
  const step = BigInt(rounding.stepMinor);
  const rounded = roundRatio(BigInt(amountMinor), step, rounding.mode) * step;
  const result = Number(rounded);
  return Number.isSafeInteger(result)
    ? ok(result)
    : err({ type: "Overflow", value: String(rounded) });
}

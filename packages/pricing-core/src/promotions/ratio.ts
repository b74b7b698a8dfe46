/**
 * Ratios of amounts in the search: fast where they are safe, exact everywhere. SPEC.md §12 (DL).
 *
 * @module
 */

import { roundRatio, type RoundingMode } from "../rounding.ts";

/** `value x numerator / denominator`, rounded once; none is negative. */
export function scaled(value: number, numerator: number, rounding: Rounding): number {
  const { denominator, mode } = rounding;
  const product = value * numerator;
  if (!Number.isSafeInteger(product * 2) || mode === "half-even") {
    return Number(roundRatio(BigInt(value) * BigInt(numerator), BigInt(denominator), mode));
  }
  const rest = product % denominator;
  const floor = (product - rest) / denominator;
  const isRaised = mode === "half-up" ? rest * 2 >= denominator : rest * 2 > denominator;
  return isRaised ? floor + 1 : floor;
}

export interface Rounding {
  readonly denominator: number;
  readonly mode: RoundingMode;
}

export function percentOf(amountMinor: number, percentBp: number, mode: RoundingMode): number {
  return scaled(amountMinor, percentBp, { denominator: 10_000, mode });
}

/** Whole times that `divisor` is in `value`; none is negative. */
export function timesIn(value: number, divisor: number): number {
  return (value - (value % divisor)) / divisor;
}

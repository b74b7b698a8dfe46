/**
 * Exact ratios and the one place where they become integers. SPEC.md §1 (MN).
 *
 * @module
 */

import { assert, err, ok, unreachable, type OverflowError, type Result } from "@tillmesh/kernel";

/** What becomes of a half. All are symmetric: the rounding of -x is minus the rounding of x. */
export type RoundingMode =
  /** Away from zero. */
  | "half-up"
  /** Towards zero. */
  | "half-down"
  /** To the even neighbour. */
  | "half-even";

/** `value x numerator / denominator`, rounded once. */
export function scaleInteger(
  value: number,
  ratio: Ratio,
  mode: RoundingMode,
): Result<number, OverflowError> {
  const exact = BigInt(value) * BigInt(ratio.numerator);
  const rounded = roundRatio(exact, BigInt(ratio.denominator), mode);
  const result = Number(rounded);
  return Number.isSafeInteger(result)
    ? ok(result)
    : err({ type: "Overflow", value: String(rounded) });
}

/** Of safe integers; the denominator is positive. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** The integer nearest to `numerator / denominator`. */
export function roundRatio(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  assert(denominator > 0n, "a denominator is positive");
  const magnitude = numerator < 0n ? -numerator : numerator;
  const floor = magnitude / denominator;
  const twiceRest = (magnitude % denominator) * 2n;
  const isRaised =
    twiceRest > denominator || (twiceRest === denominator && raisesHalf(floor, mode));
  const rounded = isRaised ? floor + 1n : floor;
  return numerator < 0n ? -rounded : rounded;
}

function raisesHalf(floor: bigint, mode: RoundingMode): boolean {
  switch (mode) {
    case "half-up":
      return true;
    case "half-down":
      return false;
    case "half-even":
      return floor % 2n === 1n;
    default:
      return unreachable(mode);
  }
}

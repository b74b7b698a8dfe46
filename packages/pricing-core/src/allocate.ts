/**
 * Splits an amount over weights without losing or inventing a minor unit. SPEC.md §2 (AL).
 *
 * Largest remainder (Hamilton's method); of equal remainders the lowest index is raised
 * first, so that every till splits alike.
 *
 * @module
 */

import { assert, err, ok, type Result } from "@tillmesh/kernel";

/** Shares in the order of `weights`; their sum is exactly `totalMinor`. */
export function allocate(
  totalMinor: number,
  weights: readonly number[],
): Result<readonly number[], WeightsError> {
  const weightSum = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (weightSum === 0n || weights.some((weight) => weight < 0)) {
    return err({ type: "Weights", weights });
  }
  const magnitude = BigInt(Math.abs(totalMinor));
  const numerators = weights.map((weight) => magnitude * BigInt(weight));
  const shares = apportion(Math.abs(totalMinor), numerators, weightSum);
  return ok(totalMinor < 0 ? shares.map(negative) : shares);
}

/**
 * Integers next to the exact parts `numerators / denominator`, none negative, that add up to `total`:
 * each part is rounded down, and those with the largest remainder are raised. `total` is the sum of the
 * exact parts, or a rounding of it.
 */
export function apportion(
  total: number,
  numerators: readonly bigint[],
  denominator: bigint,
): readonly number[] {
  const parts = numerators.map((numerator, index) => exactPart(numerator, denominator, index));
  const floorSum = parts.reduce((sum, part) => sum + part.floor, 0n);
  const leftover = Number(BigInt(total) - floorSum);
  const raisable = parts.filter(({ rest }) => rest > 0n).length;
  assert(leftover >= 0 && leftover <= raisable, "the total is a rounding of the sum of the parts");
  const raised = raisedIndexes(parts, leftover);
  return parts.map(({ floor, index }) => Number(floor) + Number(raised.has(index)));
}

/** No weight is positive, or one is negative. */
export interface WeightsError {
  readonly type: "Weights";
  readonly weights: readonly number[];
}

interface Part {
  readonly index: number;
  readonly floor: bigint;
  readonly rest: bigint;
}

function exactPart(numerator: bigint, denominator: bigint, index: number): Part {
  return { index, floor: numerator / denominator, rest: numerator % denominator };
}

function raisedIndexes(parts: readonly Part[], count: number): ReadonlySet<number> {
  const byRest = parts.toSorted((a, b) => compare(b.rest, a.rest) || a.index - b.index);
  return new Set(byRest.slice(0, count).map(({ index }) => index));
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

// There is no minus zero in money.
function negative(share: number): number {
  return share === 0 ? 0 : -share;
}

/**
 * The taxes of one amount as exact ratios, before any rounding. SPEC.md §13 (LT).
 *
 * Each tax is linear in the net N: tax = a N + b, where b comes from amounts per unit. So with prices that
 * contain the taxes, N = (gross - sum of b) / (1 + sum of a), whatever is compound or fixed.
 *
 * @module
 */

import type { TaxBasis } from "../basket/listed-line.ts";
import type { TaxComponent } from "./tax-rule.ts";

/** None is negative. */
export interface ExactTaxes {
  readonly numerators: readonly bigint[];
  readonly denominator: bigint;
}

export interface TaxedAmount {
  readonly basis: TaxBasis;
  /** Not negative. */
  readonly amountMinor: bigint;
  /** Not negative. */
  readonly quantityMilli: bigint;
}

/**
 * In the order of `components`. Nothing is taxed without an amount; with prices that contain the taxes they
 * never add up to more than the amount: of one below its amounts per unit these take their part.
 */
export function exactTaxes(
  components: readonly TaxComponent[],
  { basis, amountMinor, quantityMilli }: TaxedAmount,
): ExactTaxes {
  if (amountMinor === 0n) return { numerators: components.map(() => 0n), denominator: 1n };
  const { rates, fixed, one } = linearTaxes(components, quantityMilli);
  const whole = one * thousand;
  if (basis === "exclusive") return atNet(amountMinor, { rates, fixed, whole });
  const fixedSum = sumOf(fixed);
  const rest = whole * amountMinor - fixedSum;
  if (rest < 0n) return { numerators: fixed.map((f) => f * amountMinor), denominator: fixedSum };
  const grossPerNet = one + sumOf(rates);
  const numerators = rates.map((rate, index) => rate * rest + (fixed[index] ?? 0n) * grossPerNet);
  return { numerators, denominator: whole * grossPerNet };
}

const basisPoints = 10_000n;
const thousand = 1000n;

/** Of each tax `rates` / `one` of the net, and `fixed` / (1000 x `one`). */
interface LinearTaxes {
  readonly rates: readonly bigint[];
  readonly fixed: readonly bigint[];
  readonly one: bigint;
}

// With one power of the basis points per component every division below is exact.
function linearTaxes(components: readonly TaxComponent[], quantityMilli: bigint): LinearTaxes {
  const one = basisPoints ** BigInt(components.length);
  const rates: bigint[] = [];
  const fixed: bigint[] = [];
  for (const { rateBp, perUnitMinor, isCompound } of components) {
    const before = isCompound
      ? { rate: sumOf(rates), fixed: sumOf(fixed) }
      : { rate: 0n, fixed: 0n };
    const rate = BigInt(rateBp);
    rates.push((rate * (one + before.rate)) / basisPoints);
    fixed.push((rate * before.fixed) / basisPoints + BigInt(perUnitMinor) * quantityMilli * one);
  }
  return { rates, fixed, one };
}

function atNet(
  netMinor: bigint,
  { rates, fixed, whole }: Pick<LinearTaxes, "rates" | "fixed"> & { readonly whole: bigint },
): ExactTaxes {
  const numerators = rates.map((rate, at) => rate * thousand * netMinor + (fixed[at] ?? 0n));
  return { numerators, denominator: whole };
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

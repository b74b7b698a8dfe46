/**
 * Roundings of decimal numbers, as WCPOS has them.
 *
 * @module
 */

import type { RoundingMode } from "../rounding.ts";
import { minorOf, roundText, textOf } from "./exact-decimal.ts";
import type { Check, Vector } from "./vector.ts";

export interface RoundingVector extends Vector {
  readonly input: { readonly checks: readonly Rounding[] };
  /** In the order of the checks. */
  readonly expected: { readonly results: readonly string[] };
}

/** Without a mode: the amount in minor units, which must be a whole number of them. */
interface Rounding {
  readonly value: string;
  readonly decimals: number;
  readonly mode?: RoundingMode;
}

export function checkRounding({ input, expected }: RoundingVector): readonly Check[] {
  return input.checks.map((one, index) => {
    return { what: one.value, expected: expected.results[index], actual: rounded(one) };
  });
}

function rounded({ value, decimals, mode }: Rounding): string {
  return mode === undefined
    ? String(minorOf(value, decimals))
    : textOf(roundText(value, decimals, mode), decimals);
}

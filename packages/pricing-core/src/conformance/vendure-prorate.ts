/**
 * Amounts spread by weight, as Vendure has them.
 *
 * @module
 */

import { allocate } from "../allocate.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";

export interface ProrateVector extends Vector {
  readonly input: { readonly weights: readonly number[]; readonly amount: number };
  readonly expected: { readonly shares: readonly number[] };
}

export function checkProrate({ input, expected }: ProrateVector): readonly Check[] {
  const shares = allocate(input.amount, input.weights);
  return checkOf("shares", expected.shares, shares.ok ? shares.value : shares.error.type);
}

/**
 * Parts of a whole that is given back in steps: each part keeps pace with the whole. SPEC.md §21 (GB).
 *
 * @module
 */

import { allocate } from "../allocate.ts";

/**
 * `nowMinor` over the parts of `wholes`, of which `before` was given back, so that all together come to
 * what `reachedMinor` of the sum of `wholes` gives each. The answer adds up to `nowMinor`; a part that is
 * ahead waits, and none gets more than is left of it while another has something left.
 */
export function spread(
  wholes: readonly number[],
  before: readonly number[],
  { reachedMinor, nowMinor }: { readonly reachedMinor: number; readonly nowMinor: number },
): readonly number[] {
  const total = sumOf(wholes);
  const through = sharesOf(Math.min(reachedMinor, total), wholes);
  const left = wholes.map((whole, index) => Math.max(0, whole - (before[index] ?? 0)));
  const wanted = through.map((reached, index) => Math.max(0, reached - (before[index] ?? 0)));
  const excess = sumOf(wanted) - nowMinor;
  if (excess === 0) return wanted;
  if (excess > 0) return sharesOf(nowMinor, wanted);
  return topUp(wanted, left, -excess);
}

/** Of parts that were given back apart: the rest goes where something is left, in their order. */
function topUp(
  shares: readonly number[],
  left: readonly number[],
  missingMinor: number,
): readonly number[] {
  let rest = missingMinor;
  const topped = shares.map((share, index) => {
    const more = Math.min(rest, Math.max(0, (left[index] ?? 0) - share));
    rest -= more;
    return share + more;
  });
  return topped.map((share, index) => (index === 0 ? share + rest : share));
}

function sharesOf(total: number, weights: readonly number[]): readonly number[] {
  const shares = allocate(total, weights);
  return shares.ok ? shares.value : weights.map(() => 0);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

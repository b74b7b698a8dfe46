/**
 * Random bytes that a seed repeats. Not for keys outside of tests.
 *
 * @module
 */

import type { Random } from "../random.ts";

export function testRandom(seed: number): Random {
  let state = seed | 0;
  return (sizeBytes) =>
    Uint8Array.from({ length: sizeBytes }, () => {
      state = (state + 0x9e3779b9) | 0;
      return splitMix32(state) >>> 24;
    });
}

// Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (2014), 32-bit finaliser.
function splitMix32(state: number): number {
  const a = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return b ^ (b >>> 16);
}

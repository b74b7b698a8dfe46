/**
 * Repeatable chance: xorshift32, which is enough to vary a load.
 *
 * @module
 */

/** Integers from 0 up to, and without, `below`. */
export type Dice = (below: number) => number;

export function createDice(seed: number): Dice {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

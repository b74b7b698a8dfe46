/**
 * A clock that moves when it is told to.
 *
 * @module
 */

import type { Clock } from "../clock.ts";

export interface TestClock extends Clock {
  /** Forward, or back with a negative number. */
  advance(ms: number): void;
}

export function testClock(startMs: number): TestClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

/**
 * Long work in short pieces, so that a sale can come between.
 *
 * @module
 */

import { performance } from "node:perf_hooks";

/** Lets everything else that waits have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Runs the steps to their end; after some milliseconds of them others have a turn. */
export async function inTurns<Value>(steps: Generator<unknown, Value, undefined>): Promise<Value> {
  let sinceMs = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - sinceMs < pieceMs) continue;
    await nextTurn();
    sinceMs = performance.now();
  }
}

const pieceMs = 8;

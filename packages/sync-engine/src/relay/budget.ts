/**
 * Bytes that a lane may cost on a metered link. SPEC.md §8a (LB).
 *
 * @module
 */

import type { Lane } from "../relay-protocol/frame.ts";

/** So many bytes in any stretch of that length, both directions together. */
export interface LaneBudget {
  readonly bytes: number;
  readonly perMs: number;
}

export type LaneBudgets = Partial<Record<Lane, LaneBudget>>;

/** What is left, and as of when. */
export interface Purse {
  readonly leftBytes: number;
  readonly atMs: number;
}

export function fullPurse({ bytes }: LaneBudget, atMs: number): Purse {
  return { leftBytes: bytes, atMs };
}

/** With what has been earned since; a clock that was set back earns nothing. */
export function refill(purse: Purse, { bytes, perMs }: LaneBudget, nowMs: number): Purse {
  const elapsedMs = Math.max(0, nowMs - purse.atMs);
  const earned = Math.floor((elapsedMs * bytes) / perMs);
  const leftBytes = purse.leftBytes + earned;
  if (leftBytes >= bytes || nowMs < purse.atMs) {
    return { leftBytes: Math.min(bytes, leftBytes), atMs: nowMs };
  }
  // What a millisecond earns may be less than a byte: time that earned nothing yet is not lost.
  return { leftBytes, atMs: purse.atMs + (earned * perMs) / bytes };
}

/** An envelope is never cut short: it may run into debt, which the lane then waits off. */
export function spend(purse: Purse, sizeBytes: number): Purse {
  return { ...purse, leftBytes: purse.leftBytes - sizeBytes };
}

/** How long until the lane may go on; 0: now. */
export function waitMs({ leftBytes }: Purse, { bytes, perMs }: LaneBudget): number {
  return leftBytes > 0 ? 0 : Math.ceil(((1 - leftBytes) * perMs) / bytes);
}

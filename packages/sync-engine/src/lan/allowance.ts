/**
 * Token buckets: what may come at once, and for ever. SPEC.md §7 (FD).
 *
 * @module
 */

import type { Rate } from "./limits.ts";

/** Mutable: owned by whoever counts. */
export interface Allowance {
  /** Whether so much more may come now; if so it is taken off. */
  take(amount: number, nowMs: number): boolean;
  /** Something was asked for: its answer may come besides. */
  add(amount: number): void;
}

export function createAllowance({ burst, perSecond }: Rate, fromMs: number): Allowance {
  let left = burst;
  let atMs = fromMs;
  return {
    take: (amount, nowMs) => {
      // A clock that was set back earns nothing.
      const earned = (Math.max(0, nowMs - atMs) / 1_000) * perSecond;
      left = Math.min(Math.max(left, burst), left + earned);
      atMs = nowMs;
      if (amount > left) return false;
      left -= amount;
      return true;
    },
    add: (amount) => {
      left += amount;
    },
  };
}

/** The frames of one connection. */
export interface FrameMeter {
  allows(sizeBytes: number): boolean;
  /** One frame of at most so many bytes was asked for. */
  expect(sizeBytes: number): void;
}

export function createFrameMeter(
  { frames, bytes }: { readonly frames: Rate; readonly bytes: Rate },
  nowMs: () => number,
): FrameMeter {
  const frameAllowance = createAllowance(frames, nowMs());
  const byteAllowance = createAllowance(bytes, nowMs());
  return {
    allows: (sizeBytes) =>
      frameAllowance.take(1, nowMs()) && byteAllowance.take(sizeBytes, nowMs()),
    expect: (sizeBytes) => {
      frameAllowance.add(1);
      byteAllowance.add(sizeBytes);
    },
  };
}

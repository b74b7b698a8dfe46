/**
 * Guards sealing against a clock that lies. SPEC.md §3 (FSE).
 *
 * A sealed time cannot be mended: receipts of 2002 from a dead battery were refused by auditors. So what looks wrong is refused, and
 * a person who looked at the clock may say that it is right.
 *
 * @module
 */

import type { FiscalTime, Head } from "./document.ts";

export interface ClockPolicy {
  /** A step back up to this is a clock being set; sealed as it is. */
  readonly backMaxMs: number;
  /** A silence longer than this is rather a broken clock than a closed shop. */
  readonly forwardMaxMs: number;
  /** Nothing is sealed before: when the stream was opened. */
  readonly notBeforeMs: number;
}

export const defaultClockPolicy: ClockPolicy = {
  backMaxMs: 5 * 60_000,
  forwardMaxMs: 400 * 86_400_000,
  // 2020-01-01: no stream of any regime here is older.
  notBeforeMs: 1_577_836_800_000,
};

export type ClockFault = {
  readonly type: "ClockFault";
  readonly code: "back" | "forward" | "too-early";
  /** How far beyond the last sealed document, or beyond the earliest time; positive. */
  readonly byMs: number;
};

/** What is wrong with `at` after `head`; the first document is held against `notBeforeMs` alone. */
export function clockFault(
  at: FiscalTime,
  head: Head,
  policy: ClockPolicy = defaultClockPolicy,
): ClockFault | undefined {
  const earlyMs = policy.notBeforeMs - policy.backMaxMs - at.epochMs;
  if (earlyMs > 0) return { type: "ClockFault", code: "too-early", byMs: earlyMs };
  if (head.sequence === 0) return undefined;
  const stepMs = at.epochMs - head.sealedAtMs;
  if (stepMs < -policy.backMaxMs) return { type: "ClockFault", code: "back", byMs: -stepMs };
  if (stepMs > policy.forwardMaxMs) return { type: "ClockFault", code: "forward", byMs: stepMs };
  return undefined;
}

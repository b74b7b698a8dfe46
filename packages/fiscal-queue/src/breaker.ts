/**
 * A circuit breaker before the signer, as data: during an outage no sale waits for it twice. SPEC.md §5 (FOU).
 *
 * @module
 */

import type { Head } from "./document.ts";

export type Breaker =
  | { readonly type: "closed" }
  | {
      readonly type: "open";
      readonly reason: string;
      readonly sinceMs: number;
      /** From then on somebody may ask the signer again; sales do not. */
      readonly probeAtMs: number;
    };

export const closedBreaker: Breaker = { type: "closed" };

/** After a restart: an outage that the documents show goes on until a probe says otherwise. */
export function breakerOf(head: Head, nowMs: number): Breaker {
  if (head.outage === undefined || head.outage.endedMs !== undefined) return closedBreaker;
  const { sinceMs } = head.outage;
  return { type: "open", reason: "was out at the last start", sinceMs, probeAtMs: nowMs };
}

export function isProbeDue(breaker: Breaker, nowMs: number): boolean {
  return breaker.type === "open" && nowMs >= breaker.probeAtMs;
}

/** One failure opens it: a second sale must not wait for what the first has waited for. */
export function breakerAfterFailure(breaker: Breaker, failure: BreakerFailure): Breaker {
  const { nowMs, probeEveryMs, reason } = failure;
  const sinceMs = breaker.type === "open" ? breaker.sinceMs : nowMs;
  return { type: "open", reason, sinceMs, probeAtMs: nowMs + probeEveryMs };
}

export interface BreakerFailure {
  readonly nowMs: number;
  readonly probeEveryMs: number;
  readonly reason: string;
}

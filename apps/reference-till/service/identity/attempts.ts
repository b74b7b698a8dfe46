/**
 * How often a wrong PIN may be tried: a growing wait after the first few.
 *
 * @module
 */

export interface Attempts {
  readonly failures: number;
  readonly lastAtMs: number;
}

export interface AttemptsLimit {
  readonly freeFailures: number;
  readonly waitMaxMs: number;
  /** So long after the last failure all is forgotten. */
  readonly forgetMs: number;
}

export const noAttempts: Attempts = { failures: 0, lastAtMs: 0 };

export function afterFailure(attempts: Attempts, limit: AttemptsLimit, nowMs: number): Attempts {
  const failures = isForgotten(attempts, limit, nowMs) ? 0 : attempts.failures;
  return { failures: Math.min(failures + 1, 1000), lastAtMs: nowMs };
}

/** How long to wait before the next attempt; doubles with each failure. */
export function waitMs(attempts: Attempts, limit: AttemptsLimit, nowMs: number): number {
  const over = attempts.failures - limit.freeFailures;
  if (over < 0 || isForgotten(attempts, limit, nowMs)) return 0;
  const wait = Math.min(1000 * 2 ** Math.min(over, 30), limit.waitMaxMs);
  // A clock set back must not lock anybody out for longer than the wait itself.
  return Math.min(Math.max(0, attempts.lastAtMs + wait - nowMs), wait);
}

function isForgotten(attempts: Attempts, limit: AttemptsLimit, nowMs: number): boolean {
  return nowMs - attempts.lastAtMs >= limit.forgetMs;
}

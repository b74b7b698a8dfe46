/**
 * How long to wait before dialling again: exponential, with jitter. SPEC.md §7 (DI).
 *
 * @module
 */

export interface Backoff {
  /** The next wait. Each is drawn from a span twice as wide as the one before, up to `maxMs`. */
  nextMs(): number;
  /** The link has lasted: the next wait is a short one again. */
  reset(): void;
}

export interface BackoffOptions {
  readonly baseMs: number;
  readonly maxMs: number;
  /** From 0 up to and without 1. */
  readonly random: () => number;
}

/** Half of `baseMs` is waited at least, so that nobody dials in a circle; the rest is chance, so that a shop's tills do not come all at once. */
export function createBackoff({ baseMs, maxMs, random }: BackoffOptions): Backoff {
  let attempts = 0;
  return {
    nextMs: () => {
      attempts = Math.min(attempts + 1, doublingsMax);
      const spanMs = Math.min(maxMs, baseMs * 2 ** attempts);
      return Math.floor(baseMs / 2 + random() * (spanMs - baseMs / 2));
    },
    reset: () => {
      attempts = 0;
    },
  };
}

/** Beyond any bound that makes sense. */
const doublingsMax = 16;

/**
 * Where the time comes from: it is passed in, so that a test can set it.
 *
 * @module
 */

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC, an integer. May jump in both directions. */
  nowMs(): number;
}

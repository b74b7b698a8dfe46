/**
 * How long to wait after a failure: exponential, with full jitter. SPEC.md §6 (FDE).
 *
 * Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015).
 *
 * @module
 */

import type { Random } from "@tillmesh/kernel";

export interface BackOff {
  readonly baseMs: number;
  readonly maxMs: number;
}

export const defaultBackOff: BackOff = { baseMs: 2000, maxMs: 15 * 60_000 };

/** Evenly between 0 and the bound after `failures` in a row; tills that fail together do not come back together. */
export function backOffMs(failures: number, random: Random, policy: BackOff): number {
  const boundMs = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(failures, 30));
  const drawn = random(4).reduce((value, byte) => value * 256 + byte, 0);
  return Math.floor((boundMs * drawn) / 4_294_967_296);
}

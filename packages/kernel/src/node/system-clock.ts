/**
 * The machine's wall clock.
 *
 * @module
 */

import type { Clock } from "../clock.ts";

export function systemClock(): Clock {
  return { nowMs: () => Date.now() };
}

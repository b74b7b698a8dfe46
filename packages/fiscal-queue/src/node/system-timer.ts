/**
 * Time that really passes.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Timer } from "../ports.ts";

/** Holds no process open. */
export function createSystemTimer(): Timer {
  return {
    after: (ms) => {
      const abort = new AbortController();
      const options = { signal: abort.signal, ref: false };
      // A cancelled wait never ends: nobody waits for it any more.
      const passed = sleep(ms, undefined, options).catch(() => new Promise<void>(() => undefined));
      return { passed, cancel: () => abort.abort() };
    },
  };
}

/**
 * Says what the tills said, where a test fails.
 *
 * @module
 */

import { onTestFailed } from "vitest";
import { recentLogs } from "./programs.ts";

/** For `beforeAll`, which has no test to fail. */
export async function tellingOnFailure<T>(work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    process.stderr.write(recentLogs());
    throw error;
  });
}

/** For `beforeEach`: prints the newest lines of the newest programs if the test that follows fails. */
export function tellOnFailure(): void {
  onTestFailed(({ task }) => {
    process.stderr.write(`--- ${task.name}\n${recentLogs()}`);
  });
}

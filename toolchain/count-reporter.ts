/**
 * Prints one plain line after the run, for scripts to read: `N passed, N failed, N skipped`.
 *
 * A file that cannot be loaded and an error outside any test have no test to count; each
 * counts as one failure, so that the line never says "0 failed" about a red run.
 *
 * @module
 */

import type { Reporter, TestModule } from "vitest/node";

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const countOf = (state: string): number =>
      tests.filter((test) => test.result().state === state).length;
    const failed = countOf("failed") + brokenModules(modules) + unhandledErrors.length;
    const skipped = countOf("skipped") + countOf("pending");
    process.stdout.write(`${countOf("passed")} passed, ${failed} failed, ${skipped} skipped\n`);
  }
}

function brokenModules(modules: readonly TestModule[]): number {
  return modules.filter((module) => !module.ok() && ![...module.children.allTests("failed")].length)
    .length;
}

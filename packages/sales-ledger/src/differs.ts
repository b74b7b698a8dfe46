/**
 * Sums that should be equal. SPEC.md §2 (RB).
 *
 * @module
 */

import type { BodyFault } from "./checks.ts";

export function differs(pointer: string, expected: number, found: number): readonly BodyFault[] {
  return expected === found ? [] : [{ pointer, expected: String(expected), found: String(found) }];
}

export function sumOf<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amountOf(item), 0);
}

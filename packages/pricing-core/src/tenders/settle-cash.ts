/**
 * Money offered against a total, and the change due. SPEC.md §9 (CS).
 *
 * @module
 */

import type { Result } from "@tillmesh/kernel";
import { settle } from "./settle.ts";
import type { SettleError, Settlement, Tender } from "./settlement.ts";

/** Cash only, and nothing is rounded; `totalMinor` is not negative. */
export function settleCash(
  totalMinor: number,
  tenders: readonly Tender[],
): Result<Settlement, SettleError> {
  const due = { totalMinor, currency: "XXX", cashRounding: null };
  return settle(due, tenders, { kinds: ["cash"] });
}

/**
 * When an outage of the signature device has to be told to the authority. SPEC.md §9 (RAT).
 *
 * @module
 */

import type { Head } from "../../document.ts";
import { readState } from "./state.ts";

export interface OutageDuty {
  readonly sinceMs: number;
  /** More than 48 hours: it is to be reported with FinanzOnline, and so is the recovery. */
  readonly isReportDue: boolean;
  /** One week after the 48 hours. */
  readonly reportByMs: number;
}

/** `undefined` while no receipt is without a signature, or the collective receipt has settled them. */
export function outageDuty(head: Head, nowMs: number): OutageDuty | undefined {
  const sinceMs = readState(head.state)?.outage?.since.epochMs;
  if (sinceMs === undefined) return undefined;
  const dueMs = sinceMs + 48 * 3_600_000;
  return { sinceMs, isReportDue: nowMs > dueMs, reportByMs: dueMs + 7 * 86_400_000 };
}

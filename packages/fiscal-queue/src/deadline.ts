/**
 * When the authority must have a document, and how far that is. SPEC.md §6 (FDE).
 *
 * @module
 */

import { addDays, assert, isBusinessDate, parseInstant } from "@tillmesh/kernel";
import type { SealedDocument } from "./document.ts";
import type { Calendar } from "./ports.ts";
import { fiscalTimeAt, localDate } from "./time.ts";

/** What an authority announced: documents sealed within the range may come until then. */
export interface DeadlineExtension {
  readonly fromMs: number;
  readonly toMs: number;
  readonly untilMs: number;
}

export interface DeadlineInput {
  readonly timeZone: string;
  readonly calendar: Calendar;
  readonly extensions?: readonly DeadlineExtension[];
}

/** The last instant in time, or undefined where the law sets none. */
export function deadlineMs(
  { at, due }: Pick<SealedDocument, "at" | "due">,
  { calendar, extensions = [], timeZone }: DeadlineInput,
): number | undefined {
  if (due === undefined) return undefined;
  const byRule =
    due.kind === "after-ms"
      ? at.epochMs + due.ms
      : endOfDayMs(businessDayAfter(localDate(at), due.days, calendar), timeZone);
  return extensions
    .filter(({ fromMs, toMs }) => at.epochMs >= fromMs && at.epochMs <= toMs)
    .reduce((latest, { untilMs }) => Math.max(latest, untilMs), byRule);
}

/** By the share of the time from sealing to the deadline that is gone: warning from 50 %, alarm from 80 %, late after all of it. */
export function deadlineLevel(
  document: Pick<SealedDocument, "at">,
  dueMs: number,
  nowMs: number,
): DeadlineLevel {
  if (nowMs > dueMs) return "late";
  const goneMs = nowMs - document.at.epochMs;
  const allMs = dueMs - document.at.epochMs;
  if (goneMs * 10 >= allMs * 8) return "alarm";
  return goneMs * 2 >= allMs ? "warning" : "in-time";
}

export type DeadlineLevel = "in-time" | "warning" | "alarm" | "late";

/** The authority's clock and ours: no law says how much is much; minutes move documents over midnight and deadlines. */
export function skewLevel(skewMs: number): "fine" | "warning" | "alarm" {
  const size = Math.abs(skewMs);
  if (size >= 5 * 60_000) return "alarm";
  return size >= 30_000 ? "warning" : "fine";
}

// A month without one business day is a calendar that is wrong.
const searchMaxDays = 366;

function businessDayAfter(date: string, count: number, calendar: Calendar): string {
  assert(isBusinessDate(date), `"${date}" is a day`);
  let day = date;
  let left = count;
  for (let step = 0; left > 0 && step < searchMaxDays; step += 1) {
    day = addDays(day, 1);
    if (calendar.isBusinessDay(day)) left -= 1;
  }
  assert(left === 0, "a year has business days");
  return day;
}

/** The last millisecond of a local day. */
function endOfDayMs(date: string, timeZone: string): number {
  assert(isBusinessDate(date), `"${date}" is a day`);
  const midnightMs = parseInstant(`${addDays(date, 1)}T00:00:00.000Z`);
  assert(midnightMs !== undefined, `after ${date} comes a day`);
  // The offset at local midnight is found in two steps: the first may be on the other side of a change of the clock.
  const nearMs = midnightMs - fiscalTimeAt(midnightMs, timeZone).offsetMinutes * 60_000;
  return midnightMs - fiscalTimeAt(nearMs, timeZone).offsetMinutes * 60_000 - 1;
}

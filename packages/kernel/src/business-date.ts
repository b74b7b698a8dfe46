/**
 * The day a sale belongs to, by the location's own clock. SPEC.md §6 (BD).
 *
 * @module
 */

import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { formatDay, parseDay } from "./calendar.ts";

/** `2026-11-22`; compares as text. */
export type BusinessDate = Brand<string, "BusinessDate">;

/**
 * The business date at an instant. A day starts `dayStartMinutes` after midnight by the wall clock
 * of `timeZone` (an IANA name), also on the days when that clock is changed.
 */
export function businessDateAt(atMs: number, timeZone: string, dayStartMinutes = 0): BusinessDate {
  assert(dayStartMinutes >= 0 && dayStartMinutes < 1440, "a day starts within a day");
  const parts = new Map(
    formatter(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
  const minutes = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
  assert(isBusinessDate(date), `"${date}" is a day`);
  return minutes < dayStartMinutes ? addDays(date, -1) : date;
}

/** The day `days` after `date`; before it with a negative number. */
export function addDays(date: BusinessDate, days: number): BusinessDate {
  const from = parseDay(date);
  assert(from !== undefined, `"${date}" is a day`);
  const moved = formatDay(from + days);
  assert(isBusinessDate(moved), `"${moved}" is a day`);
  return moved;
}

/** Is `text` a day of the calendar, written `YYYY-MM-DD`? */
export function isBusinessDate(text: string): text is BusinessDate {
  return parseDay(text) !== undefined;
}

/** Does this runtime know the IANA time zone? */
export function isTimeZone(name: string): boolean {
  if (name === "" || name.length > 64) return false;
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

const formatterMax = 64;
const formatters = new Map<string, Intl.DateTimeFormat>();

// A formatter costs some 50 µs to make and a till needs one; the cache is bounded all the same.
function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  if (formatters.size >= formatterMax) formatters.clear();
  formatters.set(timeZone, made);
  return made;
}

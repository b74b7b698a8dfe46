/**
 * The wall clock of a location. SPEC.md §11 (PR).
 *
 * @module
 */

import { assert, isBusinessDate, type BusinessDate } from "@tillmesh/kernel";

/** What the clock on the wall shows at `atMs` in `timeZone` (an IANA name). */
export function localInstant(atMs: number, timeZone: string): LocalInstant {
  const part = new Map(
    formatter(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${part.get("year")}-${part.get("month")}-${part.get("day")}`;
  assert(isBusinessDate(date), `"${date}" is a day`);
  const weekday = 1 + weekdays.indexOf(part.get("weekday") ?? "");
  return { date, time: `${part.get("hour")}:${part.get("minute")}`, weekday };
}

export interface LocalInstant {
  /** The calendar day, which need not be the business date. */
  readonly date: BusinessDate;
  /** `HH:MM` */
  readonly time: string;
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const formatterByZone = new Map<string, Intl.DateTimeFormat>();

// A formatter costs fifty microseconds and more to make.
function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatterByZone.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  formatterByZone.set(timeZone, made);
  return made;
}

/**
 * Instants as the law writes them: by the clock on the location's wall. SPEC.md §2 (FDO).
 *
 * @module
 */

import { assert, formatInstant, parseInstant } from "@tillmesh/kernel";
import type { FiscalTime } from "./document.ts";

/** The instant with the offset that `timeZone` (an IANA name) has then, summer time included. */
export function fiscalTimeAt(epochMs: number, timeZone: string): FiscalTime {
  const wholeSecondsMs = Math.floor(epochMs / 1000) * 1000;
  const localMs = parseInstant(wallClockText(epochMs, timeZone));
  assert(localMs !== undefined, `${timeZone} has a wall clock at ${epochMs}`);
  return { epochMs, offsetMinutes: Math.round((localMs - wholeSecondsMs) / 60_000) };
}

/** `2026-11-22T10:00:00`, without a zone. */
export function localDateTime({ epochMs, offsetMinutes }: FiscalTime): string {
  return formatInstant(epochMs + offsetMinutes * 60_000).slice(0, 19);
}

/** `2026-11-22`. */
export function localDate(at: FiscalTime): string {
  return localDateTime(at).slice(0, 10);
}

/** `10:00:00`. */
export function localTime(at: FiscalTime): string {
  return localDateTime(at).slice(11);
}

/** `22-11-2026`. */
export function localDateDayFirst(at: FiscalTime): string {
  return localDate(at).split("-").toReversed().join("-");
}

/** `+01:00`; UTC is `+00:00`. */
export function offsetText({ offsetMinutes }: FiscalTime): string {
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** `2026-11-22T10:00:00+01:00`: whole seconds, never a `Z`. */
export function offsetDateTime(at: FiscalTime): string {
  return `${localDateTime(at)}${offsetText(at)}`;
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
    second: "2-digit",
  });
  if (formatters.size >= formatterMax) formatters.clear();
  formatters.set(timeZone, made);
  return made;
}

function wallClockText(epochMs: number, timeZone: string): string {
  const parts = new Map<string, string>();
  for (const { type, value } of formatter(timeZone).formatToParts(epochMs)) parts.set(type, value);
  const part = (name: string): string => parts.get(name) ?? "";
  const date = `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
  return `${date}T${part("hour")}:${part("minute")}:${part("second")}.000Z`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

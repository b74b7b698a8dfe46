/**
 * Days and instants as text, without a clock. SPEC.md §5 (CA).
 *
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013):
 * the proleptic Gregorian calendar counted in 400-year eras that start in March.
 *
 * @module
 */

import { assert } from "./assert.ts";

/** `2026-11-22T10:00:00.000Z`; years 0000 to 9999, so that the text compares like the instant. */
export function formatInstant(atMs: number): string {
  assert(Number.isSafeInteger(atMs), `${atMs} is no number of milliseconds`);
  const days = Math.floor(atMs / dayMs);
  const inDayMs = atMs - days * dayMs;
  const hours = pad(Math.floor(inDayMs / 3_600_000), 2);
  const minutes = pad(Math.floor(inDayMs / 60_000) % 60, 2);
  const seconds = pad(Math.floor(inDayMs / 1000) % 60, 2);
  return `${formatDay(days)}T${hours}:${minutes}:${seconds}.${pad(inDayMs % 1000, 3)}Z`;
}

/** Reads what `formatInstant` writes, and nothing else; `undefined` for any other text. */
export function parseInstant(text: string): number | undefined {
  const match = instantPattern.exec(text);
  const days = match === null ? undefined : parseDay(text.slice(0, 10));
  if (match === null || days === undefined) return undefined;
  const [hours = 0, minutes = 0, seconds = 0, ms = 0] = match.slice(1).map(Number);
  return days * dayMs + ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
}

/** Days since 1970-01-01 as `YYYY-MM-DD`. */
export function formatDay(days: number): string {
  const shifted = days + eraOffsetDays;
  const era = Math.floor(shifted / eraDays);
  const dayOfEra = shifted - era * eraDays;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - daysBeforeYear(yearOfEra);
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - daysBeforeMonth(fromMarch) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  assert(year >= 0 && year <= 9999, `day ${days} has a year of four digits`);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** Days since 1970-01-01 of a day of the calendar; `undefined` for any other text. */
export function parseDay(text: string): number | undefined {
  if (!dayPattern.test(text)) return undefined;
  const month = Number(text.slice(5, 7));
  const day = Number(text.slice(8, 10));
  if (month < 1 || month > 12 || day < 1) return undefined;
  const days = daysSinceEpoch(Number(text.slice(0, 4)), month, day);
  return formatDay(days) === text ? days : undefined;
}

const dayMs = 86_400_000;
const eraDays = 146_097;
const eraOffsetDays = 719_468;
const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)\.(\d{3})Z$/;

function daysSinceEpoch(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const dayOfYear = daysBeforeMonth(month > 2 ? month - 3 : month + 9) + day - 1;
  return era * eraDays + daysBeforeYear(marchYear - era * 400) + dayOfYear - eraOffsetDays;
}

function daysBeforeYear(yearOfEra: number): number {
  return yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
}

function daysBeforeMonth(fromMarch: number): number {
  return Math.floor((153 * fromMarch + 2) / 5);
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

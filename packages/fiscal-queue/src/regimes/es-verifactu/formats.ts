/**
 * Amounts and dates as one text for hash, XML and QR code.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";

/** Hundredths with a point and two digits: cents, and basis points as percent. */
export function formatHundredths(value: number): string {
  assert(Number.isSafeInteger(value), `${value} is an integer`);
  const digits = String(Math.abs(value)).padStart(3, "0");
  return `${value < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Reads what the schema allows, such as `+12`, `12.`, `12.3`; `undefined` for other texts. */
export function parseHundredths(text: string): number | undefined {
  const match = /^([+-]?)(\d{1,12})(?:\.(\d{0,2}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  const value = Number(whole) * 100 + Number(fraction.padEnd(2, "0"));
  return sign === "-" && value !== 0 ? -value : value;
}

/** `2026-11-22` as `22-11-2026`, and back. */
export function turnDate(date: string): string {
  return date.split("-").toReversed().join("-");
}

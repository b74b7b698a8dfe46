/**
 * The authority's times as instants.
 *
 * @module
 */

import { parseInstant } from "@tillmesh/kernel";

/** `2026-11-22T10:20:30+01:00`, a fraction and `Z` allowed; `undefined` for other texts. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  const local = match === null ? undefined : parseInstant(`${match[1] ?? ""}.000Z`);
  if (match === null || local === undefined) return undefined;
  const [, , sign, hours = "0", minutes = "0"] = match;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === "-" ? local + offsetMs : local - offsetMs;
}

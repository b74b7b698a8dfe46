/**
 * Days of the calendar in requests.
 *
 * @module
 */

import { isBusinessDate } from "@tillmesh/kernel";
import type { Fault } from "./problem.ts";

/** The schema has seen the digits; whether there is such a day takes a calendar. */
export function businessDateFault(
  text: string | null | undefined,
  pointer: string,
): readonly Fault[] {
  if (text === undefined || text === null || isBusinessDate(text)) return [];
  return [{ pointer, code: "Format", detail: "There is no such day." }];
}

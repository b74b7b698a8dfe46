/**
 * What each Norwegian document carries on to the next. SPEC.md §12 (RNR).
 *
 * @module
 */

import { assert, type Json } from "@tillmesh/kernel";
import {
  is,
  isDayTotals,
  isInteger,
  isText,
  listOf,
  shape,
  type DayTotals,
  type GrandTotals,
  type NorwayRecord,
  type ReportRecord,
} from "./record.ts";
import { noSignature } from "./signed-text.ts";
import { dayAfter, emptyDay, grandAfter } from "./totals.ts";

export type NorwayState = {
  readonly v: 1;
  /** Of the last transaction: events stand between signatures that chain. */
  readonly signature: string;
  readonly grand: GrandTotals;
  /** How many Z and X reports there were. */
  readonly reports: readonly [z: number, x: number];
  readonly day: DayTotals;
  /** Receipts that were copied since the last Z. */
  readonly copied: readonly string[];
};

export const emptyState: NorwayState = {
  v: 1,
  signature: noSignature,
  grand: [0, 0],
  reports: [0, 0],
  day: emptyDay,
  copied: [],
};

export function stateAfter(state: NorwayState, record: NorwayRecord): NorwayState {
  const next = {
    ...state,
    grand: grandAfter(state.grand, record),
    day: dayAfter(state.day, record),
  };
  if (record.type === "transaction") return { ...next, signature: record.signature };
  const [z, x] = state.reports;
  if (record.event === "z-report") return { ...next, reports: [z + 1, x], copied: [] };
  if (record.event === "x-report") return { ...next, reports: [z, x + 1] };
  if (record.event !== "copy" || record.transaction === undefined) return next;
  return { ...next, copied: [...state.copied, record.transaction] };
}

/** What an X or Z report made now says. */
export function reportOf(state: NorwayState, event: "x-report" | "z-report"): ReportRecord {
  const [z, x] = state.reports;
  const id = event === "z-report" ? `Z-${z + 1}` : `X-${x + 1}`;
  return { id, day: state.day, grand: state.grand };
}

/** Of a head: a state that this regime wrote. */
export function stateOf(state: Json): NorwayState {
  assert(isState(state), "the head of a Norwegian stream carries its state");
  return state as unknown as NorwayState;
}

const pair = (value: Json | undefined): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((one) => isInteger(one as Json));

const isState = shape({
  v: is(1),
  signature: isText,
  grand: pair,
  reports: pair,
  day: isDayTotals,
  copied: listOf(isText),
});

/**
 * What one record carries on to the next: where both chains stand.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import { isObject } from "./settings.ts";

/** Type aliases, not interfaces: see Json. */
export type ChainState = {
  /** Of the chain of invoice records: the last one; `null` before the first. */
  readonly record: RecordLink | null;
  /** Of the event log, outside VERI*FACTU only. */
  readonly event: EventLink | null;
  readonly events: number;
  /** Full invoices in place of receipts; absent before the first. */
  readonly invoices?: number;
};

export type RecordLink = {
  readonly number: string;
  /** `22-11-2026`: the invoice's own date, also of its corrections and its cancellation. */
  readonly date: string;
  readonly huella: string;
};

export type EventLink = {
  readonly type: string;
  readonly time: string;
  readonly huella: string;
};

export const initialState: ChainState = { record: null, event: null, events: 0 };

/** `undefined` for what no document of this regime says. */
export function readState(state: Json): ChainState | undefined {
  if (!isObject(state)) return undefined;
  const { record = null, event = null, events, invoices = 0 } = state;
  if (typeof invoices !== "number") return undefined;
  if (typeof events !== "number" || !isLink(record, recordMembers)) return undefined;
  if (!isLink(event, eventMembers)) return undefined;
  return state as ChainState;
}

const recordMembers = ["number", "date", "huella"];
const eventMembers = ["type", "time", "huella"];

function isLink(value: Json, members: readonly string[]): boolean {
  return (
    value === null ||
    (isObject(value) && members.every((member) => typeof value[member] === "string"))
  );
}

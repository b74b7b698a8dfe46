/**
 * The open day of a till, from its first fact to its Z. SPEC.md §5 (DY).
 *
 * The open day is all that no Z covers. Its date is that of the fact that opened it; facts
 * that name another date, such as late ones, count in the open day and are listed by the date they name.
 *
 * @module
 */

import type { BusinessDate, EntryRef } from "@tillmesh/kernel";
import type { ZBody } from "./bodies.ts";
import { compareText, refOf } from "./chain.ts";
import type { DayException } from "./exceptions.ts";
import type { ReadEntry } from "./parse-entry-body.ts";
import { compareReceipts, parseReceiptNumber, receiptNumberOf } from "./receipts.ts";
import type { DateTotal, EntryRun, Report, Totals } from "./report.ts";
import type { Step } from "./step.ts";
import { addMinor, addTotals, mergeSorted, noTotals, totalsOf } from "./totals.ts";

export interface DayState {
  /** `null` between a Z and the next fact of money or shift. */
  readonly businessDate: BusinessDate | null;
  readonly currency: string | null;
  readonly totals: Totals;
  readonly receipts: Report["receipts"];
  readonly otherDates: readonly DateTotal[];
  readonly runs: readonly EntryRun[];
  /** Net of all closed days. */
  readonly grandTotalBeforeMinor: number;
  readonly nextZNumber: number;
  readonly lastZ: LastZ | null;
}

export interface LastZ {
  readonly entry: EntryRef;
  readonly zNumber: number;
  readonly businessDate: BusinessDate;
}

export const newDay: DayState = {
  businessDate: null,
  currency: null,
  totals: noTotals,
  receipts: { count: 0, first: null, last: null },
  otherDates: [],
  runs: [],
  grandTotalBeforeMinor: 0,
  nextZNumber: 1,
  lastZ: null,
};

export function stepDay(state: DayState, read: ReadEntry): Step<DayState, DayException> {
  if (read.kind === "z") return closeDay(state, read, read.body);
  const opened = openIfNone({ ...state, runs: extendRuns(state.runs, read) }, read);
  const currency = currencyOf(read);
  const totals = totalsOf(read);
  return {
    state: {
      ...opened,
      currency: opened.currency ?? currency,
      totals: addTotals(opened.totals, totals),
      receipts: addReceipt(opened.receipts, read),
      otherDates: addOtherDate(opened, read, totals.netMinor),
    },
    raised: currencyException(opened, read, currency),
  };
}

/** By incarnation, then place. */
export function sortRuns(runs: readonly EntryRun[]): readonly EntryRun[] {
  return runs.toSorted(
    (a, b) => a.incarnation - b.incarnation || a.from - b.from || compareText(a.head, b.head),
  );
}

const opensDay: ReadonlySet<string> = new Set([
  "sale",
  "refund",
  "reversal",
  "shift-opened",
  "shift-closed",
  "cash",
  "drawer-opened",
]);

function openIfNone(state: DayState, { kind, entry }: ReadEntry): DayState {
  const opens = state.businessDate === null && opensDay.has(kind);
  return opens ? { ...state, businessDate: entry.businessDate } : state;
}

function closeDay(
  state: DayState,
  { entry }: ReadEntry,
  { zNumber, businessDate }: ZBody,
): Step<DayState, DayException> {
  const ref = refOf(entry);
  const expected = state.nextZNumber;
  const grandTotalBeforeMinor = addMinor(state.grandTotalBeforeMinor, state.totals.netMinor);
  const lastZ = { entry: ref, zNumber, businessDate };
  const nextZNumber = Math.max(expected, zNumber + 1);
  return {
    state: { ...newDay, grandTotalBeforeMinor, nextZNumber, lastZ },
    raised: zNumber === expected ? [] : [{ type: "ZNumberDiffers", entry: ref, zNumber, expected }],
  };
}

function extendRuns(runs: readonly EntryRun[], { entry, hash }: ReadEntry): readonly EntryRun[] {
  const { incarnation, sequence, previous } = entry;
  const before = runs.findIndex(
    (run) =>
      run.incarnation === incarnation && run.through + 1 === sequence && run.head === previous,
  );
  const run = runs[before];
  return run === undefined
    ? [...runs, { incarnation, from: sequence, through: sequence, head: hash }]
    : runs.with(before, { ...run, through: sequence, head: hash });
}

function addReceipt(receipts: DayState["receipts"], read: ReadEntry): DayState["receipts"] {
  const number = read.flags.includes("revoked") ? null : receiptNumberOf(read);
  if (number === null) return receipts;
  const { count, first, last } = receipts;
  if (parseReceiptNumber(number) === null) return { ...receipts, count: count + 1 };
  return {
    count: count + 1,
    first: first === null || compareReceipts(number, first) < 0 ? number : first,
    last: last === null || compareReceipts(number, last) > 0 ? number : last,
  };
}

function addOtherDate(
  { businessDate: openDate, otherDates }: DayState,
  { kind, entry, flags }: ReadEntry,
  netMinor: number,
): readonly DateTotal[] {
  const { businessDate } = entry;
  const counts = opensDay.has(kind) && !flags.includes("revoked");
  if (!counts || businessDate === openDate) return otherDates;
  return mergeSorted(
    [otherDates, [{ businessDate, count: 1, netMinor }]],
    (a, b) => compareText(a.businessDate, b.businessDate),
    (a, b) => ({
      businessDate,
      count: a.count + b.count,
      netMinor: addMinor(a.netMinor, b.netMinor),
    }),
  );
}

function currencyOf({ kind, body }: ReadEntry): string | null {
  if (kind === "sale" || kind === "refund" || kind === "reversal") return body.currency;
  return kind === "cash" || kind === "shift-opened" ? body.currency : null;
}

// A location has one currency. Should an entry say otherwise, its minor units are in the sums all the same.
function currencyException(
  { currency: dayCurrency }: DayState,
  { entry }: ReadEntry,
  currency: string | null,
): readonly DayException[] {
  if (currency === null || dayCurrency === null || currency === dayCurrency) return [];
  return [{ type: "CurrencyDiffers", entry: refOf(entry), currency, dayCurrency }];
}

/**
 * All that a till knows of itself, folded from its ledger entry by entry. SPEC.md §5 (DY), §6 (SH).
 *
 * The state is plain data: it can be written down and read back, then folding goes on.
 *
 * @module
 */

import {
  assert,
  type BusinessDate,
  type DeviceId,
  err,
  type HeldEntry,
  ok,
  type Result,
  type ShiftId,
} from "@tillmesh/kernel";
import type { ZBody } from "./bodies.ts";
import { refOf } from "./chain.ts";
import { type DayState, newDay, sortRuns, stepDay } from "./day.ts";
import type { LedgerException } from "./exceptions.ts";
import { readEntry, type ReadEntry } from "./parse-entry-body.ts";
import { noReceipts, type ReceiptSeries, stepReceipts } from "./receipts.ts";
import type { Report } from "./report.ts";
import { noShifts, shiftReports, type ShiftState, stepShift } from "./shift.ts";
import type { Step } from "./step.ts";
import { addMinor } from "./totals.ts";

export interface TillState {
  readonly device: DeviceId;
  readonly shifts: ShiftState;
  readonly day: DayState;
  readonly receipts: ReceiptSeries;
}

export function emptyTill(device: DeviceId): TillState {
  return { device, shifts: noShifts, day: newDay, receipts: noReceipts };
}

/** The state after `held`. Entries of other devices change nothing. Give each entry once, in the order it was learned. */
export function foldTill(state: TillState, held: HeldEntry): TillState {
  return stepTill(state, held).state;
}

/** As `foldTill`, and what the entry raised. */
export function stepTill(state: TillState, held: HeldEntry): Step<TillState, LedgerException> {
  if (held.entry.device !== state.device) return { state, raised: [] };
  const read = readEntry(held);
  const day = stepDay(state.day, read);
  if (read.flags.includes("revoked")) {
    const raised = [{ type: "EntryRevoked", entry: refOf(held.entry) } as const];
    return { state: { ...state, day: day.state }, raised };
  }
  const shifts = stepShift(state.shifts, read);
  const receipts = stepReceipts(state.receipts, read);
  return {
    state: {
      device: state.device,
      shifts: shifts.state,
      day: day.state,
      receipts: receipts.state,
    },
    raised: [...unreadException(read), ...shifts.raised, ...receipts.raised, ...day.raised],
  };
}

/** What a Z would report now; `businessDate` stands in while no day is open. */
export function xReport({ device, shifts, day }: TillState, businessDate: BusinessDate): Report {
  return {
    v: 1,
    device,
    businessDate: day.businessDate ?? businessDate,
    currency: day.currency,
    ...day.totals,
    shifts: shiftReports(shifts),
    receipts: day.receipts,
    otherDates: day.otherDates,
    runs: sortRuns(day.runs),
    grandTotalBeforeMinor: day.grandTotalBeforeMinor,
    grandTotalMinor: addMinor(day.grandTotalBeforeMinor, day.totals.netMinor),
  };
}

/** The body of the Z that closes the open day, for `zDraft`. The Z belongs to the last incarnation folded. */
export function dayClosing({ device, shifts, day, receipts }: TillState): Result<ZBody, DayError> {
  const { businessDate, nextZNumber: zNumber } = day;
  if (businessDate === null) return err({ type: "DayNotOpen" });
  if (shifts.open !== null) return err({ type: "ShiftOpen", shiftId: shifts.open.shiftId });
  const report = xReport({ device, shifts, day, receipts }, businessDate);
  const own = report.runs.filter((run) => run.incarnation === report.runs.at(-1)?.incarnation);
  const [first] = own;
  const last = own.at(-1);
  assert(first !== undefined && last !== undefined, "an open day covers the fact that opened it");
  const throughSequence = Math.max(...own.map((run) => run.through));
  return ok({ zNumber, businessDate, fromSequence: first.from, throughSequence, report });
}

/** May a shift open on `businessDate`? A day that was forgotten is closed first; its Z keeps its date. */
export function checkOpening(
  { shifts, day }: TillState,
  businessDate: BusinessDate,
): Result<null, OpeningError> {
  if (shifts.open !== null) return err({ type: "ShiftOpen", shiftId: shifts.open.shiftId });
  const openDate = day.businessDate;
  return openDate === null || openDate === businessDate
    ? ok(null)
    : err({ type: "DayForgotten", businessDate: openDate });
}

export type DayError =
  | { readonly type: "DayNotOpen" }
  | { readonly type: "ShiftOpen"; readonly shiftId: ShiftId };

export type OpeningError =
  | { readonly type: "ShiftOpen"; readonly shiftId: ShiftId }
  | { readonly type: "DayForgotten"; readonly businessDate: BusinessDate };

function unreadException(read: ReadEntry): readonly LedgerException[] {
  const entry = refOf(read.entry);
  if (read.kind === "faulty") return [{ type: "EntryFaulty", entry, faults: read.faults }];
  return read.kind === "unknown-kind"
    ? [{ type: "EntryUnknownKind", entry, kind: read.unknownKind }]
    : [];
}

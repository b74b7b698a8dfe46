/**
 * The shifts of a till's open day and the cash each should hold. SPEC.md §6 (SH).
 *
 *     expected = float + cash tendered - change - cash given back + in - out - drops
 *
 * @module
 */

import type { BusinessDate, Hlc, ShiftId } from "@tillmesh/kernel";
import type { CashBody, ShiftClosedBody, ShiftOpenedBody } from "./bodies.ts";
import { compareText, refOf } from "./chain.ts";
import type { ShiftException } from "./exceptions.ts";
import type { ReadEntry } from "./parse-entry-body.ts";
import type { ShiftReport } from "./report.ts";
import type { Step } from "./step.ts";
import { addMinor, cashOf } from "./totals.ts";

export interface ShiftState {
  readonly open: Shift | null;
  /** Closed since the last Z, in that order. */
  readonly closed: readonly ClosedShift[];
}

export interface Shift {
  readonly shiftId: ShiftId;
  readonly staff: string;
  readonly currency: string;
  readonly businessDate: BusinessDate;
  readonly openedAt: Hlc;
  readonly floatMinor: number;
  readonly tenderedMinor: number;
  readonly changeMinor: number;
  readonly givenBackMinor: number;
  readonly inMinor: number;
  readonly outMinor: number;
  readonly dropMinor: number;
}

/** `expectedMinor` is what the entries give, whatever the till stated. */
export interface ClosedShift extends Shift {
  readonly closedAt: Hlc;
  readonly countedMinor: number;
  readonly expectedMinor: number;
  readonly differenceMinor: number;
}

export const noShifts: ShiftState = { open: null, closed: [] };

export function expectedCashMinor(shift: Shift): number {
  const { floatMinor, tenderedMinor, changeMinor, givenBackMinor, inMinor } = shift;
  const parts = [floatMinor, tenderedMinor, -changeMinor, -givenBackMinor, inMinor];
  return [...parts, -shift.outMinor, -shift.dropMinor].reduce(addMinor, 0);
}

/** The body that closes the open shift with `countedMinor` in the drawer. */
export function shiftClosing(shift: Shift, countedMinor: number): ShiftClosedBody {
  const expectedMinor = expectedCashMinor(shift);
  const differenceMinor = addMinor(countedMinor, -expectedMinor);
  return { shiftId: shift.shiftId, countedMinor, expectedMinor, differenceMinor };
}

export function stepShift(state: ShiftState, read: ReadEntry): Step<ShiftState, ShiftException> {
  const { kind, body } = read;
  if (kind === "shift-opened") return openShift(state, read, body);
  if (kind === "shift-closed") return closeShift(state, read, body);
  if (kind === "z") return afterZ(state, read);
  const effect = cashEffectOf(read);
  return effect === null ? { state, raised: [] } : inShift(state, read, effect);
}

/** By shift id, the open one included. */
export function shiftReports({ open, closed }: ShiftState): readonly ShiftReport[] {
  const reports = closed.map((shift) =>
    shiftReport(shift, shift.expectedMinor, {
      countedMinor: shift.countedMinor,
      differenceMinor: shift.differenceMinor,
    }),
  );
  const ofOpen = open
    ? [shiftReport(open, expectedCashMinor(open), { countedMinor: null, differenceMinor: null })]
    : [];
  return [...reports, ...ofOpen].toSorted((a, b) => compareText(a.shiftId, b.shiftId));
}

interface CashEffect {
  readonly shiftId: ShiftId;
  readonly tenderedMinor?: number;
  readonly changeMinor?: number;
  readonly givenBackMinor?: number;
  readonly inMinor?: number;
  readonly outMinor?: number;
  readonly dropMinor?: number;
}

function inShift(
  state: ShiftState,
  read: ReadEntry,
  effect: CashEffect,
): Step<ShiftState, ShiftException> {
  const { open } = state;
  if (open === null || open.shiftId !== effect.shiftId) {
    const { kind } = read;
    const entry = refOf(read.entry);
    return { state, raised: [{ type: "SaleAfterClose", entry, kind, shiftId: effect.shiftId }] };
  }
  return { state: { ...state, open: addEffect(open, effect) }, raised: [] };
}

function addEffect(shift: Shift, effect: CashEffect): Shift {
  return {
    ...shift,
    tenderedMinor: addMinor(shift.tenderedMinor, effect.tenderedMinor ?? 0),
    changeMinor: addMinor(shift.changeMinor, effect.changeMinor ?? 0),
    givenBackMinor: addMinor(shift.givenBackMinor, effect.givenBackMinor ?? 0),
    inMinor: addMinor(shift.inMinor, effect.inMinor ?? 0),
    outMinor: addMinor(shift.outMinor, effect.outMinor ?? 0),
    dropMinor: addMinor(shift.dropMinor, effect.dropMinor ?? 0),
  };
}

function cashEffectOf({ kind, body }: ReadEntry): CashEffect | null {
  if (kind === "sale") {
    const { shiftId, tenders, changeMinor } = body;
    return { shiftId, tenderedMinor: cashOf(tenders), changeMinor };
  }
  if (kind === "refund" || kind === "reversal") {
    return { shiftId: body.shiftId, givenBackMinor: cashOf(body.tenders) };
  }
  return kind === "cash" ? cashMoved(body) : null;
}

function cashMoved({ shiftId, kind, amountMinor }: CashBody): CashEffect {
  if (kind === "in") return { shiftId, inMinor: amountMinor };
  return kind === "out" ? { shiftId, outMinor: amountMinor } : { shiftId, dropMinor: amountMinor };
}

function openShift(
  state: ShiftState,
  { entry }: ReadEntry,
  body: ShiftOpenedBody,
): Step<ShiftState, ShiftException> {
  const { shiftId, staff, currency, floatMinor } = body;
  if (state.open !== null) {
    const openShiftId = state.open.shiftId;
    return {
      state,
      raised: [{ type: "ShiftsOverlap", entry: refOf(entry), shiftId, openShiftId }],
    };
  }
  const open: Shift = {
    shiftId,
    staff,
    currency,
    businessDate: entry.businessDate,
    openedAt: entry.at,
    floatMinor,
    tenderedMinor: 0,
    changeMinor: 0,
    givenBackMinor: 0,
    inMinor: 0,
    outMinor: 0,
    dropMinor: 0,
  };
  return { state: { ...state, open }, raised: [] };
}

function closeShift(
  { open, closed }: ShiftState,
  { entry, kind }: ReadEntry,
  body: ShiftClosedBody,
): Step<ShiftState, ShiftException> {
  const { shiftId, countedMinor, expectedMinor: statedMinor } = body;
  const ref = refOf(entry);
  if (open === null || open.shiftId !== shiftId) {
    return {
      state: { open, closed },
      raised: [{ type: "SaleAfterClose", entry: ref, kind, shiftId }],
    };
  }
  const { expectedMinor, differenceMinor } = shiftClosing(open, countedMinor);
  const shift = { ...open, closedAt: entry.at, countedMinor, expectedMinor, differenceMinor };
  return {
    state: { open: null, closed: [...closed, shift] },
    raised:
      statedMinor === expectedMinor
        ? []
        : [
            {
              type: "ShiftExpectedDiffers",
              entry: ref,
              shiftId,
              statedMinor,
              computedMinor: expectedMinor,
            },
          ],
  };
}

// A Z ends every shift, so that a report depends on the entries it covers and on nothing else.
function afterZ({ open }: ShiftState, { entry }: ReadEntry): Step<ShiftState, ShiftException> {
  return {
    state: noShifts,
    raised:
      open === null ? [] : [{ type: "ShiftOpenAtZ", entry: refOf(entry), shiftId: open.shiftId }],
  };
}

function shiftReport(
  { shiftId, staff, floatMinor }: Shift,
  expectedMinor: number,
  counted: Pick<ShiftReport, "countedMinor" | "differenceMinor">,
): ShiftReport {
  return { shiftId, staff, floatMinor, expectedMinor, ...counted };
}

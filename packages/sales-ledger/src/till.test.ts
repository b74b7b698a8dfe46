import type { DeviceId, HeldEntry, ShiftId } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { LedgerException } from "./exceptions.ts";
import { cashDraft, saleDraft, shiftClosedDraft, shiftOpenedDraft, zDraft } from "./drafts.ts";
import { expectedCashMinor } from "./shift.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { append, testContext, testDate, testLedger } from "./testing/test-ledger.ts";
import { playTill, type TillAct } from "./testing/till-acts.ts";
import { checkOpening, dayClosing, emptyTill, foldTill, stepTill, xReport } from "./till.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));
const coffee = { sku: "coffee", quantityMilli: 1000, amountMinor: 300, rateBp: 2000 };
const open: TillAct = { type: "open-shift", floatMinor: 5000 };
const sell: TillAct = { type: "sell", lines: [coffee], overMinor: 200, isSplit: false };
const close: TillAct = { type: "close-shift", differenceMinor: -10 };
const refund: TillAct = { type: "refund", sale: 0, line: 0, share: 100, goods: "restock" };

function play(...acts: readonly TillAct[]) {
  return playTill(ledger, acts);
}

function raisedBy(entries: readonly HeldEntry[]): readonly LedgerException[] {
  let state = emptyTill(ledger.device);
  return entries.flatMap((held) => {
    const step = stepTill(state, held);
    ({ state } = step);
    return step.raised;
  });
}

describe("shifts (SH)", () => {
  test("[SH1] expected cash is float and cash taken less change, refunds, out and drops", () => {
    const { state } = play(
      open,
      sell,
      { ...sell, isSplit: true },
      refund,
      { type: "cash", kind: "in", amountMinor: 70 },
      { type: "cash", kind: "out", amountMinor: 20 },
      { type: "cash", kind: "drop", amountMinor: 1000 },
    );
    expect(expectedCashMinor(state.shifts.open!)).toBe(5000 + 300 + 150 - 300 + 70 - 20 - 1000);
  });

  test("[SH2] a shift closes with what was counted and the difference", () => {
    const { state } = play(open, sell, close);
    expect(state.shifts.open).toBeNull();
    expect(state.shifts.closed).toMatchObject([
      { countedMinor: 5290, expectedMinor: 5300, differenceMinor: -10 },
    ]);
  });

  test("[SH3] a fact that names a shift which is not open counts and is raised", () => {
    const { ledger: closed, state } = play(open, sell, close);
    const shiftId = state.shifts.closed[0]!.shiftId;
    const body = { ...exampleBodies.cash, shiftId };
    const late = append(closed, cashDraft(context, body));
    expect(raisedBy(late.entries)).toMatchObject([
      { type: "SaleAfterClose", kind: "cash", shiftId, entry: { sequence: 5 } },
    ]);
    const after = late.entries.reduce(foldTill, emptyTill(ledger.device));
    expect(xReport(after, testDate(0)).cash.in).toEqual({ count: 1, totalMinor: 20 });
  });

  test("[SH4] a stated expectation that is not that of the entries is raised, and the entries' counts", () => {
    const { ledger: opened, state } = play(open);
    const { shiftId } = state.shifts.open!;
    const body = { shiftId, countedMinor: 5000, expectedMinor: 4000, differenceMinor: 1000 };
    const closed = append(opened, shiftClosedDraft(context, body));
    expect(raisedBy(closed.entries)).toMatchObject([
      { type: "ShiftExpectedDiffers", statedMinor: 4000, computedMinor: 5000 },
    ]);
    const after = closed.entries.reduce(foldTill, emptyTill(ledger.device));
    expect(after.shifts.closed[0]).toMatchObject({ expectedMinor: 5000, differenceMinor: 0 });
  });

  test("[SH5] a second shift while one is open is raised and the first stays open", () => {
    const { ledger: opened } = play(open);
    const second = { ...exampleBodies["shift-opened"], shiftId: "shift_2" as ShiftId };
    const both = append(opened, shiftOpenedDraft(context, second));
    expect(raisedBy(both.entries)).toMatchObject([{ type: "ShiftsOverlap", shiftId: "shift_2" }]);
  });

  test("[SH6] a Z ends every shift, and one that was open is raised", () => {
    const { ledger: opened, state } = play(open);
    const report = xReport(state, testDate(0));
    const businessDate = testDate(0);
    const z = { zNumber: 1, businessDate, fromSequence: 1, throughSequence: 2, report };
    const closed = append(opened, zDraft(context, z));
    expect(raisedBy(closed.entries)).toMatchObject([{ type: "ShiftOpenAtZ" }]);
  });
});

describe("days (DY)", () => {
  test("[DY1] a day opens with its first fact of money or shift and closes with its Z", () => {
    expect(play().state.day.businessDate).toBeNull();
    expect(play(open).state.day.businessDate).toBe(testDate(0));
    const closed = play(open, sell, close, { type: "close-day" });
    expect(closed.state.day).toMatchObject({ businessDate: null, nextZNumber: 2 });
    expect(closed.state.day.lastZ).toMatchObject({ zNumber: 1, businessDate: testDate(0) });
  });

  test("[DY2] a Z waits for its shifts, and for a day", () => {
    const { state } = play(open);
    const shiftId = state.shifts.open!.shiftId;
    expect(dayClosing(state)).toEqual({ ok: false, error: { type: "ShiftOpen", shiftId } });
    expect(checkOpening(state, testDate(0))).toEqual({
      ok: false,
      error: { type: "ShiftOpen", shiftId },
    });
    expect(dayClosing(play().state)).toEqual({ ok: false, error: { type: "DayNotOpen" } });
  });

  test("[DY3] a forgotten day is closed at the next opening, under its own date", () => {
    const { state } = play(open, sell, close, { type: "next-date" });
    expect(checkOpening(state, testDate(1))).toEqual({
      ok: false,
      error: { type: "DayForgotten", businessDate: testDate(0) },
    });
    expect(dayClosing(state)).toMatchObject({ ok: true, value: { businessDate: testDate(0) } });
    expect(checkOpening(state, testDate(0)).ok).toBe(true);
  });

  test("[DY4] a late fact counts in the open day and is listed by the date it names", () => {
    const { state } = play(open, { type: "late-cash", amountMinor: 40 });
    const report = xReport(state, testDate(0));
    expect(report.cash.in).toEqual({ count: 1, totalMinor: 40 });
    expect(report.otherDates).toEqual([{ businessDate: testDate(-1), count: 1, netMinor: 0 }]);
  });

  test("[DY5] Z numbers count on across incarnations; a date may have several", () => {
    const day: readonly TillAct[] = [open, sell, close, { type: "close-day" }];
    const { state } = play(...day, { type: "restore" }, ...day);
    expect(state.day.lastZ).toMatchObject({ zNumber: 2, businessDate: testDate(0) });
    expect(state.day.grandTotalBeforeMinor).toBe(600);
  });

  test("[DY6] entries of other devices change nothing", () => {
    const state = emptyTill("dev_2" as DeviceId);
    expect(play(open, sell).ledger.entries.reduce(foldTill, state)).toEqual(state);
  });

  test("[DY7] a revoked entry counts nowhere but is covered", () => {
    const { ledger: sold } = play(open, sell);
    const revoked = sold.entries.map((held) =>
      held.entry.kind === "sale" ? { ...held, flags: ["revoked" as const] } : held,
    );
    const report = xReport(revoked.reduce(foldTill, emptyTill(ledger.device)), testDate(0));
    expect(report.sales).toEqual({ count: 0, totalMinor: 0 });
    expect(report.receipts.count).toBe(0);
    expect(report.runs).toMatchObject([{ from: 1, through: 3 }]);
    expect(raisedBy(revoked)).toMatchObject([{ type: "EntryRevoked", entry: { sequence: 3 } }]);
  });

  test("[DY8] an entry that cannot be read is counted as unread and raised", () => {
    const { ledger: opened } = play(open);
    const draft = { ...saleDraft(context, exampleBodies.sale), body: { saleId: 3 } };
    const broken = append(append(opened, draft), { ...draft, kind: "loan" });
    expect(raisedBy(broken.entries)).toMatchObject([
      { type: "EntryFaulty", entry: { sequence: 3 } },
      { type: "EntryUnknownKind", kind: "loan" },
    ]);
    const state = broken.entries.reduce(foldTill, emptyTill(ledger.device));
    expect(xReport(state, testDate(0)).unread).toBe(2);
  });

  test("[DY9] another currency than the day's, or a Z number out of turn, is raised", () => {
    const { ledger: opened, state } = play(open);
    const shiftId = state.shifts.open!.shiftId;
    const francs = append(
      opened,
      cashDraft(context, { ...exampleBodies.cash, shiftId, currency: "CHF" }),
    );
    const z = append(francs, zDraft(context, { ...exampleBodies.z, zNumber: 7 }));
    expect(raisedBy(z.entries)).toMatchObject([
      { type: "CurrencyDiffers", currency: "CHF", dayCurrency: "GBP" },
      { type: "ShiftOpenAtZ" },
      { type: "ZNumberDiffers", zNumber: 7, expected: 1 },
    ]);
  });
});

/**
 * Shifts, days and cash.
 *
 * @module
 */

import {
  assert,
  err,
  newId,
  ok,
  type EntryDraft,
  type HeldEntry,
  type Result,
  type StaffId,
} from "@tillmesh/kernel";
import {
  cashDraft,
  checkOpening,
  dayClosing,
  drawerOpenedDraft,
  shiftClosedDraft,
  shiftClosing,
  shiftOpenedDraft,
  zDraft,
  type DraftContext,
  type Shift,
} from "@tillmesh/sales-ledger";
import type { Refusal } from "../http/problem.ts";
import type { WireMoney } from "../http/wire.ts";
import { commitRefusal } from "./commit-refusal.ts";
import { currencyFaults } from "./money.ts";
import { readyDraft, record, type Call, type Recorded } from "./record.ts";
import { refuseFaults } from "./refusals.ts";
import { openShiftOf } from "./sell.ts";
import { todayOf, type Till } from "./till.ts";

export interface ShiftRequest {
  readonly float: WireMoney;
  readonly staff?: string | undefined;
}

/** Opens a shift; a day that was forgotten gets its Z first. */
export function openShift(
  till: Till,
  call: Call,
  request: ShiftRequest,
): Promise<Result<Recorded, Refusal>> {
  const decide = (context: DraftContext): Result<EntryDraft, Refusal> => {
    // Whatever else is wrong, a device that is no till never opens a shift.
    if (!till.replica.device.roles.includes("till")) return err({ type: "NotTill" });
    const staff = staffFor(till, call, request.staff);
    const moneyFaults = currencyFaults(till, [["/float", request.float]]);
    if (!staff.ok) return refuseFaults([...(staff.error.faults ?? []), ...moneyFaults]);
    if (moneyFaults.length > 0) return refuseFaults(moneyFaults);
    const opening = checkNoShiftOpen(till);
    if (!opening.ok) return opening;
    const { currency } = till.replica.location;
    const shiftId = newId("shift", till.random);
    const body = { shiftId, floatMinor: request.float.minor, currency, staff: staff.value };
    return ok(shiftOpenedDraft(context, body));
  };
  return record(till, call, { first: () => closeForgottenDay(till), last: decide });
}

export function closeShift(
  till: Till,
  call: Call,
  { counted }: { readonly counted: WireMoney },
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const moneyFaults = currencyFaults(till, [["/counted", counted]]);
    if (moneyFaults.length > 0) return refuseFaults(moneyFaults);
    const shift = openShiftOf(till);
    if (!shift.ok) return shift;
    return ok(
      shiftClosedDraft(onDayOf(context, shift.value), shiftClosing(shift.value, counted.minor)),
    );
  });
}

/** The numbered Z of all that happened since the last. */
export function closeDay(till: Till, call: Call): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const body = dayClosing(till.state);
    if (body.ok)
      return ok(zDraft({ ...context, businessDate: body.value.businessDate }, body.value));
    return body.error.type === "DayNotOpen"
      ? err({ type: "NothingToClose" })
      : err({ type: "ShiftAlreadyOpen", detail: "A shift is open: close it first." });
  });
}

export interface CashRequest {
  readonly kind: "in" | "out" | "drop";
  readonly amount: WireMoney;
  readonly reason: string;
}

export function moveCash(
  till: Till,
  call: Call,
  { kind, amount, reason }: CashRequest,
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const moneyFaults = currencyFaults(till, [["/amount", amount]]);
    if (moneyFaults.length > 0) return refuseFaults(moneyFaults);
    const shift = openShiftOf(till);
    if (!shift.ok) return shift;
    const { shiftId, currency } = shift.value;
    const cashId = newId("cash", till.random);
    const body = { cashId, kind, amountMinor: amount.minor, reason, shiftId, currency };
    return ok(cashDraft(onDayOf(context, shift.value), body));
  });
}

/** Opening the drawer without a sale is a fact, too. */
export function openDrawer(
  till: Till,
  call: Call,
  { reason }: { readonly reason: string },
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const shift = till.state.shifts.open;
    return ok(drawerOpenedDraft(context, { reason, shiftId: shift?.shiftId ?? null }));
  });
}

/** Commits the Z of an earlier business date that nobody closed, in the device's own name. */
async function closeForgottenDay(till: Till): Promise<Result<HeldEntry | undefined, Refusal>> {
  const { device, location } = till.replica;
  const today = todayOf(till);
  const opening = checkOpening(till.state, today);
  if (opening.ok || opening.error.type !== "DayForgotten") return ok(undefined);
  const by = { device: device.id };
  if (!dayClosing(till.state).ok) return ok(undefined);
  const draft = await readyDraft(till, () => {
    const body = dayClosing(till.state);
    assert(body.ok, "a day that could be closed still can");
    const { businessDate } = body.value;
    return ok(zDraft({ location: location.id, businessDate, by }, body.value));
  });
  if (!draft.ok) return draft;
  const committed = await till.replica.commit(draft.value);
  return committed.ok ? committed : err(commitRefusal(committed.error));
}

function checkNoShiftOpen(till: Till): Result<null, Refusal> {
  const opening = checkOpening(till.state, todayOf(till));
  if (opening.ok) return opening;
  const { open } = till.state.shifts;
  return err({
    type: "ShiftAlreadyOpen",
    facts:
      open === null
        ? {}
        : { shiftId: open.shiftId, staff: open.staff, businessDate: open.businessDate },
  });
}

/** The one who is named; else the one who is signed in; else, for a machine, the first manager. */
function staffFor(
  { books }: Till,
  { actor }: Call,
  named: string | undefined,
): Result<StaffId, Refusal> {
  const all = books.staff.all();
  if (named === undefined) {
    if (actor.staff !== undefined) return ok(actor.staff);
    const [first] = all
      .filter(({ value }) => value.role === "manager")
      .toSorted(
        (a, b) =>
          a.publication.sequence - b.publication.sequence || (a.value.id < b.value.id ? -1 : 1),
      );
    if (first !== undefined) return ok(first.value.id);
    return refuseFaults([
      {
        pointer: "/staff",
        code: "UnknownStaff",
        detail: "No manager is known here: name the staff.",
      },
    ]);
  }
  const found =
    all.find(({ value }) => value.id === named) ?? all.find(({ value }) => value.name === named);
  if (found !== undefined) return ok(found.value.id);
  const detail = `No member of staff in force is ${JSON.stringify(named)}.`;
  return refuseFaults([{ pointer: "/staff", code: "UnknownStaff", detail }]);
}

function onDayOf<Context>(context: Context, { businessDate }: Shift): Context {
  return { ...context, businessDate };
}

/**
 * Shifts, days, reports, cash.
 *
 * @module
 */

import { ok, type HeldEntry, type Result } from "@tillmesh/kernel";
import { xReport } from "@tillmesh/sales-ledger";
import { noteXReport } from "../../fiscal/note-asked.ts";
import { entryAnswer, reportAnswer } from "../../till/answers.ts";
import type { Call, Recorded } from "../../till/record.ts";
import { closeDay, closeShift, moveCash, openDrawer, openShift } from "../../till/shifts.ts";
import { businessDateOf, type Till } from "../../till/till.ts";
import type { Refusal } from "../problem.ts";
import { route, type ApiRequest, type Handled, type Route } from "../route.ts";
import { anything, array, literal, object, text, type Schema } from "../schema.ts";
import { money, signedMoney } from "../wire.ts";
import { date, id, reason, recordedAs, taxLine, who } from "./shapes.ts";

export function tillRoutes(till: Till): readonly Route[] {
  return [...shiftRoutes(till), ...dayRoutes(till), ...cashRoutes(till)];
}

/** The actor and key that the server has made sure of. */
export function callOf({ actor, request }: ApiRequest): Call {
  if (actor === undefined || request === undefined) throw new Error("Bug: a call without an actor");
  return { actor, request };
}

/** What was recorded, or was already: then 200, whatever the first answer's status was. */
export function recordedAnswer(
  recorded: Result<Recorded, Refusal>,
  status: number,
  toBody: (held: HeldEntry) => unknown,
): Handled {
  if (!recorded.ok) return recorded;
  const { held, isRepeat } = recorded.value;
  return ok({ status: isRepeat ? 200 : status, body: toBody(held) });
}

const shiftAnswer = { shiftId: id, ...recordedAs, device: who, location: who, kind: text() };

const reportShape: Schema = {
  ...object(
    {
      device: who,
      businessDate: date,
      sales: anything(),
      refunds: anything(),
      reversals: anything(),
      net: signedMoney,
      taxes: array(taxLine),
      tenders: array(anything()),
      shifts: array(anything()),
      receipts: anything(),
    },
    {},
  ),
  title: "Report",
  additionalProperties: true,
};

function shiftRoutes(till: Till): readonly Route[] {
  const toBody = (held: HeldEntry) => entryAnswer(till, held);
  return [
    route(
      {
        method: "POST",
        path: "/shifts",
        tag: "Shifts and days",
        summary: "Open a shift; a day that was forgotten gets its Z first",
        right: "sell",
        body: object({ float: money }, { staff: id }),
        answer: {
          status: 201,
          schema: object({ ...shiftAnswer, float: money, staff: who, currency: text() }),
        },
        problems: ["ShiftAlreadyOpen", "UnknownStaff", "CurrencyMismatch", "NotTill"],
      },
      async (request) =>
        recordedAnswer(await openShift(till, callOf(request), request.body), 201, toBody),
    ),
    route(
      {
        method: "POST",
        path: "/shifts/close",
        tag: "Shifts and days",
        summary: "Close the open shift with what was counted",
        right: "sell",
        body: object({ counted: money }),
        answer: {
          status: 200,
          schema: object({
            ...shiftAnswer,
            counted: money,
            expected: signedMoney,
            difference: signedMoney,
          }),
        },
        problems: ["NoOpenShift", "CurrencyMismatch"],
      },
      async (request) =>
        recordedAnswer(await closeShift(till, callOf(request), request.body), 200, toBody),
    ),
    route(
      {
        method: "GET",
        path: "/shifts/current",
        tag: "Shifts and days",
        summary: "The open shift, if any",
        right: "read",
        answer: { status: 200, schema: anything() },
      },
      () => ok({ status: 200, body: currentShift(till) }),
    ),
  ];
}

function currentShift(till: Till): unknown {
  const { open } = till.state.shifts;
  if (open === null) return { shift: null };
  const { shiftId, businessDate, floatMinor, staff, currency, openedAt } = open;
  const answer = reportAnswer(till, { shifts: [{ shiftId, staff, floatMinor }], currency });
  const [shift] = answer["shifts"] as readonly object[];
  return { shift: { ...shift, businessDate, openedAt: openedAt.slice(0, 24) } };
}

function dayRoutes(till: Till): readonly Route[] {
  return [
    route(
      {
        method: "POST",
        path: "/days/close",
        tag: "Shifts and days",
        summary: "The numbered Z of all that happened since the last",
        right: "day",
        body: object({}),
        answer: { status: 200, schema: anything() },
        problems: ["NothingToClose", "ShiftAlreadyOpen"],
      },
      async (request) =>
        recordedAnswer(await closeDay(till, callOf(request)), 200, (held) =>
          entryAnswer(till, held),
        ),
    ),
    route(
      {
        method: "GET",
        path: "/reports/x",
        tag: "Shifts and days",
        summary: "What a Z would say now",
        right: "day",
        answer: { status: 200, schema: reportShape },
      },
      () =>
        ok({ status: 200, body: reportAnswer(till, xReport(till.state, businessDateOf(till))) }),
    ),
    xReportRoute(till),
  ];
}

/** On paper: that somebody asked for it may be a fact of the fiscal law. */
function xReportRoute(till: Till): Route {
  return route(
    {
      method: "POST",
      path: "/reports/x",
      tag: "Shifts and days",
      summary:
        "What a Z would say now, on paper; noted first where the fiscal regime asks for that",
      right: "day",
      body: object({}),
      answer: { status: 200, schema: reportShape },
    },
    async (request) => {
      const noted = await noteXReport(till, callOf(request));
      if (!noted.ok) return noted;
      const report = reportAnswer(till, xReport(till.state, businessDateOf(till)));
      return ok({ status: 200, body: { ...report, fiscal: noted.value } });
    },
  );
}

function cashRoutes(till: Till): readonly Route[] {
  const toBody = (held: HeldEntry) => entryAnswer(till, held);
  return [
    route(
      {
        method: "POST",
        path: "/cash",
        tag: "Cash",
        summary: "Cash into or out of the drawer, or a drop into the safe",
        right: "cash",
        body: object({ kind: literal("in", "out", "drop"), amount: positiveMoney, reason }),
        answer: {
          status: 201,
          schema: object({
            ...shiftAnswer,
            cashId: id,
            amount: money,
            reason: text(),
            currency: text(),
          }),
        },
        problems: ["NoOpenShift", "CurrencyMismatch"],
      },
      async (request) =>
        recordedAnswer(await moveCash(till, callOf(request), request.body), 201, toBody),
    ),
    route(
      {
        method: "POST",
        path: "/drawer",
        tag: "Cash",
        summary: "The drawer was opened without a sale",
        right: "sell",
        body: object({}, { reason }),
        answer: { status: 201, schema: anything() },
      },
      async (request) => {
        const { reason: why = "" } = request.body;
        return recordedAnswer(
          await openDrawer(till, callOf(request), { reason: why }),
          201,
          toBody,
        );
      },
    ),
  ];
}

const positiveMoney: typeof money = {
  ...money,
  title: "PositiveMoney",
  properties: {
    ...(money["properties"] as object),
    minor: { type: "integer", minimum: 1, maximum: 1e12 },
  },
};

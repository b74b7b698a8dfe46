/**
 * The fiscal regime: status, documents on their way, exports.
 *
 * @module
 */

import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { err, ok } from "@tillmesh/kernel";
import { confirmClock } from "../../fiscal/clock-check.ts";
import { correctDocument } from "../../fiscal/correct.ts";
import { listDocuments, outboxStates, type DocumentPlace } from "../../fiscal/delivery-answer.ts";
import type { DeliveryLoop } from "../../fiscal/delivery-loop.ts";
import { exportFiscal } from "../../fiscal/export.ts";
import { releaseDocument } from "../../fiscal/release.ts";
import { fiscalStatusAnswer } from "../../fiscal/status.ts";
import { takeOver } from "../../fiscal/take-over.ts";
import type { Till } from "../../till/till.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { route, type Route } from "../route.ts";
import {
  array,
  bool,
  described,
  integer,
  literal,
  named,
  nullable,
  object,
  open,
  text,
  type Schema,
} from "../schema.ts";
import { whenRead } from "./reading.ts";
import { callOf } from "./till-routes.ts";
import { date, instant, listQuery, page, who } from "./shapes.ts";

export function fiscalRoutes(till: Till, delivery: DeliveryLoop): readonly Route[] {
  return [
    statusRoute(till),
    documentsRoute(till),
    releaseRoute(till, delivery),
    correctRoute(till, delivery),
    clockRoute(till),
    handOverRoute(till, delivery),
    exportRoute(till),
  ];
}

const count = integer(0, Number.MAX_SAFE_INTEGER);

const deliveryShape = object({
  isSent: bool(),
  waiting: count,
  inflight: count,
  accepted: count,
  flagged: count,
  rejected: count,
  parked: count,
  corrected: count,
  oldestWaiting: nullable(instant),
  deadlines: object({ warning: count, alarm: count, late: count }),
  notBefore: nullable(instant),
  paused: nullable(object({ code: text(), detail: text(), since: instant })),
  skewMs: nullable(integer(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  lastError: nullable(text()),
});

const clockShape = object({
  code: literal("back", "forward", "too-early"),
  shows: text(),
  last: text(),
  isConfirmed: bool(),
});

const status: Schema = named(
  "FiscalStatus",
  open(
    object({
      regime: nullable(text({ examples: ["at-rksv", "es-verifactu", "none"] })),
      isTest: bool(),
      stopped: nullable(text()),
      activation: nullable(open(object({ regime: text(), from: text() }))),
      stream: nullable(open(object({ id: text(), till: text(), series: text() }))),
      head: nullable(
        object({ sequence: count, number: nullable(text()), sealedAt: nullable(instant) }),
      ),
      outage: nullable(
        object({
          since: instant,
          firstNumber: text(),
          lastNumber: text(),
          ended: nullable(instant),
        }),
      ),
      keys: array(object({ keyId: text(), notAfter: instant, daysLeft: count, level: text() })),
      clock: described(
        nullable(clockShape),
        "The clock is in doubt: nothing is sealed until it is put right or confirmed.",
      ),
      refusedTaxes: described(
        array(object({ taxCode: text(), detail: text() })),
        "Tax codes in force that the regime would refuse at the counter.",
      ),
      closings: described(
        array(
          object({
            period: literal("day", "month", "year"),
            since: instant,
            reason: nullable(text()),
          }),
        ),
        "Due and not sealed yet; they hold up nothing and are tried again by themselves.",
      ),
      delivery: deliveryShape,
      exports: array(text()),
    }),
  ),
);

export const fiscalDocument: Schema = named(
  "FiscalDocument",
  object({
    device: who,
    stream: text(),
    sequence: integer(1, Number.MAX_SAFE_INTEGER),
    number: text(),
    kind: text(),
    at: instant,
    state: text(),
    attempts: count,
    code: nullable(text()),
    detail: nullable(text()),
    due: nullable(instant),
    level: nullable(text()),
    receiptId: nullable(text()),
  }),
);

function statusRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/fiscal",
      tag: "Fiscal",
      summary: "The fiscal regime of this device: stream, outage, keys, delivery",
      right: "read",
      answer: { status: 200, schema: status },
    },
    () => whenRead(till, () => ok({ status: 200, body: fiscalStatusAnswer(till) })),
  );
}

function documentsRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/fiscal/documents",
      tag: "Fiscal",
      summary: "Documents that go to an authority, oldest first, of all devices held here",
      right: "read",
      query: object({}, { state: literal(...outboxStates), ...listQuery }),
      answer: { status: 200, schema: page(fiscalDocument) },
    },
    ({ query }) =>
      whenRead(till, () => {
        const { state = "waiting", cursor, limit = 50 } = query;
        const after = readCursor<DocumentPlace>(cursor, {
          atMs: "number",
          stream: "string",
          sequence: "number",
        });
        if (!after.ok) return after;
        const listed = listDocuments(till, { state, after: after.value, limit });
        const last = listed.length === limit ? listed.at(-1) : undefined;
        const items = listed.map(({ answer }) => answer);
        return ok({ status: 200, body: { items, next: last ? writeCursor(last.place) : null } });
      }),
  );
}

function releaseRoute(till: Till, delivery: DeliveryLoop): Route {
  return route(
    {
      method: "POST",
      path: "/fiscal/documents/{sequence}/release",
      tag: "Fiscal",
      summary:
        "Send a parked or rejected document of this device once more, as it is; and go on where delivery is paused",
      right: "publish",
      params: object({ sequence: text({ pattern: "^[1-9][0-9]{0,14}$" }) }),
      body: object({}, { stream: text({ maxLength: 500 }) }),
      answer: { status: 200, schema: fiscalDocument },
      problems: ["NotKnownHere"],
    },
    async ({ params, body }) => {
      const released = await releaseDocument(till, delivery, {
        sequence: Number(params.sequence),
        stream: body.stream,
      });
      return released === undefined
        ? err({ type: "NotKnownHere" })
        : ok({ status: 200, body: released });
    },
  );
}

function correctRoute(till: Till, delivery: DeliveryLoop): Route {
  return route(
    {
      method: "POST",
      path: "/fiscal/documents/{sequence}/correct",
      tag: "Fiscal",
      summary:
        "Put a rejected or flagged document of this device right by a new one, which says the same of the sale",
      right: "publish",
      params: object({ sequence: text({ pattern: "^[1-9][0-9]{0,14}$" }) }),
      body: object({}),
      answer: { status: 201, schema: fiscalDocument },
      problems: ["NotKnownHere", "FiscalNotCorrectable", "FiscalRefused", "FiscalStopped"],
    },
    async ({ params }) => {
      if (!till.isOwnRead) return err({ type: "CatchingUp", retryAfterS: 1 });
      const corrected = await correctDocument(till, { sequence: Number(params.sequence) });
      if (!corrected.ok) return corrected;
      delivery.see({ type: "started" });
      return ok({ status: 201, body: corrected.value });
    },
  );
}

function clockRoute(till: Till): Route {
  return route(
    {
      method: "POST",
      path: "/fiscal/clock/confirm",
      tag: "Fiscal",
      summary:
        "Somebody looked at the clock and it is right: it holds for the next document; null where nothing was in doubt",
      right: "publish",
      body: object({}),
      answer: { status: 200, schema: object({ clock: nullable(clockShape) }) },
      problems: ["FiscalClock"],
    },
    async (request) => {
      if (!till.isOwnRead) return err({ type: "CatchingUp", retryAfterS: 1 });
      const confirmed = await confirmClock(till, callOf(request).actor.by);
      return confirmed.ok ? ok({ status: 200, body: { clock: confirmed.value } }) : confirmed;
    },
  );
}

function handOverRoute(till: Till, delivery: DeliveryLoop): Route {
  return route(
    {
      method: "POST",
      path: "/fiscal/hand-overs",
      tag: "Fiscal",
      summary:
        "From now on headquarters sends what another device sealed and cannot send; asked at that device itself, the one it names",
      right: "publish",
      body: object(
        { device: text({ minLength: 1, maxLength: 200 }) },
        { to: text({ minLength: 1, maxLength: 200 }) },
      ),
      answer: {
        status: 201,
        schema: object({
          items: array(object({ stream: text(), fromSequence: count, number: count })),
        }),
      },
      problems: ["NotHq", "NotKnownHere", "FiscalHandOver"],
    },
    async ({ body }) => {
      if (!till.isAllRead) return err({ type: "CatchingUp", retryAfterS: 1 });
      const taken = await takeOver(till, body);
      if (!taken.ok) return taken;
      delivery.see({ type: "started" });
      return ok({ status: 201, body: { items: taken.value } });
    },
  );
}

function exportRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/fiscal/exports/{kind}",
      tag: "Fiscal",
      summary: "What an authority may ask for, as a file: dep7, saft-cr, verifactu-xml, journal",
      right: "audit",
      params: object({ kind: text({ minLength: 1, maxLength: 40 }) }),
      query: object({}, { from: date, to: date, stream: text({ maxLength: 500 }) }),
      answer: { status: 200, media: "application/octet-stream", schema: text() },
      problems: ["NotKnownHere"],
    },
    ({ params, query }) => {
      if (!till.isOwnRead) return err({ type: "CatchingUp", retryAfterS: 1 });
      const found = exportFiscal(till, { ...query, kind: params.kind });
      if (!found.ok) return found;
      const { fileName, mediaType, pieces } = found.value;
      return ok({
        status: 200,
        stream: (response) => {
          response.writeHead(200, {
            "content-type": mediaType,
            "content-disposition": `attachment; filename="${fileName}"`,
          });
          // A reader that goes away ends the stream; it sees that its file is not whole.
          pipeline(Readable.from(pieces), response).catch(() => response.destroy());
        },
      });
    },
  );
}

/**
 * Raw entries for an ERP, exceptions for a person, events for whoever follows.
 *
 * @module
 */

import { err, ok, type Json } from "@tillmesh/kernel";
import { listExceptions } from "../../projection/exceptions.ts";
import { entriesAfter, type EntriesPlace } from "../../projection/entries.ts";
import type { Till } from "../../till/till.ts";
import { refreshHeldExceptions } from "../../till/held-exceptions.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import type { EventHub } from "../event-hub.ts";
import { route, type Route } from "../route.ts";
import { anything, array, described, integer, nullable, object, text } from "../schema.ts";
import { toWire, wireTime } from "../wire.ts";
import { whenRead } from "./reading.ts";
import { instant, listQuery, page } from "./shapes.ts";

export function auditRoutes(
  till: Till,
  hub: EventHub,
  isToken: (token: string) => boolean,
): readonly Route[] {
  return [entriesRoute(till), exceptionsRoute(till), eventsRoute(hub, isToken)];
}

function entriesRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/entries",
      tag: "Audit",
      summary: "Every entry held here, as recorded, of all ledgers",
      right: "audit",
      query: object(
        {},
        {
          after: text({ maxLength: 8000 }),
          cursor: text({ maxLength: 8000 }),
          limit: integer(1, 1000),
        },
      ),
      answer: {
        status: 200,
        schema: object({
          items: array(
            described(
              anything(),
              "The entry with its `hash` and `flags`; amounts in integer units.",
            ),
          ),
          next: described(
            nullable(text()),
            "Give it as `after` for the next page; null when this was the last.",
          ),
          position: described(
            text(),
            "Where this page ended, to ask later for what has arrived since.",
          ),
        }),
      },
    },
    ({ query }) =>
      whenRead(till, () => {
        const { limit = 200 } = query;
        const place = readCursor<EntriesPlace>(query.after ?? query.cursor, { v: "object" });
        if (!place.ok) return place;
        const { entries, place: end, isMore } = entriesAfter(till.projection, place.value, limit);
        const items = entries.map(({ entry, hash, flags }) => ({ ...entry, hash, flags }));
        const position = writeCursor(end);
        return ok({ status: 200, body: { items, next: isMore ? position : null, position } });
      }),
  );
}

function exceptionsRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/exceptions",
      tag: "Audit",
      summary:
        "What a person should look at: oversell, over-refund, fork, recount …; nothing was lost",
      right: "audit",
      query: object({}, listQuery),
      answer: {
        status: 200,
        schema: page({
          ...object({ id: text(), type: text(), at: instant }),
          additionalProperties: true,
          title: "Exception",
        }),
      },
    },
    ({ query }) =>
      whenRead(till, () => {
        const { cursor, limit = 100 } = query;
        const after = readCursor<{ readonly n: number }>(cursor, { n: "number" });
        if (!after.ok) return after;
        refreshHeldExceptions(till);
        const listed = listExceptions(till.projection, { after: after.value?.n ?? 0, limit });
        const last = listed.length === limit ? listed.at(-1)?.n : undefined;
        const { currency } = till.replica.location;
        const items = listed.map(({ id, type, at, facts }) => {
          return {
            id,
            type,
            at: wireTime(at),
            ...(toWire(facts, currency) as { readonly [k: string]: Json }),
          };
        });
        return ok({
          status: 200,
          body: { items, next: last === undefined ? null : writeCursor({ n: last }) },
        });
      }),
  );
}

function eventsRoute(hub: EventHub, isToken: (token: string) => boolean): Route {
  return route(
    {
      method: "GET",
      path: "/events",
      tag: "Audit",
      summary: "Server-sent events; resumes after Last-Event-ID. `reset`: read everything again",
      right: "read",
      answer: { status: 200, media: "text/event-stream", schema: text() },
      problems: ["TooManyClients"],
    },
    ({ lastEventId, token = "" }) => {
      const stream = hub.follow({ lastEventId, isAllowed: () => isToken(token) });
      return stream === undefined
        ? err({ type: "TooManyClients", retryAfterS: 10 })
        : ok({ status: 200, stream });
    },
  );
}

/**
 * How this device is linked: LAN and relay in its status, and the switches that cut them.
 *
 * @module
 */

import { ok } from "@tillmesh/kernel";
import type { Till } from "../../till/till.ts";
import type { RecentAnswers } from "../recent-answers.ts";
import { route, type Handled, type Route } from "../route.ts";
import {
  array,
  bool,
  integer,
  named,
  nullable,
  object,
  open,
  text,
  type Schema,
} from "../schema.ts";
import { instant } from "./shapes.ts";
import { callOf } from "./till-routes.ts";

const count = integer(0, Number.MAX_SAFE_INTEGER);

const links = named("Links", object({ lan: bool(), uplink: bool() }));

const channel = object({
  channel: text(),
  title: text(),
  lane: integer(0, 3),
  storedOffset: count,
  readOffset: count,
  pendingEnvelopes: count,
  pendingBytes: count,
  silentSince: nullable(instant),
});

const relay = named(
  "Relay",
  object({
    state: text({ examples: ["connected", "connecting", "refused", "revoked", "off"] }),
    url: text(),
    lastError: nullable(object({ code: text(), detail: text(), at: instant })),
    sentBytes: count,
    receivedBytes: count,
    pending: array(object({ lane: integer(0, 3), envelopes: count, bytes: count })),
    channels: array(channel),
  }),
);

const horizon = named(
  "HorizonCounts",
  object({ entries: count, onlyHere: count, peers: count, relay: count, hq: count }),
);

/** The parts that others build on; the rest speaks for itself. */
export const statusShape: Schema = named(
  "Status",
  open(
    object({
      relay: nullable(relay),
      horizon,
      links,
      enrolment: object({ state: text() }),
      onlyHere: object({ entries: count }),
    }),
  ),
);

export function linkRoutes(till: Till, recent: RecentAnswers): readonly Route[] {
  return [
    route(
      {
        method: "POST",
        path: "/links",
        tag: "System",
        summary: "Cut or mend this device's LAN and uplink, until it is started again",
        right: "links",
        body: object({}, { lan: bool(), uplink: bool() }),
        answer: { status: 200, schema: links },
      },
      (request) => {
        const { lan, uplink } = request.body;
        return recent.once(callOf(request).request, (): Handled => {
          till.replica.setLinks({
            ...(lan === undefined ? {} : { lan }),
            ...(uplink === undefined ? {} : { uplink }),
          });
          return ok({ status: 200, body: till.replica.status().links });
        });
      },
    ),
  ];
}

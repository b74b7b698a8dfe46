/**
 * What those who follow are told of the till's events.
 *
 * @module
 */

import { base64url, type Crypto, type HeldEntry } from "@tillmesh/kernel";
import { createEventHub, type ArrivedEvent, type EventHub } from "./http/event-hub.ts";
import { gathered } from "./http/gathered.ts";
import { heldOf } from "./projection/tables.ts";
import { horizonAnswer } from "./till/horizon.ts";
import type { Till, TillEvent } from "./till/till.ts";

export interface LiveEvents {
  readonly hub: EventHub;
  tell(event: TillEvent): void;
  close(): void;
}

export function createLiveEvents(till: Till, crypto: Crypto): LiveEvents {
  const hub = createHub(till, crypto);
  // Acknowledgements come by the hundred; each says the same: look again.
  const horizon = gathered(horizonWithinMs, () => tell(hub, till, { type: "horizon" }));
  return {
    hub,
    tell: (event) => (event.type === "horizon" ? horizon.tell() : tell(hub, till, event)),
    close: () => {
      horizon.close();
      hub.close();
    },
  };
}

const horizonWithinMs = 100;
const resumeMax = 1000;

function createHub(till: Till, crypto: Crypto): EventHub {
  const { projection } = till;
  const newest = () => Number(projection.sql("SELECT max(n) AS n FROM entries").get()?.["n"] ?? 0);
  return createEventHub({
    run: base64url(crypto.randomBytes(6)),
    position: () => ({ epoch: projection.epoch, arrival: newest() }),
    eventsAfter: (arrival) => {
      if (newest() - arrival > resumeMax) return undefined;
      const rows = projection.sql("SELECT * FROM entries WHERE n > ? ORDER BY n").all(arrival);
      return rows.map((row): ArrivedEvent => {
        const data = entryEvent(till, heldOf(row));
        return { type: "entry", data, arrival: Number(row["n"]) };
      });
    },
  });
}

function tell(hub: EventHub, till: Till, event: TillEvent): void {
  switch (event.type) {
    case "applied":
      tellApplied(hub, till, event);
      return;
    case "publication": {
      const { id, topic, sequence, publisher } = event.publication;
      hub.publish({ type: "publication", data: { id, topic, sequence, publisher } });
      return;
    }
    case "exception":
      hub.publish({ type: "exception", data: { type: event.exception.type } });
      return;
    case "peers":
    case "failed":
    case "horizon":
    case "relay":
    case "devices":
    case "revoked":
      hub.publish({ type: event.type, data: linkFacts(till, event.type) });
  }
}

type AppliedEvent = Extract<TillEvent, { readonly type: "applied" }>;

function tellApplied(hub: EventHub, till: Till, { applied, raised }: AppliedEvent): void {
  for (const { held } of applied) hub.publish({ type: "entry", data: entryEvent(till, held) });
  for (const { type, facts } of raised)
    hub.publish({ type: "exception", data: { type, ...facts } });
}

type LinkEvent = Exclude<TillEvent["type"], "applied" | "publication" | "exception">;

function linkFacts(till: Till, type: LinkEvent): object {
  const { horizon, relay } = till.replica.status();
  if (type === "horizon") return horizon;
  return type === "relay" ? { state: relay?.state ?? "off" } : {};
}

/** Enough to know what to read again; the entry itself takes the right to see it. */
function entryEvent(till: Till, { entry, hash }: HeldEntry): object {
  const { device, incarnation, sequence, kind, at, businessDate, movements = [] } = entry;
  const skus = [...new Set(movements.map(({ sku }) => sku))];
  return {
    device,
    incarnation,
    sequence,
    hash,
    kind,
    at: at.slice(0, 24),
    businessDate,
    own: device === till.replica.device.id,
    skus,
    horizon: horizonAnswer(till, entry),
  };
}

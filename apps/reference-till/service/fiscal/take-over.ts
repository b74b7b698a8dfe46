/**
 * Delivering for a device that will not come back, or not in time: its sealed documents are at headquarters, and a recorded hand-over says from
 * where on that sends them, with the waiting time that the authority asked last. A till may also name another one itself, while it can.
 *
 * @module
 */

import { err, ok, type HeldEntry, type JsonObject, type Result } from "@tillmesh/kernel";
import {
  initialDelivery,
  throttleAfter,
  type FiscalRecord,
  type HandedOver,
  type StreamDelivery,
} from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import { deviceNamed } from "../till/names.ts";
import type { Till } from "../till/till.ts";
import { depositTo } from "./deposits.ts";
import { regimeNamed } from "./regimes.ts";
import { knownStreams, type KnownStream } from "./streams.ts";

export interface TakeOverRequest {
  /** By id, or by a name that only one device has. */
  readonly device: string;
  /** Likewise; only the device itself names another. By default the one that is asked. */
  readonly to?: string | undefined;
}

/** Of every stream of that device in which something waits. */
export async function takeOver(
  till: Till,
  { device: wanted, to: named }: TakeOverRequest,
): Promise<Result<readonly JsonObject[], Refusal>> {
  const to = delivererFor(till, { device: wanted, to: named });
  if (!to.ok) return to;
  // Headquarters may seal nothing itself; what it sends with is then what it was told of its location.
  till.fiscal.activateAsSaid();
  till.projection.sync();
  const streams = knownStreams(till.projection).filter(({ device }) =>
    isNamed(till, device, wanted),
  );
  const waiting = streams.flatMap((stream) => {
    const from = firstWaiting(till, stream);
    return from === undefined ? [] : [{ stream, from }];
  });
  if (waiting.length === 0) {
    const detail = `Nothing of ${JSON.stringify(wanted)} waits here to be sent.`;
    return err({ type: "NotKnownHere", detail });
  }
  const taken: JsonObject[] = [];
  for (const { stream, from } of waiting) {
    const record = handOverOf(till, stream, { fromSequence: from, to: to.value });
    if (record === undefined) {
      const detail = `${stream.config.regime} lets no other device send.`;
      return err({ type: "FiscalHandOver", detail });
    }
    const done = await till.fiscal.exclusively(() => recorded(till, stream, record));
    if (!done.ok) return done;
    taken.push({ stream: stream.stream, fromSequence: from, number: record.number });
  }
  return ok(taken);
}

/** Who is to send, if that may be said here. */
function delivererFor(till: Till, { device, to: named }: TakeOverRequest): Result<string, Refusal> {
  const own = till.replica.device;
  const isOwn = isNamed(till, own.id, device);
  if (!isOwn && !own.roles.includes("hq")) return err({ type: "NotHq" });
  if (named === undefined) return ok(own.id);
  const to = delivererNamed(till, named);
  if (!to.ok || isOwn || to.value === own.id) return to;
  const detail = "Only the till that sealed names another one to send.";
  return err({ type: "FiscalHandOver", detail });
}

/** The credentials first: whoever is told to send has them then. */
async function recorded(
  till: Till,
  known: KnownStream,
  record: HandedOver,
): Promise<Result<HeldEntry, Refusal>> {
  const isOwn = known.device === till.replica.device.id;
  const isGiven = isOwn && record.to !== known.device;
  const deposited = isGiven ? await depositTo(till, known, record.to) : ok(null);
  return deposited.ok ? till.fiscal.commit(record) : deposited;
}

function isNamed(till: Till, device: string, wanted: string): boolean {
  return device === wanted || deviceNamed(till, device).name === wanted;
}

/** A device in good standing. */
function delivererNamed(till: Till, wanted: string): Result<string, Refusal> {
  const good = till.replica.devices().filter(({ state }) => state !== "revoked");
  const byId = good.filter(({ id }) => id === wanted);
  const [only, ...more] =
    byId.length > 0 ? byId : good.filter(({ id }) => isNamed(till, id, wanted));
  if (only !== undefined && more.length === 0) return ok(only.id);
  const detail = `${JSON.stringify(wanted)} is no one device in good standing here.`;
  return err({ type: "NotKnownHere", detail });
}

function firstWaiting({ projection }: Till, { stream }: KnownStream): number | undefined {
  const row = projection
    .sql(
      `SELECT min(sequence) AS first FROM fiscal_outbox
       WHERE stream = ? AND state IN ('queued', 'inflight')`,
    )
    .get(stream);
  return row?.["first"] === null || row === undefined ? undefined : Number(row["first"]);
}

function handOverOf(
  { projection, clock }: Till,
  { config, stream, device, handOvers }: KnownStream,
  { fromSequence, to }: Pick<HandedOver, "fromSequence" | "to">,
): Extract<FiscalRecord, HandedOver> | undefined {
  const regime = regimeNamed(config.regime);
  if (regime?.delivery === undefined || regime.capabilities.handOver !== "allowed")
    return undefined;
  const row = projection.sql("SELECT delivery FROM fiscal_deliveries WHERE stream = ?").get(stream);
  const text = row?.["delivery"] ?? null;
  const known =
    text === null
      ? initialDelivery(regime.delivery.initialThrottle)
      : (JSON.parse(String(text)) as StreamDelivery);
  return {
    type: "handed-over",
    stream,
    fromSequence,
    number: 1 + handOvers.reduce((highest, one) => Math.max(highest, one.number), 0),
    from: device,
    to,
    throttle: throttleAfter(handOvers, known.throttle),
    atMs: clock.nowMs(),
  };
}

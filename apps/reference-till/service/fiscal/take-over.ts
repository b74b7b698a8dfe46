/**
 * Delivering for a device that will not come back, or not in time: its sealed documents are here, and a recorded hand-over says from where
 * on this device sends them, with the waiting time that the authority asked last.
 *
 * @module
 */

import { err, ok, type JsonObject, type Result } from "@tillmesh/kernel";
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
import { regimeNamed } from "./regimes.ts";
import { knownStreams, type KnownStream } from "./streams.ts";

export interface TakeOverRequest {
  /** By id, or by a name that only one device has. */
  readonly device: string;
}

/** Of every stream of that device in which something waits. */
export async function takeOver(
  till: Till,
  { device: wanted }: TakeOverRequest,
): Promise<Result<readonly JsonObject[], Refusal>> {
  if (!till.replica.device.roles.includes("hq")) return err({ type: "NotHq" });
  // Headquarters may seal nothing itself; what it sends with is then what it was told of its location.
  till.fiscal.activateAsSaid();
  till.projection.sync();
  const streams = knownStreams(till.projection).filter(
    ({ device }) => device === wanted || deviceNamed(till, device).name === wanted,
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
    const record = handOverOf(till, stream, from);
    if (record === undefined) {
      const detail = `${stream.config.regime} lets no other device send.`;
      return err({ type: "FiscalHandOver", detail });
    }
    const done = await till.fiscal.exclusively(() => till.fiscal.commit(record));
    if (!done.ok) return done;
    taken.push({ stream: stream.stream, fromSequence: from, number: record.number });
  }
  return ok(taken);
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
  { projection, replica, clock }: Till,
  { config, stream, device, handOvers }: KnownStream,
  fromSequence: number,
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
    to: replica.device.id,
    throttle: throttleAfter(handOvers, known.throttle),
    atMs: clock.nowMs(),
  };
}

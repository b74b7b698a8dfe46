/**
 * Opens the fiscal stream that this device should seal into, with what its regime begins a stream with.
 *
 * @module
 */

import { err, ok, type HeldEntry, type Json, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import type { Till } from "../till/till.ts";
import { clockRefusal } from "./clock-check.ts";
import type { FiscalDesk } from "./desk.ts";
import type { OpenStream } from "./fiscal-state.ts";
import type { Activation } from "./key-files.ts";
import { regimeNamed } from "./regimes.ts";
import { rekeyed } from "./rekeying.ts";
import { configFor, goesOn, seriesOf, stateAtOpening, wantedActivation } from "./stream-plan.ts";
import { makeActivation } from "./test-activation.ts";

/** Opens the stream that this device should seal into, unless it is open; and seals what that stream begins with. */
export async function openWanted(desk: FiscalDesk, till: Till): Promise<Result<null, Refusal>> {
  const { stopped } = desk;
  if (stopped !== undefined) return err({ type: "FiscalStopped", detail: stopped });
  const wanted = desk.activateAsSaid();
  if (!wanted.ok) return wanted;
  if (wanted.value === undefined) return ok(null);
  const stream = await streamFor(wanted.value, desk, till);
  return stream.ok ? sealStart(desk) : stream;
}

async function streamFor(
  activation: Activation,
  desk: FiscalDesk,
  till: Till,
): Promise<Result<HeldEntry | null, Refusal>> {
  const { replica, clock } = till;
  const { stream } = desk.state;
  const isSame = stream !== null && goesOn(stream, activation, replica);
  const change = isSame ? rekeyed(stream, activation, clock.nowMs()) : undefined;
  if (change?.ok === true) {
    return change.value === undefined ? ok(null) : desk.commit(change.value);
  }
  // A stream that cannot go on so ends, and the next one begins.
  const lastNumber = till.state.receipts[seriesOf(replica)] ?? 0;
  const config = configFor(activation, { replica, lastNumber, state: desk.state });
  const state = stateAtOpening(config);
  return state.ok ? changeStream(desk, till, { config, state: state.value, stream }) : state;
}

/** Makes test keys where those are wanted and not there. */
export function activationWanted(
  desk: FiscalDesk,
  till: Till,
): Result<Activation | undefined, Refusal> {
  const { device, location } = till.replica;
  const { today } = desk;
  // By a wrong clock another activation may seem to hold, or none.
  const { stream } = desk.state;
  const refused = stream === null ? undefined : clockRefusal(stream, till.clock.nowMs());
  if (refused !== undefined) return err(refused);
  const said = desk.locations.of(location.id);
  const wanted = wantedActivation({ activation: desk.activation, location: said });
  if (!wanted.ok || wanted.value === undefined || !("make" in wanted.value)) {
    return wanted as Result<Activation | undefined, Refusal>;
  }
  const maker = { code: device.code, today, nowMs: till.clock.nowMs() };
  const { make } = wanted.value;
  const owner = { regime: make.regime, till: device.code.toUpperCase(), isTest: make.isTest };
  const { activation, material } = makeActivation(make, maker, desk.activationFor(owner));
  desk.activate(activation, material);
  return ok(activation);
}

interface Change {
  readonly config: OpenStream["config"];
  /** As the regime begins it. */
  readonly state: Json;
  /** What is open now. */
  readonly stream: OpenStream | null;
}

async function changeStream(
  desk: FiscalDesk,
  till: Till,
  { config, state, stream }: Change,
): Promise<Result<HeldEntry, Refusal>> {
  const atMs = till.clock.nowMs();
  const refused = clockRefusal(stream, atMs);
  if (refused !== undefined) return err(refused);
  if (stream !== null && stream.closed === undefined) {
    const isRestored = stream.incarnation !== till.replica.incarnation;
    const reason = isRestored ? "lost-head" : "ended";
    const closed = await desk.commit({ type: "closed", stream: stream.head.stream, reason, atMs });
    if (!closed.ok) return closed;
  }
  return desk.commit({ type: "opened", config, state, atMs });
}

/** A crash may have come between the opening and what the regime begins a stream with. */
async function sealStart(desk: FiscalDesk): Promise<Result<null, Refusal>> {
  const { stream } = desk.state;
  if (stream === null || stream.head.sequence > 0) return ok(null);
  const opened = regimeNamed(stream.config.regime)?.open(stream.config);
  const start = opened?.ok === true ? opened.value.start : undefined;
  if (start === undefined) return ok(null);
  const done = await desk.record(start);
  return done.ok ? ok(null) : done;
}

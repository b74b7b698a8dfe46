/**
 * What it takes to deliver, sealed to each device that may have to: recorded, so that it is there when this till is not.
 *
 * Nothing is kept of what was sealed: the same credentials make the same box, and one that stands in the ledger is not recorded again.
 *
 * @module
 */

import { base64url, err, ok, type Result } from "@tillmesh/kernel";
import type { Refusal } from "../http/problem.ts";
import type { Logger } from "../logger.ts";
import type { Till } from "../till/till.ts";
import { credentialsText, purposeOf } from "./delivery-credentials.ts";
import type { Activation } from "./key-files.ts";
import { knownStreams, type KnownStream } from "./streams.ts";

/** For a till that serves: again and again, at next to no cost. */
export function createDepositor(till: Till, logger: Logger): () => Promise<void> {
  const deposited: Deposited = new Map();
  return async () => {
    const done = await till.fiscal.exclusively(() => depositCredentials(till, deposited));
    if (!done.ok) logger.error("fiscal-deposit", { code: done.error.type });
  };
}

/** What was looked at before: sealing takes milliseconds, and an activation that changes is another object. */
type Deposited = Map<string, Activation>;

/** To every headquarters in good standing, and to the device that delivers now. Within `exclusively`. */
export async function depositCredentials(
  till: Till,
  deposited: Deposited = new Map(),
): Promise<Result<null, Refusal>> {
  const { projection, replica, fiscal } = till;
  projection.sync();
  const streams = knownStreams(projection, replica.device.id).filter(
    (known) => known.closed === undefined || hasWaiting(till, known),
  );
  for (const known of streams) {
    const activation = fiscal.activationFor(known.config);
    if (activation?.address === undefined) continue;
    for (const device of recipientsOf(till, known)) {
      const place = `${known.stream}\n${device}`;
      if (deposited.get(place) === activation) continue;
      const done = await depositTo(till, known, device);
      if (done.ok) deposited.set(place, activation);
      else if (done.error.type !== "FiscalHandOver") return done;
    }
  }
  return ok(null);
}

/** `FiscalHandOver` where the device must not have them. Nothing to be done is ok. */
export async function depositTo(
  till: Till,
  known: KnownStream,
  device: string,
): Promise<Result<null, Refusal>> {
  const { replica, projection, fiscal, clock } = till;
  const text = credentialsText(till, known);
  if (text === undefined) return ok(null);
  const box = replica.sealFor({ device, purpose: purposeOf(known) }, text);
  if (!box.ok) {
    const detail = `Nothing secret is sealed to ${device}: ${box.error.type}.`;
    return err({ type: "FiscalHandOver", detail });
  }
  const sealed = base64url(box.value);
  const { stream } = known;
  const row = projection
    .sql("SELECT sealed FROM fiscal_deposits WHERE device = ? AND stream = ? AND recipient = ?")
    .get(replica.device.id, stream, device);
  if (row?.["sealed"] === sealed) return ok(null);
  const atMs = clock.nowMs();
  const kept = await fiscal.commit({ type: "deposited", stream, to: device, sealed, atMs });
  return kept.ok ? ok(null) : kept;
}

/** Nobody has more headquarters; a hostile list must not fill the ledger. */
const recipientsMax = 16;

function recipientsOf({ replica }: Till, { handOvers }: KnownStream): readonly string[] {
  const isOther = (id: string) => id !== replica.device.id;
  const headquarters = replica
    .devices()
    .filter(({ roles, state }) => roles.includes("hq") && state !== "revoked")
    .map(({ id }) => id)
    .filter(isOther)
    .toSorted()
    .slice(0, recipientsMax);
  const deliverers = handOvers.slice(-1).map(({ to }) => to);
  return [...new Set([...headquarters, ...deliverers.filter(isOther)])];
}

function hasWaiting({ projection }: Till, { stream }: KnownStream): boolean {
  const row = projection
    .sql(`SELECT 1 FROM fiscal_outbox WHERE stream = ? AND state IN ('queued', 'inflight') LIMIT 1`)
    .get(stream);
  return row !== undefined;
}

/**
 * A relay without sockets or disk: logs per channel and lane, and all that can happen to them. SPEC.md §8.
 *
 * @module
 */

import { hex, type Crypto } from "@tillmesh/kernel";
import { readEnvelope } from "../relay-protocol/envelope.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";
import type { SubscribedLog } from "../relay/courier.ts";

export interface SimLog {
  readonly id: Uint8Array;
  readonly envelopes: { readonly bytes: Uint8Array; readonly hash: Uint8Array }[];
  /** By publisher and run: what was stored last, and where. */
  readonly chains: Map<
    string,
    { readonly sequence: number; readonly hash: string; readonly offset: number }
  >;
}

/** Mutable: owned by one test. */
export interface SimRelay {
  readonly crypto: Crypto;
  /** By channel id in hex and lane. */
  logs: Map<string, SimLog>;
}

export type SimAnswer =
  | { readonly type: "stored"; readonly log: Uint8Array; readonly offset: number }
  | { readonly type: "fork" };

export function createSimRelay(crypto: Crypto): SimRelay {
  return { crypto, logs: new Map() };
}

/** Appends as a relay does, believing only the header. */
export function publishTo(relay: SimRelay, bytes: Uint8Array): SimAnswer {
  const read = readEnvelope(bytes, relay.crypto);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { header, hash } = read.value;
  const log = logOf(relay, hex(header.channel), header.lane);
  const chain = `${header.publisher}/${hex(header.run)}`;
  const last = log.chains.get(chain);
  if (last && header.sequence <= last.sequence) {
    const known = log.envelopes.findIndex((one) => hex(one.hash) === hex(hash));
    return known < 0 ? { type: "fork" } : { type: "stored", log: log.id, offset: known };
  }
  const offset = log.envelopes.length;
  log.envelopes.push({ bytes, hash });
  log.chains.set(chain, { sequence: header.sequence, hash: hex(hash), offset });
  return { type: "stored", log: log.id, offset };
}

/** Where delivery begins. */
export function subscribeTo(
  relay: SimRelay,
  { channel, lane }: { readonly channel: Uint8Array; readonly lane: number },
  after: LogPosition | undefined,
): SubscribedLog {
  const log = logOf(relay, hex(channel), lane);
  const next = log.envelopes.length;
  const before = after && after.offset > 0 ? log.envelopes[after.offset - 1]?.hash : undefined;
  const isKnown =
    after !== undefined &&
    hex(after.log) === hex(log.id) &&
    (after.offset === 0 || (before !== undefined && hex(before) === hex(after.hash)));
  return { log: log.id, first: 0, next, from: isKnown ? after.offset : 0 };
}

export function envelopeAt(
  relay: SimRelay,
  { channel, lane }: { readonly channel: Uint8Array; readonly lane: number },
  offset: number,
): Uint8Array | undefined {
  return logOf(relay, hex(channel), lane).envelopes[offset]?.bytes;
}

/** The disk is gone, and another was put in. */
export function wipeRelay(relay: SimRelay): void {
  relay.logs = new Map();
}

export function copyRelay({ crypto, logs }: SimRelay): SimRelay {
  const copies = [...logs].map(([key, log]): [string, SimLog] => {
    return [key, { id: log.id, envelopes: [...log.envelopes], chains: new Map(log.chains) }];
  });
  return { crypto, logs: new Map(copies) };
}

/** An old copy is put back: its logs have their old names. */
export function restoreRelay(relay: SimRelay, copy: SimRelay): void {
  relay.logs = copyRelay(copy).logs;
}

/** A dishonest relay shows an envelope of the log again, at its end. */
export function replayIn(relay: SimRelay, which: number): void {
  for (const log of relay.logs.values()) {
    const envelope = log.envelopes[which % Math.max(1, log.envelopes.length)];
    if (envelope) log.envelopes.push(envelope);
  }
}

function logOf(relay: SimRelay, channel: string, lane: number): SimLog {
  const key = `${channel}/${lane}`;
  const known = relay.logs.get(key);
  if (known) return known;
  const log = { id: relay.crypto.randomBytes(16), envelopes: [], chains: new Map() };
  relay.logs.set(key, log);
  return log;
}

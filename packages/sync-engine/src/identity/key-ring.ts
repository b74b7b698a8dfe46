/**
 * The channel keys that a device was given, of all epochs, as a value and as the text of a file.
 *
 * Keys are only ever added: envelopes of an old epoch stay readable. The ring of the CA's holder has no keys, since
 * it derives them, but knows the epoch and whom it shut out. Rules: SPEC.md [KY5]-[KY8].
 *
 * @module
 */

import { err, fromBase64url, ok, type Crypto, type Json, type Result } from "@tillmesh/kernel";
import type { ChannelName } from "../relay-protocol/channel.ts";
import {
  readEnvelope,
  writeEnvelope,
  type EnvelopeError,
  type EnvelopeFormat,
} from "./envelope.ts";
import {
  cursorOf,
  expectObject,
  member,
  readBoolean,
  readInteger,
  readList,
  readNames,
  readText,
  type Cursor,
} from "./faults.ts";
import { idRule } from "./records.ts";

export interface KeyRing {
  /** The newest that this device knows of; it may not have the keys yet. */
  readonly epoch: number;
  /** By channel, then epoch: base64url of 32 bytes. */
  readonly keys: GivenKeys;
  /** At the CA's holder: the master is in its file, and these devices were given nothing of `epoch`. */
  readonly holdsMaster: boolean;
  readonly excluded: readonly string[];
}

/** Keys as they are handed over. */
export type GivenKeys = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const emptyKeyRing: KeyRing = { epoch: 1, keys: {}, holdsMaster: false, excluded: [] };

export function keyIn(ring: KeyRing, channel: ChannelName, epoch: number): Uint8Array | undefined {
  const text = ring.keys[channel]?.[String(epoch)];
  const bytes = text === undefined ? undefined : fromBase64url(text);
  return bytes?.ok ? bytes.value : undefined;
}

/** The newest epoch whose key of this channel is here. */
export function newestEpoch(ring: KeyRing, channel: ChannelName): number | undefined {
  const epochs = Object.keys(ring.keys[channel] ?? {}).map(Number);
  return epochs.length === 0 ? undefined : Math.max(...epochs);
}

/** The same ring if nothing is new. A key that is there is never replaced: the first one was HQ's too. */
export function addKeys(ring: KeyRing, given: GivenKeys): KeyRing {
  const keys = new Map(Object.entries(ring.keys));
  let isNew = false;
  for (const [channel, byEpoch] of Object.entries(given)) {
    const known = keys.get(channel) ?? {};
    const fresh = Object.entries(byEpoch).filter(([epoch]) => !Object.hasOwn(known, epoch));
    if (fresh.length === 0) continue;
    isNew = true;
    keys.set(channel, { ...known, ...Object.fromEntries(fresh) });
  }
  if (!isNew) return ring;
  const epochs = [...keys.values()].flatMap((byEpoch) => Object.keys(byEpoch).map(Number));
  const epoch = Math.max(ring.epoch, ...epochs);
  return { ...ring, epoch, keys: Object.fromEntries(keys) };
}

/** An epoch that somebody else began. */
export function noteEpoch(ring: KeyRing, epoch: number): KeyRing {
  const isNew = Number.isSafeInteger(epoch) && epoch > ring.epoch && epoch <= epochMax;
  return isNew ? { ...ring, epoch } : ring;
}

export function keyRingToText(ring: KeyRing, crypto: Crypto): string {
  return writeEnvelope(ringFormat, ring as unknown as Json, crypto);
}

export function parseKeyRing(text: string, crypto: Crypto): Result<KeyRing, EnvelopeError> {
  const content = readEnvelope(ringFormat, text, crypto);
  if (!content.ok) return content;
  const cursor = cursorOf(content.value);
  expectObject(cursor);
  const ring: KeyRing = {
    epoch: readInteger(member(cursor, "epoch"), 1, epochMax),
    keys: readGivenKeys(member(cursor, "keys")),
    holdsMaster: readBoolean(member(cursor, "holdsMaster")),
    excluded: readList(member(cursor, "excluded"), excludedMax).map((each) =>
      readText(each, idRule),
    ),
  };
  return cursor.faults.length > 0 ? err({ type: "Faults", faults: cursor.faults }) : ok(ring);
}

/** The shape of keys that somebody handed over. */
export function readGivenKeys(cursor: Cursor): GivenKeys {
  return Object.fromEntries(
    readNames(cursor, channelsMax).map((channel) => {
      readText({ ...cursor, value: channel }, channelRule);
      const byEpoch = member(cursor, channel);
      const pairs = readNames(byEpoch, epochMax).map((epoch) => {
        readText({ ...cursor, value: epoch }, epochRule);
        return [epoch, readText(member(byEpoch, epoch), keyRule)] as const;
      });
      return [channel, Object.fromEntries(pairs)];
    }),
  );
}

export const epochMax = 10_000;
const channelsMax = 4_096;
const excludedMax = 10_000;
const ringFormat: EnvelopeFormat = {
  format: "tillmesh-channel-keys",
  version: 1,
  sizeMaxBytes: 8 * 1024 * 1024,
};

function channelRule(text: string): string | undefined {
  const id = text.startsWith("location/") ? text.slice("location/".length) : undefined;
  const isKnown = id === undefined ? text === "org" || text === "hq" : idRule(id) === undefined;
  return isKnown ? undefined : "expected a channel: org, hq or location/<id>";
}

function epochRule(text: string): string | undefined {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= epochMax ? undefined : "expected an epoch";
}

function keyRule(text: string): string | undefined {
  const bytes = fromBase64url(text);
  return bytes.ok && bytes.value.length === 32 ? undefined : "expected 32 bytes as base64url";
}

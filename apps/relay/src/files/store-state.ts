/**
 * All that one open files backend holds, and how records change it. Mutable; one owner. SPEC.md (FB).
 *
 * @module
 */

import { utf8, type Clock, type Crypto } from "@tillmesh/kernel";
import type { Files } from "@tillmesh/sync-engine/storage";
import type { LogName, Revocation, StoreFault } from "../log-store.ts";
import {
  createLogIndex,
  enter,
  logKey,
  releaseBelow,
  type Chain,
  type ChainLink,
  type LogIndex,
  type SegmentPlace,
} from "./log-index.ts";
import { envelopeOverheadBytes } from "./segment-record.ts";
import type { Segments } from "./segments.ts";

export interface StoreState {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly settings: FilesSettings;
  readonly storeId: Uint8Array;
  readonly segments: Segments;
  readonly logs: Map<string, LogIndex>;
  /** By organisation. */
  readonly organisations: Map<string, OrganisationState>;
  readonly revocationWatchers: Set<(revocation: Revocation) => void>;
  /** Of segments that stay: how far they are good. */
  readonly tornSizeBytes: Map<number, number>;
  /** Of the newest group written. */
  group: number;
  /** Why nothing goes any more. */
  failure: StoreFault | undefined;
  isClosed: boolean;
}

export interface OrganisationState {
  readonly logs: Set<LogIndex>;
  readonly sizeBytesByDevice: Map<string, number>;
  readonly revocations: Map<string, Uint8Array>;
  envelopes: number;
  sizeBytes: number;
}

export interface FilesSettings {
  /** A segment is closed before it grows beyond. At most 128 MiB. */
  readonly segmentSizeBytes: number;
  /** Of envelopes written last that are kept in memory. */
  readonly recentSizeBytes: number;
  /** With less free than that nothing is appended. */
  readonly freeMinBytes: number;
  /** Envelopes older than that are let go of, whoever needs them. Undefined: none is. */
  readonly ageMaxMs: number | undefined;
}

export const defaultFilesSettings: FilesSettings = {
  segmentSizeBytes: 67_108_864,
  recentSizeBytes: 16_777_216,
  freeMinBytes: 268_435_456,
  ageMaxMs: undefined,
};

/** The log; its id is made from the store's and its name, so it needs no place of its own. */
export function logOf(state: StoreState, name: LogName): LogIndex {
  const key = logKey(name);
  return state.logs.get(key) ?? createLogIndex(name, logIdOf(state, key));
}

export function logIdOf(
  { storeId, crypto }: Pick<StoreState, "storeId" | "crypto">,
  key: string,
): Uint8Array {
  const text = utf8(` ${key}`);
  const bytes = new Uint8Array(storeId.length + text.length);
  bytes.set(storeId);
  bytes.set(text, storeId.length);
  return crypto.sha256(bytes).slice(0, 16);
}

/** The same log, remembered: somebody writes to it or watches it. */
export function rememberedLog(state: StoreState, name: LogName): LogIndex {
  const key = logKey(name);
  const known = state.logs.get(key);
  if (known) return known;
  // A copy: it came as a view of a whole envelope.
  const log = logOf(state, { ...name, channel: new Uint8Array(name.channel) });
  state.logs.set(key, log);
  organisationOf(state, name.organisation).logs.add(log);
  return log;
}

export function organisationOf({ organisations }: StoreState, id: string): OrganisationState {
  const known = organisations.get(id);
  if (known) return known;
  const made: OrganisationState = {
    logs: new Set(),
    sizeBytesByDevice: new Map(),
    revocations: new Map(),
    envelopes: 0,
    sizeBytes: 0,
  };
  organisations.set(id, made);
  return made;
}

/** Counts an envelope in, at the log's next offset: index, usage, what of its segment is needed. */
export function enterEnvelope(state: StoreState, log: LogIndex, entered: Entered): Chain {
  const { link, sizeBytes, place, atMs } = entered;
  const chain = enter(log, link, place);
  const owner = organisationOf(state, log.name.organisation);
  const held = owner.sizeBytesByDevice.get(link.publisher) ?? 0;
  owner.envelopes += 1;
  owner.sizeBytes += sizeBytes;
  owner.sizeBytesByDevice.set(link.publisher, held + sizeBytes);
  const segment = state.segments.byOrdinal.get(place.ordinal);
  if (!segment) return chain;
  segment.liveBytes += place.sizeBytes;
  segment.newestAtMs = Math.max(segment.newestAtMs, atMs);
  return chain;
}

/** What of an envelope is remembered. */
export interface Entered {
  readonly link: ChainLink;
  /** Of the envelope. */
  readonly sizeBytes: number;
  readonly place: SegmentPlace;
  readonly atMs: number;
}

/** Lets go of what is below `offset` in a log: index, usage, what of the segments is needed. */
export function releaseEnvelopes(
  state: StoreState,
  log: LogIndex,
  border: { readonly offset: number; readonly hash: Uint8Array | undefined },
): void {
  const { organisation } = log.name;
  const owner = organisationOf(state, organisation);
  releaseBelow(log, border, (place, publisher) => {
    const size = place.sizeBytes - envelopeOverheadBytes(organisation);
    owner.envelopes -= 1;
    owner.sizeBytes -= size;
    const left = (owner.sizeBytesByDevice.get(publisher) ?? 0) - size;
    if (left > 0) owner.sizeBytesByDevice.set(publisher, left);
    else owner.sizeBytesByDevice.delete(publisher);
    const segment = state.segments.byOrdinal.get(place.ordinal);
    if (segment) segment.liveBytes -= place.sizeBytes;
  });
}

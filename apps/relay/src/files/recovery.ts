/**
 * Opening a directory of segments: what is there, what is torn, what is damaged. SPEC.md (FB).
 *
 * A bad record at the end of the newest segment is what a crash leaves: it was answered to nobody, and is set aside.
 * A bad record anywhere else, or one that a later group proves to have been durable, is damage, and refused.
 *
 * @module
 */

import { err, ok, type Clock, type Crypto, type Result } from "@tillmesh/kernel";
import { ensureDirectory, type Files } from "@tillmesh/sync-engine/storage";
import {
  fromBaseLog,
  readBase,
  toBaseLog,
  writeBase,
  type Base,
  type BaseDamaged,
} from "./base-file.ts";
import { readEnvelopePlace } from "./envelope-place.ts";
import { logKey, type Chain, type LogIndex, type SegmentPlace } from "./log-index.ts";
import {
  decodeRecord,
  decodeSegmentHeader,
  groupAt,
  readBody,
  saltOf,
  segmentHeaderSizeBytes,
  type RawRecord,
  type RecordBody,
} from "./segment-record.ts";
import {
  segmentName,
  segmentOrdinal,
  startSegment,
  type Segment,
  type Segments,
} from "./segments.ts";
import {
  enterEnvelope,
  logIdOf,
  organisationOf,
  releaseEnvelopes,
  rememberedLog,
  type Entered,
  type FilesSettings,
  type StoreState,
} from "./store-state.ts";

export interface RecoverOptions {
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly settings: FilesSettings;
}

/** What was found, for the log of the relay. */
export interface Recovered {
  readonly state: StoreState;
  readonly segments: number;
  readonly envelopes: number;
  /** What a crash left at the end. */
  readonly tornSizeBytes: number;
}

export function recover(options: RecoverOptions): Result<Recovered, RecoveryError> {
  const { files, directory, crypto } = options;
  ensureDirectory(files, directory);
  const read = readBase(files, basePath(directory), crypto);
  if (!read.ok) return read;
  const base = read.value ?? newBase(options);
  const state = createState(options, base);
  const found = files
    .list(directory)
    .map((name) => segmentOrdinal(name))
    .filter((ordinal) => ordinal !== undefined);
  removeLeftovers(state, base, found);
  const ordinals = found
    .filter((ordinal) => ordinal >= base.firstOrdinal)
    .toSorted((a, b) => a - b);
  const finding: Finding = { state, early: new Map(), newest: new Map(), releases: new Map() };
  let tornSizeBytes = 0;
  for (const ordinal of ordinals) {
    const isNewest = ordinal === ordinals.at(-1);
    const scanned = loadSegment(finding, ordinal, isNewest);
    if (!scanned.ok) return scanned;
    hashNewest(finding);
    tornSizeBytes += scanned.value;
  }
  const missing = finishLogs(finding);
  if (missing !== undefined) return missing;
  const envelopes = [...state.organisations.values()].reduce((sum, one) => sum + one.envelopes, 0);
  if (tornSizeBytes > 0) saveBase(state);
  startSegment(state.segments);
  return ok({ state, segments: ordinals.length, envelopes, tornSizeBytes });
}

export type RecoveryError =
  | BaseDamaged
  /** Bytes that had been durable are not what was written. Nothing was changed. */
  | {
      readonly type: "SegmentDamaged";
      readonly path: string;
      readonly at: number;
      readonly reason: string;
    }
  /** An envelope of a log is in no segment; somebody removed files. */
  | { readonly type: "EnvelopeMissing"; readonly log: string; readonly offset: number };

/** While segments are read. Copies of envelopes stand behind younger ones, so some come early. */
interface Finding {
  readonly state: StoreState;
  readonly early: Map<LogIndex, Map<number, Entered>>;
  /** Bytes of the newest envelope of chains, in the segment that is being read. */
  readonly newest: Map<Chain, Uint8Array>;
  readonly releases: Map<LogIndex, { readonly offset: number; readonly hash: Uint8Array }>;
}

/** What has to be known of what is in no segment; also where torn segments end. */
export function saveBase(state: StoreState): void {
  const { files, directory, crypto, storeId, segments, tornSizeBytes } = state;
  const base: Base = {
    storeId,
    firstOrdinal: Math.min(...segments.byOrdinal.keys(), Number.MAX_SAFE_INTEGER),
    tornSizeBytes,
    logs: [...state.logs.values()].filter(({ first }) => first > 0).map(toBaseLog),
    revocations: [...state.organisations].flatMap(([organisation, { revocations }]) =>
      Array.from(revocations, ([device, statement]) => ({ organisation, device, statement })),
    ),
  };
  writeBase(files, basePath(directory), { base, crypto });
}

function basePath(directory: string): string {
  return `${directory}/base.json`;
}

function newBase({ files, directory, crypto }: RecoverOptions): Base {
  const storeId = crypto.randomBytes(16);
  const base: Base = {
    storeId,
    firstOrdinal: 0,
    tornSizeBytes: new Map(),
    logs: [],
    revocations: [],
  };
  writeBase(files, basePath(directory), { base, crypto });
  return base;
}

function createState(options: RecoverOptions, base: Base): StoreState {
  const { files, directory, crypto } = options;
  const segments: Segments = {
    files,
    directory,
    crypto,
    byOrdinal: new Map(),
    open: new Map(),
    active: undefined,
  };
  const state: StoreState = {
    ...options,
    storeId: base.storeId,
    segments,
    logs: new Map(),
    organisations: new Map(),
    revocationWatchers: new Set(),
    tornSizeBytes: new Map(base.tornSizeBytes),
    group: 0,
    failure: undefined,
    isClosed: false,
  };
  for (const baseLog of base.logs) {
    const log = fromBaseLog(baseLog, logIdOf(state, baseLog.key));
    state.logs.set(baseLog.key, log);
    organisationOf(state, log.name.organisation).logs.add(log);
  }
  for (const { organisation, device, statement } of base.revocations) {
    organisationOf(state, organisation).revocations.set(device, statement);
  }
  return state;
}

/** Segments whose removal was under way, and a beginning of one that got no name. */
function removeLeftovers(
  { files, directory }: StoreState,
  base: Base,
  found: readonly number[],
): void {
  files.remove(`${directory}/next-segment.tmp`);
  for (const ordinal of found) {
    if (ordinal < base.firstOrdinal) files.remove(pathOf(directory, ordinal));
  }
}

function pathOf(directory: string, ordinal: number): string {
  return `${directory}/${segmentName(ordinal)}`;
}

/** Enters all records of a segment; answers how many bytes at its end are torn. */
function loadSegment(
  finding: Finding,
  ordinal: number,
  isNewest: boolean,
): Result<number, RecoveryError> {
  const { state } = finding;
  const path = pathOf(state.directory, ordinal);
  const known = state.tornSizeBytes.get(ordinal);
  const bytes = readPlain(state, path).subarray(0, known);
  const damaged = (at: number, reason: string): Result<never, RecoveryError> =>
    err({ type: "SegmentDamaged", path, at, reason });
  const header = decodeSegmentHeader(bytes);
  if (typeof header === "string") return damaged(0, `header: ${header}`);
  if (header.ordinal !== ordinal) return damaged(0, `header of segment ${header.ordinal}`);
  const salt = saltOf(header.id);
  const segment = { ordinal, path, salt, sizeBytes: 0, liveBytes: 0, newestAtMs: 0 };
  state.segments.byOrdinal.set(ordinal, segment);
  const before = { group: state.group, isLast: true };
  const last = readRecords(finding, segment, bytes);
  if (typeof last === "string") return damaged(segment.sizeBytes, last);
  if (segment.sizeBytes === bytes.length) return ok(0);
  const isTail = isNewest && known === undefined;
  const proof = isTail ? provenDurable(bytes, segment, last ?? before) : "segments follow";
  if (proof !== undefined) return damaged(segment.sizeBytes, proof);
  state.tornSizeBytes.set(ordinal, segment.sizeBytes);
  return ok(bytes.length - segment.sizeBytes);
}

/** As a plain array: what is sliced from a `Buffer` would hold on to all of it. */
function readPlain({ files }: StoreState, path: string): Uint8Array {
  const bytes = files.readFile(path) ?? new Uint8Array();
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The last good record, or what cannot be. */
function readRecords(
  finding: Finding,
  segment: Segment,
  bytes: Uint8Array,
): RawRecord | undefined | string {
  const { state } = finding;
  let last: RawRecord | undefined;
  segment.sizeBytes = segmentHeaderSizeBytes;
  for (;;) {
    const record = decodeRecord(bytes, segment.sizeBytes, segment.salt);
    if (record === undefined) return last;
    if (record.group < state.group) return `group ${record.group} after ${state.group}`;
    const body = readBody(record);
    const place = { ordinal: segment.ordinal, at: segment.sizeBytes, sizeBytes: record.sizeBytes };
    const fault = body && enterRecord(finding, body, place);
    if (fault !== undefined) return fault;
    // Of a later version: whoever knows it will want it.
    if (body === undefined) segment.liveBytes += record.sizeBytes;
    state.group = record.group;
    segment.sizeBytes += record.sizeBytes;
    last = record;
  }
}

function enterRecord(finding: Finding, body: RecordBody, place: SegmentPlace): string | undefined {
  const { state, releases } = finding;
  if (body.type === "envelope") return enterFound(finding, body, place);
  if (body.type === "release") {
    const log = rememberedLog(state, body);
    if (body.offset > (releases.get(log)?.offset ?? log.first)) releases.set(log, body);
    return undefined;
  }
  const { revocations } = organisationOf(state, body.organisation);
  if (!revocations.has(body.device)) revocations.set(body.device, body.statement);
  return undefined;
}

function enterFound(
  finding: Finding,
  body: RecordBody & { readonly type: "envelope" },
  place: SegmentPlace,
): string | undefined {
  const { state, early } = finding;
  const { organisation, bytes, offset, atMs } = body;
  const front = readEnvelopePlace(bytes);
  if (!front) return "an envelope that is none";
  const log = rememberedLog(state, { organisation, channel: front.channel, lane: front.lane });
  const link = { publisher: front.publisher, run: front.run, sequence: front.sequence };
  const sizeBytes = bytes.length;
  if (offset === log.next) {
    // Its hash is needed only if it stays the newest of its chain.
    const chain = enterEnvelope(state, log, {
      link: { ...link, hash: noHash },
      sizeBytes,
      place,
      atMs,
    });
    finding.newest.set(chain, bytes);
  } else if (offset > log.next) {
    const hash = state.crypto.sha256(bytes);
    const run = new Uint8Array(front.run);
    const waiting = early.get(log) ?? new Map<number, Entered>();
    early.set(log, waiting);
    waiting.set(offset, { link: { ...link, run, hash }, sizeBytes, place, atMs });
  }
  enterWaiting(finding, log);
  return undefined;
}

const noHash = new Uint8Array(0);

/** Those that came early and whose turn it is. Below `next` stand copies, or what was released. */
function enterWaiting({ state, early, newest }: Finding, log: LogIndex): void {
  const waiting = early.get(log);
  for (let due = waiting?.get(log.next); due; due = waiting?.get(log.next)) {
    waiting?.delete(log.next);
    newest.delete(enterEnvelope(state, log, due));
  }
}

/** The bytes of the segment are let go of after that. */
function hashNewest({ state, newest }: Finding): void {
  for (const [chain, bytes] of newest) chain.newestHash = state.crypto.sha256(bytes);
  newest.clear();
}

function finishLogs({ state, early, releases }: Finding): Result<never, RecoveryError> | undefined {
  for (const [log, waiting] of early) {
    if (waiting.size > 0) {
      return err({ type: "EnvelopeMissing", log: logKey(log.name), offset: log.next });
    }
  }
  for (const [log, release] of releases) {
    if (release.offset <= log.next) releaseEnvelopes(state, log, release);
  }
  for (const log of state.logs.values()) log.durableNext = log.next;
  return undefined;
}

/** Why the bad bytes behind the last good record had been durable once; undefined if nothing says so. */
function provenDurable(
  bytes: Uint8Array,
  { sizeBytes, salt }: Segment,
  last: Pick<RawRecord, "group" | "isLast">,
): string | undefined {
  // A good record of the group that was being written proves nothing; one of a later group does.
  const proof = last.group + (last.isLast ? 2 : 1);
  for (let at = sizeBytes + 1; at < bytes.length; at += 1) {
    const group = groupAt(bytes, at);
    if (group < proof || group > last.group + bytes.length) continue;
    if (decodeRecord(bytes, at, salt)) return `group ${group} at ${at} was written after it`;
  }
  return undefined;
}

/**
 * Appending: all that comes in one turn, and while a sync is under way, becomes durable with one sync. SPEC.md (FB).
 *
 * Offsets are given when a group is written, in the order in which the calls came. A write or sync that fails is the
 * end of the store: nobody knows what of it is on the disk, so nothing of it is answered until a restart has looked.
 *
 * @module
 */

import { err, hex, ok, type Result } from "@tillmesh/kernel";
import { fileFault } from "@tillmesh/sync-engine/storage";
import type { Envelope } from "@tillmesh/sync-engine/relay-protocol";
import type { AppendError, Place, StoreFault } from "../log-store.ts";
import { findInChain, type LogIndex, type SegmentPlace } from "./log-index.ts";
import { keep, type Recent } from "./recent.ts";
import {
  encodeGroup,
  envelopeOverheadBytes,
  recordSizeBytes,
  segmentHeaderSizeBytes,
  type RecordBody,
} from "./segment-record.ts";
import { activeFile, startSegment, type Segment } from "./segments.ts";
import { enterEnvelope, rememberedLog, type StoreState } from "./store-state.ts";

/** Mutable: owned by one store. */
export interface GroupCommit {
  readonly state: StoreState;
  readonly recent: Recent;
  /** Reads the hash of an envelope that is on the disk only. */
  readonly hashAt: (log: LogIndex, offset: number) => Promise<Uint8Array | undefined>;
  waiting: Request[];
  isBusy: boolean;
  /** Free space, and when it was looked at. */
  readonly space: { freeBytes: number; atMs: number };
  /** Resolved when nothing is under way. */
  idle: Promise<void>;
}

export type Request = EnvelopeRequest | RecordRequest;

interface EnvelopeRequest {
  readonly type: "envelope";
  readonly organisation: string;
  readonly envelope: Envelope;
  readonly answer: (answer: Result<Place, AppendError>) => void;
}

interface RecordRequest {
  readonly type: "record";
  readonly record: RecordBody;
  /** Whether it is still wanted; asked when it is written. */
  readonly isDue: () => boolean;
  /** It is durable, and stands there. */
  readonly onDone: (place: SegmentPlace) => void;
  readonly answer: (answer: Result<void, StoreFault>) => void;
}

export const closedFault: StoreFault = {
  type: "Unavailable",
  code: "closed",
  detail: "the store is closed",
};

export function request(commit: GroupCommit, wanted: Request): void {
  commit.waiting.push(wanted);
  if (commit.isBusy) return;
  commit.isBusy = true;
  commit.idle = work(commit);
}

async function work(commit: GroupCommit): Promise<void> {
  // What else comes in this turn goes along.
  await new Promise((resolve) => setImmediate(resolve));
  while (commit.waiting.length > 0) await commitGroup(commit);
  commit.isBusy = false;
}

async function commitGroup(commit: GroupCommit): Promise<void> {
  const { state } = commit;
  const requests = takeGroup(commit);
  try {
    const fault = state.failure ?? spaceFault(commit);
    if (fault) return refuse(requests, fault);
    const group = prepare(commit, requests);
    if (group.records.length > 0) await write(state, group);
    tell(group);
  } catch (error) {
    const { code, message } = fileFault(error);
    state.failure = { type: "Unavailable", code, detail: message };
    refuse(requests, state.failure);
  }
}

/** As many as one write may hold. */
function takeGroup(commit: GroupCommit): readonly Request[] {
  let sizeBytes = 0;
  const end = commit.waiting.findIndex((one) => {
    if (sizeBytes >= groupMaxSizeBytes) return true;
    sizeBytes += sizeOf(one);
    return false;
  });
  return commit.waiting.splice(0, end < 0 ? commit.waiting.length : end);
}

const groupMaxSizeBytes = 4_194_304;

/** What one sync makes durable. */
interface Group {
  readonly segment: Segment;
  readonly records: RecordBody[];
  /** Where the next record will stand. */
  at: number;
  readonly logs: Set<LogIndex>;
  /** When durable. */
  readonly done: (() => void)[];
}

/** Gives offsets and places, and enters them in the index; only what is durable may be read. */
function prepare(commit: GroupCommit, requests: readonly Request[]): Group {
  const segment = segmentFor(commit.state, requests);
  const group: Group = { segment, records: [], at: segment.sizeBytes, logs: new Set(), done: [] };
  for (const one of requests) {
    if (one.type === "envelope") prepareEnvelope(commit, group, one);
    else if (one.isDue()) prepareRecord(group, one);
    else group.done.push(() => one.answer(ok(undefined)));
  }
  return group;
}

function segmentFor({ segments, settings }: StoreState, requests: readonly Request[]): Segment {
  const { active } = segments;
  const sizeBytes = requests.reduce((sum, one) => sum + sizeOf(one), 0);
  if (active === undefined || active.sizeBytes === segmentHeaderSizeBytes) {
    return active ?? startSegment(segments);
  }
  return active.sizeBytes + sizeBytes > settings.segmentSizeBytes ? startSegment(segments) : active;
}

function prepareEnvelope(
  commit: GroupCommit,
  group: Group,
  { organisation, envelope, answer }: EnvelopeRequest,
): void {
  const { state, recent } = commit;
  const { channel, lane, ...header } = envelope.header;
  const log = rememberedLog(state, { organisation, channel, lane });
  const found = findInChain(log, header);
  if (found.type === "fork")
    return void group.done.push(() => answer(err({ ...found, type: "Fork" })));
  if (found.type === "taken") {
    return void group.done.push(() => {
      void judgeTaken(commit, log, { ...found, envelope }).then(answer);
    });
  }
  const { publisher, run, sequence } = header;
  const { hash, bytes } = envelope;
  const atMs = state.clock.nowMs();
  const offset = log.next;
  const record: RecordBody = { type: "envelope", atMs, offset, organisation, bytes };
  const place = addRecord(group, record);
  const link = { publisher, run, sequence, hash };
  enterEnvelope(state, log, { link, sizeBytes: bytes.length, place, atMs });
  keep(recent, { log, offset, hash, bytes });
  group.logs.add(log);
  group.done.push(() => answer(ok({ log: log.id, offset, isDuplicate: false })));
}

/** Something stands at the envelope's place in its chain: is it the same? */
async function judgeTaken(
  { hashAt }: GroupCommit,
  log: LogIndex,
  { envelope, offset, hash, newest }: Taken,
): Promise<Result<Place, AppendError>> {
  try {
    const there = hash ?? (await hashAt(log, offset));
    if (there && hex(there) === hex(envelope.hash)) {
      return ok({ log: log.id, offset, isDuplicate: true });
    }
    return err({ type: "Fork", newest });
  } catch (error) {
    const { code, message } = fileFault(error);
    return err({ type: "Unavailable", code, detail: message });
  }
}

interface Taken {
  readonly envelope: Envelope;
  readonly offset: number;
  readonly hash: Uint8Array | undefined;
  readonly newest: number;
}

function prepareRecord(group: Group, { record, onDone, answer }: RecordRequest): void {
  const place = addRecord(group, record);
  group.done.push(() => {
    onDone(place);
    answer(ok(undefined));
  });
}

function addRecord(group: Group, record: RecordBody): SegmentPlace {
  const sizeBytes = recordSizeBytes(record);
  const place = { ordinal: group.segment.ordinal, at: group.at, sizeBytes };
  group.records.push(record);
  group.at += sizeBytes;
  return place;
}

async function write(state: StoreState, { segment, records, at }: Group): Promise<void> {
  state.group += 1;
  const bytes = encodeGroup(records, { group: state.group, salt: segment.salt });
  const file = activeFile(state.segments, segment);
  file.writeAt(bytes, segment.sizeBytes);
  await file.datasyncLater();
  segment.sizeBytes = at;
}

function tell({ logs, done }: Group): void {
  for (const log of logs) log.durableNext = log.next;
  for (const one of done) one();
  for (const log of logs) for (const onNew of log.watchers) onNew();
}

function refuse(requests: readonly Request[], fault: StoreFault): void {
  for (const { answer } of requests) answer(err(fault));
}

/** What a request takes on the disk, at most. */
function sizeOf(one: Request): number {
  if (one.type === "record") return recordSizeBytes(one.record);
  return one.envelope.bytes.length + envelopeOverheadBytes(one.organisation);
}

/** Looked at once a second; between, what was written is counted. */
function spaceFault({ state, space }: GroupCommit): StoreFault | undefined {
  const nowMs = state.clock.nowMs();
  const { freeMinBytes } = state.settings;
  if (Math.abs(nowMs - space.atMs) >= 1_000) {
    space.freeBytes = state.files.freeBytes(state.directory);
    space.atMs = nowMs;
  }
  if (space.freeBytes >= freeMinBytes) return undefined;
  const detail = `${space.freeBytes} bytes free, ${freeMinBytes} wanted`;
  return { type: "Unavailable", code: "ENOSPC", detail };
}

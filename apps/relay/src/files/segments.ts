/**
 * The segment files: making the next one, reading records back, how much in each is still needed.
 *
 * @module
 */

import type { Crypto } from "@tillmesh/kernel";
import type { Files, OpenFile } from "@tillmesh/sync-engine/storage";
import type { SegmentPlace } from "./log-index.ts";
import {
  decodeRecord,
  encodeSegmentHeader,
  saltOf,
  segmentHeaderSizeBytes,
  type RawRecord,
} from "./segment-record.ts";

export interface Segment {
  readonly ordinal: number;
  readonly path: string;
  readonly salt: number;
  /** Of good bytes. */
  sizeBytes: number;
  /** Of records that are still needed. */
  liveBytes: number;
  newestAtMs: number;
}

/** Mutable: owned by one store. */
export interface Segments {
  readonly files: Files;
  readonly directory: string;
  readonly crypto: Pick<Crypto, "randomBytes">;
  readonly byOrdinal: Map<number, Segment>;
  /** Open files, the one used last at the end. */
  readonly open: Map<number, Held>;
  active: Segment | undefined;
}

interface Held {
  readonly file: OpenFile;
  /** Under way. */
  reads: number;
  /** To be closed after the last of them. */
  isDropped: boolean;
}

/** More files than that are not kept open. */
const openMax = 64;
/** What is read ahead, as what follows is likely wanted next. */
const readAheadSizeBytes = 65_536;

export function segmentName(ordinal: number): string {
  return `segment-${String(ordinal).padStart(9, "0")}.log`;
}

export function segmentOrdinal(name: string): number | undefined {
  const digits = /^segment-(\d{9})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The next segment; it gets its name when its header is durable. */
export function startSegment(segments: Segments): Segment {
  const { files, directory, crypto, byOrdinal } = segments;
  const ordinal = Math.max(0, ...byOrdinal.keys()) + 1;
  const id = crypto.randomBytes(16);
  const path = `${directory}/${segmentName(ordinal)}`;
  const temporary = `${directory}/next-segment.tmp`;
  const file = files.openFile(temporary, "create");
  file.writeAt(encodeSegmentHeader({ ordinal, id }), 0);
  file.datasync();
  files.rename(temporary, path);
  files.syncDirectory(directory);
  const salt = saltOf(id);
  const sizeBytes = segmentHeaderSizeBytes;
  const segment = { ordinal, path, salt, sizeBytes, liveBytes: 0, newestAtMs: 0 };
  byOrdinal.set(ordinal, segment);
  hold(segments, ordinal, { file, reads: 0, isDropped: false });
  segments.active = segment;
  return segment;
}

/** The file that takes appends. */
export function activeFile(segments: Segments, segment: Segment): OpenFile {
  return heldOf(segments, segment).file;
}

/** A stretch of a segment that was read; a read of neighbours needs only one. */
export interface Stretch {
  readonly ordinal: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The record at `place`, out of `stretch` if it is in there; undefined if it is damaged. */
export async function readRecord(
  segments: Segments,
  place: SegmentPlace,
  stretch?: Stretch,
): Promise<{ readonly record: RawRecord; readonly stretch: Stretch } | undefined> {
  const segment = segments.byOrdinal.get(place.ordinal);
  if (segment === undefined) return undefined;
  const found = holds(stretch, place) ? stretch : await readStretch(segments, segment, place);
  const record = decodeRecord(found.bytes, place.at - found.at, segment.salt);
  return record?.sizeBytes === place.sizeBytes ? { record, stretch: found } : undefined;
}

/** Closes and removes a segment. */
export function removeSegment(segments: Segments, { ordinal, path }: Segment): void {
  drop(segments, ordinal);
  segments.byOrdinal.delete(ordinal);
  segments.files.remove(path);
}

export function closeSegments(segments: Segments): void {
  for (const ordinal of segments.open.keys()) drop(segments, ordinal);
}

function heldOf(segments: Segments, { ordinal, path }: Segment): Held {
  const held = segments.open.get(ordinal) ?? {
    file: segments.files.openFile(path, "existing"),
    reads: 0,
    isDropped: false,
  };
  hold(segments, ordinal, held);
  return held;
}

function hold(segments: Segments, ordinal: number, held: Held): void {
  segments.open.delete(ordinal);
  segments.open.set(ordinal, held);
  if (segments.open.size <= openMax) return;
  const oldest = segments.open.keys().find((one) => one !== segments.active?.ordinal);
  if (oldest !== undefined) drop(segments, oldest);
}

function drop(segments: Segments, ordinal: number): void {
  const held = segments.open.get(ordinal);
  segments.open.delete(ordinal);
  if (held === undefined) return;
  held.isDropped = true;
  if (held.reads === 0) held.file.close();
}

async function readFrom(held: Held, at: number, sizeBytes: number): Promise<Uint8Array> {
  held.reads += 1;
  try {
    return await held.file.readLater(at, sizeBytes);
  } finally {
    held.reads -= 1;
    if (held.isDropped && held.reads === 0) held.file.close();
  }
}

async function readStretch(
  segments: Segments,
  segment: Segment,
  { at, sizeBytes }: SegmentPlace,
): Promise<Stretch> {
  const size = Math.min(Math.max(sizeBytes, readAheadSizeBytes), segment.sizeBytes - at);
  const bytes = await readFrom(heldOf(segments, segment), at, size);
  return { ordinal: segment.ordinal, at, bytes };
}

/** Whether all of the record at `place` is in the stretch. */
function holds(stretch: Stretch | undefined, place: SegmentPlace): stretch is Stretch {
  return (
    stretch?.ordinal === place.ordinal &&
    place.at >= stretch.at &&
    place.at + place.sizeBytes <= stretch.at + stretch.bytes.length
  );
}

/**
 * The bytes of the change log: segment headers and records. Pure. SPEC.md §9 (CL).
 *
 *     segment = header (64 bytes) record* zeros
 *     header  = magic 8 | version u32 | size u32 | ordinal u64 | first sequence u64 | id 16 | zeros 12 | CRC-32C u32
 *     record  = payload length u32 | CRC-32C u32 | sequence u64 | type u8 | zero u8 | position u16 | payload
 *
 * Little endian. A record's checksum starts from the checksum of the segment's random id, so bytes of
 * another segment never pass for records of this one. `position` counts within one append: a record at
 * position p of sequence s belongs to the append that began at s - p. Records of one append reach the disk
 * in any order; a record of a later append proves that all earlier appends had been synced.
 *
 * @module
 */

import { assert, utf8 } from "@tillmesh/kernel";
import { crc32c } from "./crc32c.ts";

export const segmentHeaderSizeBytes = 64;
export const recordHeaderSizeBytes = 20;
export const positionMax = 0xffff;

/** What is appended. A record names its document in full, so that each segment can be read alone. */
export interface LogDraft {
  readonly type: "change";
  /** The document's name, at most 512 bytes of UTF-8. */
  readonly document: string;
  /** One encoded Automerge change. */
  readonly change: Uint8Array;
}

/** What is read back. A type that this version does not know is kept and flagged as "unknown". */
export type LogRecord = RecordPlace &
  (
    | { readonly type: "change"; readonly document: string; readonly change: Uint8Array }
    | { readonly type: "clean" }
    | { readonly type: "unknown"; readonly typeByte: number; readonly payload: Uint8Array }
  );

/** Where a record stands. */
export interface RecordPlace {
  readonly sequence: number;
  /** The sequence of the first record of the same append. */
  readonly appendSequence: number;
}

/** A record as it stands on disk. */
export interface RawRecord extends RecordPlace {
  readonly typeByte: number;
  readonly payload: Uint8Array;
}

export const changeTypeByte = 2;
/** Nothing follows: the log was closed in order, and everything before is synced. */
export const cleanTypeByte = 0xff;

export function draftToRaw(draft: LogDraft): Pick<RawRecord, "typeByte" | "payload"> {
  const name = utf8(draft.document);
  assert(name.length > 0 && name.length <= 512, `document name of ${name.length} bytes`);
  const payload = new Uint8Array(2 + name.length + draft.change.length);
  payload[0] = name.length & 0xff;
  payload[1] = name.length >>> 8;
  payload.set(name, 2);
  payload.set(draft.change, 2 + name.length);
  return { typeByte: changeTypeByte, payload };
}

export function rawToRecord(raw: RawRecord): LogRecord {
  const { sequence, appendSequence, typeByte, payload } = raw;
  if (typeByte === cleanTypeByte) return { type: "clean", sequence, appendSequence };
  const change = typeByte === changeTypeByte ? readChange(payload) : null;
  return change === null
    ? { type: "unknown", sequence, appendSequence, typeByte, payload }
    : { type: "change", sequence, appendSequence, ...change };
}

export function recordSizeBytes(raw: Pick<RawRecord, "payload">): number {
  return recordHeaderSizeBytes + raw.payload.length;
}

/** The bytes of `records` in one segment, one after the other. */
export function encodeRecords(segmentId: Uint8Array, records: readonly RawRecord[]): Uint8Array {
  const sizeBytes = records.reduce((sum, record) => sum + recordSizeBytes(record), 0);
  const bytes = new Uint8Array(sizeBytes);
  const salt = crc32c(segmentId);
  let at = 0;
  for (const record of records) {
    writeRecord(bytes.subarray(at, at + recordSizeBytes(record)), record, salt);
    at += recordSizeBytes(record);
  }
  return bytes;
}

/** The record at `offset`, or null when no valid one stands there. */
export function decodeRecord(bytes: Uint8Array, offset: number, salt: number): RawRecord | null {
  const header = readRecordHeader(bytes, offset);
  if (header === null || !isChecksumRight(bytes, offset, { ...header, salt })) return null;
  const { sequence, appendSequence, payloadSizeBytes } = header;
  const start = offset + recordHeaderSizeBytes;
  const payload = bytes.subarray(start, start + payloadSizeBytes);
  return { sequence, appendSequence, typeByte: bytes[offset + 16] as number, payload };
}

interface RecordHeader extends RecordPlace {
  readonly payloadSizeBytes: number;
}

/** The plausible header at `offset`: it fits, and no record begins at position beyond its sequence. */
export function readRecordHeader(bytes: Uint8Array, offset: number): RecordHeader | null {
  if (offset + recordHeaderSizeBytes > bytes.length) return null;
  const view = viewOf(bytes);
  const payloadSizeBytes = view.getUint32(offset, true);
  if (payloadSizeBytes > bytes.length - offset - recordHeaderSizeBytes) return null;
  const sequence = readSafe(view, offset + 8);
  const position = view.getUint16(offset + 18, true);
  if (sequence === null || position >= sequence) return null;
  return { sequence, appendSequence: sequence - position, payloadSizeBytes };
}

/** What stands where a record at `offset` has its sequence. */
export function readSequence(bytes: Uint8Array, offset: number): number | null {
  return offset + 16 > bytes.length ? null : readSafe(viewOf(bytes), offset + 8);
}

export interface SegmentHeader {
  /** The segment's place in the row of all segments of this log, from 1. */
  readonly ordinal: number;
  /** Sequence of the first record of this segment. Records from here on in earlier segments do not count. */
  readonly firstSequence: number;
  readonly sizeBytes: number;
  /** 16 random bytes. */
  readonly id: Uint8Array;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  assert(header.id.length === 16, "a segment id has 16 bytes");
  const bytes = new Uint8Array(segmentHeaderSizeBytes);
  const view = viewOf(bytes);
  bytes.set(magic);
  view.setUint32(8, formatVersion, true);
  view.setUint32(12, header.sizeBytes, true);
  writeSafe(view, 16, header.ordinal);
  writeSafe(view, 24, header.firstSequence);
  bytes.set(header.id, 32);
  view.setUint32(60, crc32c(bytes.subarray(0, 60)), true);
  return bytes;
}

export type HeaderFault = "empty" | "short" | "alien" | "checksum" | "version" | "size";

/** The header of a whole segment file, or what is wrong with the file. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | HeaderFault {
  if (bytes.length === 0) return "empty";
  if (bytes.length < segmentHeaderSizeBytes) return "short";
  const view = viewOf(bytes);
  if (magic.some((value, index) => bytes[index] !== value)) return "alien";
  if (view.getUint32(60, true) !== crc32c(bytes.subarray(0, 60))) return "checksum";
  if (view.getUint32(8, true) !== formatVersion) return "version";
  const ordinal = readSafe(view, 16);
  const firstSequence = readSafe(view, 24);
  if (ordinal === null || firstSequence === null) return "checksum";
  const sizeBytes = view.getUint32(12, true);
  if (sizeBytes !== bytes.length) return sizeBytes > bytes.length ? "short" : "size";
  return { ordinal, firstSequence, sizeBytes, id: bytes.slice(32, 48) };
}

const magic: Uint8Array = utf8("tmlog\r\n\u001a");
const formatVersion = 1;

function writeRecord(bytes: Uint8Array, record: RawRecord, salt: number): void {
  const position = record.sequence - record.appendSequence;
  assert(position >= 0 && position <= positionMax, `position ${position} in an append`);
  const view = viewOf(bytes);
  view.setUint32(0, record.payload.length, true);
  writeSafe(view, 8, record.sequence);
  bytes[16] = record.typeByte;
  view.setUint16(18, position, true);
  bytes.set(record.payload, recordHeaderSizeBytes);
  view.setUint32(4, checksumOf(bytes, salt), true);
}

function isChecksumRight(
  bytes: Uint8Array,
  offset: number,
  { payloadSizeBytes, salt }: RecordHeader & { readonly salt: number },
): boolean {
  const record = bytes.subarray(offset, offset + recordHeaderSizeBytes + payloadSizeBytes);
  return viewOf(record).getUint32(4, true) === checksumOf(record, salt);
}

/** Over everything but the checksum itself. */
function checksumOf(record: Uint8Array, salt: number): number {
  return crc32c(record.subarray(8), crc32c(record.subarray(0, 4), salt));
}

function readChange(payload: Uint8Array): Pick<LogDraft, "document" | "change"> | null {
  const nameEnd = 2 + ((payload[0] ?? 0) | ((payload[1] ?? 0) << 8));
  if (payload.length < 2 || nameEnd > payload.length) return null;
  const document = new TextDecoder().decode(payload.subarray(2, nameEnd));
  return { document, change: payload.subarray(nameEnd) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeSafe(view: DataView, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, `${value} is a sequence`);
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

function readSafe(view: DataView, at: number): number | null {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  return Number.isSafeInteger(value) ? value : null;
}

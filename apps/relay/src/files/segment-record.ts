/**
 * The bytes of the files backend: segment headers and records. SPEC.md (FB).
 *
 *     segment = header (64 bytes) record*
 *     header  = magic 8 | version u32 | zero u32 | ordinal u48 | zeros 10 | id 16 | zeros 12 | CRC-32C u32
 *     record  = body length u32 | CRC-32C u32 | group u48 | type u8 | is last of its group u8 | body
 *     body    = 1: time u48 | offset u48 | organisation (u8 length, text) | envelope
 *               2: offset u48 | hash 32 | channel 16 | lane u8 | organisation       (release below offset)
 *               3: organisation | device (u8 length, text) | statement              (revocation)
 *
 * Little endian. A checksum starts from that of the segment's random id, which never leaves the disk: nobody can
 * publish bytes that pass for records. A group is what one sync made durable; it is written when the group before is
 * durable, so a record of group g proves that all groups below g had been synced.
 *
 * @module
 */

import { assert, utf8 } from "@tillmesh/kernel";
import type { Lane } from "@tillmesh/sync-engine/relay-protocol";
import { crc32c } from "@tillmesh/sync-engine/storage";

export const segmentHeaderSizeBytes = 64;
export const recordHeaderSizeBytes = 16;

export interface SegmentHeader {
  readonly ordinal: number;
  /** 16 random bytes. */
  readonly id: Uint8Array;
}

export type RecordBody =
  | {
      readonly type: "envelope";
      readonly atMs: number;
      readonly offset: number;
      readonly organisation: string;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: "release";
      readonly organisation: string;
      readonly channel: Uint8Array;
      readonly lane: Lane;
      readonly offset: number;
      /** Of the newest envelope released. */
      readonly hash: Uint8Array;
    }
  | {
      readonly type: "revocation";
      readonly organisation: string;
      readonly device: string;
      readonly statement: Uint8Array;
    };

/** A record as it stands in a segment. */
export interface RawRecord {
  readonly group: number;
  readonly isLast: boolean;
  readonly typeByte: number;
  readonly body: Uint8Array;
  /** Header and body. */
  readonly sizeBytes: number;
}

export function encodeSegmentHeader({ ordinal, id }: SegmentHeader): Uint8Array {
  assert(id.length === 16, "a segment id has 16 bytes");
  const bytes = new Uint8Array(segmentHeaderSizeBytes);
  const view = viewOf(bytes);
  bytes.set(magic);
  view.setUint32(8, formatVersion, true);
  writeU48(view, 16, ordinal);
  bytes.set(id, 32);
  view.setUint32(60, crc32c(bytes.subarray(0, 60)), true);
  return bytes;
}

export type HeaderFault = "short" | "alien" | "checksum" | "version";

export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | HeaderFault {
  if (bytes.length < segmentHeaderSizeBytes) return "short";
  const view = viewOf(bytes);
  if (magic.some((value, index) => bytes[index] !== value)) return "alien";
  if (view.getUint32(60, true) !== crc32c(bytes.subarray(0, 60))) return "checksum";
  if (view.getUint32(8, true) !== formatVersion) return "version";
  return { ordinal: readU48(view, 16), id: bytes.slice(32, 48) };
}

/** What a record takes in a segment. */
export function recordSizeBytes(record: RecordBody): number {
  return recordHeaderSizeBytes + bodySizeBytes(record);
}

/** What a record takes beside its envelope. */
export function envelopeOverheadBytes(organisation: string): number {
  return recordHeaderSizeBytes + 12 + 1 + textBytes(organisation).length;
}

/** The records of one group, one after the other. */
export function encodeGroup(
  records: readonly RecordBody[],
  { group, salt }: { readonly group: number; readonly salt: number },
): Uint8Array {
  const sizeBytes = records.reduce((sum, record) => sum + recordSizeBytes(record), 0);
  const bytes = new Uint8Array(sizeBytes);
  const view = viewOf(bytes);
  let at = 0;
  for (const [index, record] of records.entries()) {
    const size = bodySizeBytes(record);
    const end = at + recordHeaderSizeBytes + size;
    view.setUint32(at, size, true);
    writeU48(view, at + 8, group);
    bytes[at + 14] = typeBytes[record.type];
    bytes[at + 15] = index === records.length - 1 ? 1 : 0;
    writeBody(bytes.subarray(at + recordHeaderSizeBytes, end), record);
    view.setUint32(at + 4, checksum(bytes.subarray(at, end), salt), true);
    at = end;
  }
  return bytes;
}

/** The valid record at `at`, or undefined. */
export function decodeRecord(bytes: Uint8Array, at: number, salt: number): RawRecord | undefined {
  if (at + recordHeaderSizeBytes > bytes.length) return undefined;
  const view = viewOf(bytes);
  const size = view.getUint32(at, true);
  const end = at + recordHeaderSizeBytes + size;
  if (end > bytes.length) return undefined;
  if (view.getUint32(at + 4, true) !== checksum(bytes.subarray(at, end), salt)) return undefined;
  return {
    group: readU48(view, at + 8),
    isLast: bytes[at + 15] === 1,
    typeByte: bytes[at + 14] as number,
    body: bytes.subarray(at + recordHeaderSizeBytes, end),
    sizeBytes: end - at,
  };
}

/** The group that stands where a record at `at` has it; whether there is a record, `decodeRecord` says. */
export function groupAt(bytes: Uint8Array, at: number): number {
  return at + recordHeaderSizeBytes > bytes.length ? -1 : readU48(viewOf(bytes), at + 8);
}

/** `undefined`: a type of a later version. */
export function readBody({ typeByte, body }: RawRecord): RecordBody | undefined {
  switch (typeByte) {
    case typeBytes.envelope:
      return readEnvelopeBody(body);
    case typeBytes.release:
      return readReleaseBody(body);
    case typeBytes.revocation:
      return readRevocationBody(body);
    default:
      return undefined;
  }
}

export function saltOf(id: Uint8Array): number {
  return crc32c(id);
}

const magic: Uint8Array = utf8("tmrly\r\n\u001a");
const formatVersion = 1;
const typeBytes = { envelope: 1, release: 2, revocation: 3 } as const;

function bodySizeBytes(record: RecordBody): number {
  const organisation = 1 + textBytes(record.organisation).length;
  if (record.type === "envelope") return 12 + organisation + record.bytes.length;
  if (record.type === "release") return 6 + 32 + 16 + 1 + organisation;
  return organisation + 1 + textBytes(record.device).length + record.statement.length;
}

function writeBody(to: Uint8Array, record: RecordBody): void {
  const view = viewOf(to);
  switch (record.type) {
    case "envelope":
      writeU48(view, 0, record.atMs);
      writeU48(view, 6, record.offset);
      to.set(record.bytes, writeText(to, 12, record.organisation));
      return;
    case "release":
      writeU48(view, 0, record.offset);
      to.set(record.hash, 6);
      to.set(record.channel, 38);
      to[54] = record.lane;
      writeText(to, 55, record.organisation);
      return;
    case "revocation":
      to.set(record.statement, writeText(to, writeText(to, 0, record.organisation), record.device));
  }
}

function readEnvelopeBody(body: Uint8Array): RecordBody {
  const view = viewOf(body);
  const [organisation, end] = readText(body, 12);
  return {
    type: "envelope",
    atMs: readU48(view, 0),
    offset: readU48(view, 6),
    organisation,
    bytes: body.subarray(end),
  };
}

function readReleaseBody(body: Uint8Array): RecordBody {
  return {
    type: "release",
    offset: readU48(viewOf(body), 0),
    hash: body.slice(6, 38),
    channel: body.slice(38, 54),
    lane: body[54] as Lane,
    organisation: readText(body, 55)[0],
  };
}

function readRevocationBody(body: Uint8Array): RecordBody {
  const [organisation, next] = readText(body, 0);
  const [device, end] = readText(body, next);
  return { type: "revocation", organisation, device, statement: body.slice(end) };
}

/** The same few organisations stand in all records of a group. */
function textBytes(text: string): Uint8Array {
  const known = textsKnown.get(text);
  if (known) return known;
  const bytes = utf8(text);
  assert(bytes.length <= 255, `a text of ${bytes.length} bytes`);
  if (textsKnown.size >= textsKnownMax) textsKnown.clear();
  textsKnown.set(text, bytes);
  return bytes;
}

const textsKnown = new Map<string, Uint8Array>();
const textsKnownMax = 256;

/** Where the next field begins. */
function writeText(to: Uint8Array, at: number, text: string): number {
  const bytes = textBytes(text);
  to[at] = bytes.length;
  to.set(bytes, at + 1);
  return at + 1 + bytes.length;
}

function readText(from: Uint8Array, at: number): readonly [string, number] {
  const end = at + 1 + (from[at] ?? 0);
  const length = Math.min(end, from.length) - at - 1;
  return [Buffer.from(from.buffer, from.byteOffset + at + 1, length).toString(), end];
}

/** Over all but the checksum itself. */
function checksum(record: Uint8Array, salt: number): number {
  return crc32c(record.subarray(8), crc32c(record.subarray(0, 4), salt));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeU48(view: DataView, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0 && value < 2 ** 48, `${value} has 48 bits`);
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint16(at + 4, Math.floor(value / 2 ** 32), true);
}

function readU48(view: DataView, at: number): number {
  return view.getUint16(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

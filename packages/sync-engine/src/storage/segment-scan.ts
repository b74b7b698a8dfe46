/**
 * Reads one segment of the change log: its records, and what stands after them. Pure.
 *
 * @module
 */

import { crc32c } from "./crc32c.ts";
import {
  decodeRecord,
  decodeSegmentHeader,
  readRecordHeader,
  readSequence,
  segmentHeaderSizeBytes,
  type HeaderFault,
  type RawRecord,
  type SegmentHeader,
} from "./log-record.ts";

export interface SegmentScan {
  readonly header: SegmentHeader;
  readonly records: readonly RawRecord[];
  /** Where the last valid record ends. */
  readonly endOffset: number;
  /** What stands after it, or null when only zeros do. */
  readonly tail: SegmentTail | null;
}

export interface SegmentTail {
  readonly offset: number;
  /** Up to the last byte that is not zero. */
  readonly sizeBytes: number;
  /** The sequence that should have stood at `offset`. */
  readonly expectedSequence: number;
  /** The expected sequence stands where a record would have it: the number may have been used. */
  readonly wasRecordLike: boolean;
  /** A valid record of a later append in the tail: proof that the damaged one had been synced. */
  readonly foundLaterSequence: number | null;
}

/** The records of a segment file in order, each checked, or what is wrong with the file as a whole. */
export function scanSegment(bytes: Uint8Array): SegmentScan | HeaderFault {
  const header = decodeSegmentHeader(bytes);
  if (typeof header === "string") return header;
  const salt = crc32c(header.id);
  const records: RawRecord[] = [];
  let endOffset = segmentHeaderSizeBytes;
  let next = decodeRecord(bytes, endOffset, salt);
  while (next !== null && follows(next, records.at(-1), header.firstSequence)) {
    records.push(next);
    endOffset = next.payload.byteOffset - bytes.byteOffset + next.payload.length;
    next = decodeRecord(bytes, endOffset, salt);
  }
  const expectedSequence = header.firstSequence + records.length;
  return { header, records, endOffset, tail: tailAt(bytes, endOffset, { expectedSequence, salt }) };
}

/** A record continues the append before it, or begins one. */
function follows(record: RawRecord, previous: RawRecord | undefined, first: number): boolean {
  const expected = previous === undefined ? first : previous.sequence + 1;
  if (record.sequence !== expected) return false;
  return (
    record.appendSequence === record.sequence || record.appendSequence === previous?.appendSequence
  );
}

interface Expectation {
  readonly expectedSequence: number;
  readonly salt: number;
}

function tailAt(bytes: Uint8Array, offset: number, expectation: Expectation): SegmentTail | null {
  const sizeBytes = endOfData(bytes, offset) - offset;
  if (sizeBytes === 0) return null;
  const { expectedSequence } = expectation;
  return {
    offset,
    sizeBytes,
    expectedSequence,
    wasRecordLike: readSequence(bytes, offset) === expectedSequence,
    foundLaterSequence: laterSequence(bytes, { ...expectation, offset, sizeBytes }),
  };
}

/** A plain loop: most of a segment is zeros, and every start looks at all of them. */
function endOfData(bytes: Uint8Array, offset: number): number {
  let end = bytes.length;
  while (end > offset && bytes[end - 1] === 0) end -= 1;
  return end;
}

/** Looks at every byte, since the damage may be in a length. */
function laterSequence(
  bytes: Uint8Array,
  tail: Expectation & Pick<SegmentTail, "offset" | "sizeBytes">,
): number | null {
  const sequenceMax = tail.expectedSequence + tail.sizeBytes;
  for (let at = tail.offset; at < tail.offset + tail.sizeBytes; at += 1) {
    const header = readRecordHeader(bytes, at);
    if (header === null || header.sequence > sequenceMax) continue;
    if (header.appendSequence <= tail.expectedSequence) continue;
    const record = decodeRecord(bytes, at, tail.salt);
    if (record !== null) return record.sequence;
  }
  return null;
}

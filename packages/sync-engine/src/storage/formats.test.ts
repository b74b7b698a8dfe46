import fs from "node:fs";
import { fromHex, hex } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import {
  draftToRaw,
  encodeRecords,
  encodeSegmentHeader,
  rawToRecord,
  segmentHeaderSizeBytes,
  type RawRecord,
} from "./log-record.ts";
import { frameChunk, frameFault, unframeChunk } from "./node/chunk-frame.ts";
import { scanSegment } from "./segment-scan.ts";

interface Vectors {
  readonly segment: string;
  readonly chunk: { readonly name: string; readonly content: string; readonly framed: string };
}

const file = new URL("test-vectors/storage-v1.json", import.meta.url);
const vectors = JSON.parse(fs.readFileSync(file, "utf8")) as Vectors;
const header = {
  ordinal: 3,
  firstSequence: 2 ** 33 + 1,
  sizeBytes: 320,
  id: Uint8Array.from({ length: 16 }, (_, index) => index * 11),
};

function bytesOf(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (!bytes.ok) throw new Error(text);
  return bytes.value;
}

/** One append of two, one of a type of tomorrow, and the clean mark. */
function records(): readonly RawRecord[] {
  const first = header.firstSequence;
  const change = { type: "change", document: "ledger/dev_a/1/1" } as const;
  return [
    {
      ...draftToRaw({ ...change, change: bytesOf("0102") }),
      sequence: first,
      appendSequence: first,
    },
    {
      ...draftToRaw({ ...change, change: bytesOf("03") }),
      sequence: first + 1,
      appendSequence: first,
    },
    { typeByte: 7, payload: bytesOf("ff"), sequence: first + 2, appendSequence: first + 2 },
    { typeByte: 0xff, payload: bytesOf(""), sequence: first + 3, appendSequence: first + 3 },
  ];
}

function encodedSegment(): Uint8Array {
  const bytes = new Uint8Array(header.sizeBytes);
  bytes.set(encodeSegmentHeader(header));
  bytes.set(encodeRecords(header.id, records()), segmentHeaderSizeBytes);
  return bytes;
}

describe("the first format (CL, CK)", () => {
  test("[CL17] a segment is written as it was in the first version, byte by byte", () => {
    expect(hex(encodedSegment())).toBe(vectors.segment);
  });

  test("[CL17] a segment of the first version is read", () => {
    const scan = scanSegment(bytesOf(vectors.segment));
    if (typeof scan === "string") throw new Error(scan);
    expect(scan).toMatchObject({ header, tail: null });
    expect(scan.records.map(rawToRecord)).toEqual(records().map(rawToRecord));
  });

  test("[CK12] a chunk is written and read as in the first version", () => {
    const { name, content, framed } = vectors.chunk;
    expect(hex(frameChunk(name, bytesOf(content)))).toBe(framed);
    expect(frameFault(name, bytesOf(framed))).toBeNull();
    expect(hex(unframeChunk(bytesOf(framed)))).toBe(content);
  });

  test("[CL17] [CK12] a later version is told from damage", () => {
    const later = encodedSegment();
    later[8] = 2;
    new DataView(later.buffer).setUint32(60, crc32c(later.subarray(0, 60)), true);
    expect(scanSegment(later)).toBe("version");
    const chunk = bytesOf(vectors.chunk.framed);
    chunk[8] = 2;
    expect(frameFault(vectors.chunk.name, chunk)).toBe("version");
  });
});

/**
 * The bytes around a stored chunk, so that a damaged one is never taken for a document. SPEC.md §9 (CK).
 *
 *     magic 8 | version u32 | chunk length u32 | SHA-256 of (version, length, key, chunk) 32 | chunk
 *
 * The key is part of the hash: a chunk that got under another name is not that name's chunk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { utf8 } from "@tillmesh/kernel";

export function frameChunk(name: string, chunk: Uint8Array): Uint8Array {
  const framed = new Uint8Array(headerSizeBytes + chunk.length);
  const view = new DataView(framed.buffer);
  framed.set(magic);
  view.setUint32(8, formatVersion, true);
  view.setUint32(12, chunk.length, true);
  framed.set(chunk, headerSizeBytes);
  framed.set(digest(name, framed), 16);
  return framed;
}

/** What is wrong with the frame, or null. */
export function frameFault(name: string, framed: Uint8Array): string | null {
  if (framed.length < headerSizeBytes) return "short";
  if (magic.some((value, index) => framed[index] !== value)) return "alien";
  const view = new DataView(framed.buffer, framed.byteOffset, framed.byteLength);
  if (view.getUint32(8, true) !== formatVersion) return "version";
  if (view.getUint32(12, true) !== framed.length - headerSizeBytes) return "length";
  const expected = digest(name, framed);
  return expected.every((value, index) => framed[16 + index] === value) ? null : "checksum";
}

/** The chunk in a frame without fault. */
export function unframeChunk(framed: Uint8Array): Uint8Array {
  return framed.subarray(headerSizeBytes);
}

const magic: Uint8Array = utf8("tmchnk\r\n");
const formatVersion = 1;
const headerSizeBytes = 48;

function digest(name: string, framed: Uint8Array): Uint8Array {
  return createHash("sha256")
    .update(framed.subarray(8, 16))
    .update(`${name}\0`)
    .update(framed.subarray(headerSizeBytes))
    .digest();
}

/**
 * The front of an envelope's header, read without the rest: what recovery has to know of millions of them.
 *
 * PROTOCOL.md §4 (EN): version 1 | channel 16 | lane | publisher (length, text) | run 8 | sequence (LEB128). The record's
 * checksum has said that the bytes are those that once were read whole.
 *
 * @module
 */

import type { Lane } from "@tillmesh/sync-engine/relay-protocol";

export interface EnvelopePlace {
  readonly channel: Uint8Array;
  readonly lane: Lane;
  readonly publisher: string;
  readonly run: Uint8Array;
  readonly sequence: number;
}

/** Undefined: not an envelope of version 1. */
export function readEnvelopePlace(bytes: Uint8Array): EnvelopePlace | undefined {
  const publisherSize = bytes[18] ?? 0;
  const runAt = 19 + publisherSize;
  if (bytes[0] !== 1 || publisherSize > 64 || bytes.length < runAt + 8 + 1) return undefined;
  let sequence = 0;
  for (let at = runAt + 8, scale = 1; ; at += 1, scale *= 128) {
    const byte = bytes[at] ?? 0;
    sequence += (byte % 128) * scale;
    if (byte < 128) break;
  }
  return {
    channel: bytes.subarray(1, 17),
    lane: (bytes[17] ?? 0) as Lane,
    publisher: Buffer.from(bytes.buffer, bytes.byteOffset + 19, publisherSize).toString(),
    run: bytes.subarray(runAt, runAt + 8),
    sequence,
  };
}

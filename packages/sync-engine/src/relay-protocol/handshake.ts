/**
 * What is signed when a device and a relay meet. PROTOCOL.md §4 (WH).
 *
 * Each signature covers both first frames as they were sent, so nothing in them (nonces, versions, keys,
 * certificates) can be replayed, exchanged or talked down.
 *
 * @module
 */

import { utf8, type Crypto } from "@tillmesh/kernel";
import { count, encode } from "./wire.ts";
import type { StoredItem } from "./frame.ts";

type Hashing = Pick<Crypto, "sha256">;

/** Both first frames, as bytes. */
export interface FirstFrames {
  readonly hello: Uint8Array;
  readonly challenge: Uint8Array;
}

/** Signed by the device. */
export function proofBytes(first: FirstFrames, crypto: Hashing): Uint8Array {
  return transcript("tillmesh/relay/proof/1\n", first, crypto);
}

/** Signed by the relay. */
export function welcomeBytes(first: FirstFrames, crypto: Hashing): Uint8Array {
  return transcript("tillmesh/relay/welcome/1\n", first, crypto);
}

/** Signed by the relay: these envelopes, by SHA-256, are durable at these places. */
export function storedBytes(
  items: readonly (Pick<StoredItem, "log" | "offset"> & { readonly hash: Uint8Array })[],
): Uint8Array {
  return concat([
    utf8("tillmesh/relay/stored/1\n"),
    ...items.flatMap(({ hash, log, offset }) => [hash, log, encode(count, offset)]),
  ]);
}

function transcript(
  domain: string,
  { hello, challenge }: FirstFrames,
  crypto: Hashing,
): Uint8Array {
  return concat([utf8(domain), crypto.sha256(hello), crypto.sha256(challenge)]);
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

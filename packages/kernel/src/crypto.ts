/**
 * The port to cryptography, and bytes as text. SPEC.md §7 (BY).
 *
 * Both interfaces are synchronous: the commit is one synchronous turn.
 *
 * @module
 */

import { err, ok, type Result } from "./result.ts";
import type { Random } from "./random.ts";

export interface Crypto {
  sha256(data: Uint8Array): Uint8Array;
  readonly randomBytes: Random;
  /** Ed25519 with the raw public key of 32 bytes. False for anything malformed; never throws. */
  verify(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean;
}

export interface Signer {
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 signature, 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
}

export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexPairs[byte];
  return text;
}

/** Lower-case only, so that one value has one text. */
export function fromHex(text: string): Result<Uint8Array, BytesError> {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return bytesError("hex", text);
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  }
  return ok(bytes);
}

/** RFC 4648 section 5, without padding. */
export function base64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const chars = Math.min(bytes.length - i, 3) + 1;
    for (let c = 0; c < chars; c += 1) text += base64urlChars.charAt((group >> (18 - c * 6)) & 63);
  }
  return text;
}

/** Refuses padding, other alphabets and stray bits at the end, so that one value has one text. */
export function fromBase64url(text: string): Result<Uint8Array, BytesError> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return bytesError("base64url", text);
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let pending = 0;
  let pendingBits = 0;
  let at = 0;
  for (const char of text) {
    pending = ((pending << 6) | base64urlChars.indexOf(char)) & 0x3fff;
    pendingBits += 6;
    if (pendingBits < 8) continue;
    pendingBits -= 8;
    bytes[at] = (pending >> pendingBits) & 0xff;
    at += 1;
  }
  const strayBits = pending & ((1 << pendingBits) - 1);
  return strayBits === 0 ? ok(bytes) : bytesError("base64url", text);
}

/** The text is not the one way to write some bytes. `text` is cut to 40 characters. */
export interface BytesError {
  readonly type: "Bytes";
  readonly encoding: "hex" | "base64url";
  readonly text: string;
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

const encoder = new TextEncoder();
const base64urlChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

function bytesError(encoding: BytesError["encoding"], text: string): Result<never, BytesError> {
  return err({ type: "Bytes", encoding, text: text.slice(0, 40) });
}

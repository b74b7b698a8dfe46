/**
 * An envelope: what a relay stores and passes on, and cannot read. PROTOCOL.md §4 (WE).
 *
 * The header is in clear: channel, lane, publisher, its place in the publisher's chain, key epoch, size. The rest is
 * encrypted with the channel's key of that epoch; the publisher's signature covers both. Chains are per run of a
 * publisher, channel and lane: a run begins with a random name, so nothing about a chain needs to survive a crash.
 *
 * @module
 */

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { assert, err, ok, utf8, type Crypto, type Result, type Signer } from "@tillmesh/kernel";
import { envelopeMaxSizeBytes, laneField, type Lane } from "./frame.ts";
import {
  byte,
  count,
  decode,
  encode,
  fixed,
  record,
  remaining,
  text,
  type Field,
  type MalformedError,
} from "./wire.ts";

export interface EnvelopeHeader {
  /** 1. */
  readonly version: number;
  /** 16 bytes. */
  readonly channel: Uint8Array;
  readonly lane: Lane;
  readonly publisher: string;
  /** 8 random bytes per run of the publisher's process. */
  readonly run: Uint8Array;
  /** From 1 in a run, channel and lane. */
  readonly sequence: number;
  /** SHA-256 of the envelope before in that chain; 32 zero bytes for the first. */
  readonly previous: Uint8Array;
  /** Of the channel's key; 0: in clear, in `control` only. */
  readonly epoch: number;
  /** 24 random bytes. */
  readonly nonce: Uint8Array;
}

export interface Envelope {
  readonly header: EnvelopeHeader;
  readonly ciphertext: Uint8Array;
  readonly signature: Uint8Array;
  /** SHA-256 of all bytes. */
  readonly hash: Uint8Array;
  readonly bytes: Uint8Array;
}

export const envelopeVersion = 1;

/** Encrypts and signs. Epoch 0 is in clear and has no key; every other has one. */
export function sealEnvelope(
  header: EnvelopeHeader,
  plaintext: Uint8Array,
  { key, signer, crypto }: SealOptions,
): Envelope {
  assert((key === undefined) === (header.epoch === 0), `a key for epoch ${header.epoch}`);
  const head = encode(headerField, header);
  const ciphertext = key
    ? xchacha20poly1305(key, header.nonce, head).encrypt(plaintext)
    : plaintext;
  const signature = signer.sign(signedBytes(head, ciphertext, crypto));
  const bytes = new Uint8Array(head.length + 64 + ciphertext.length);
  bytes.set(head);
  bytes.set(signature, head.length);
  bytes.set(ciphertext, head.length + 64);
  return { header, ciphertext, signature, hash: crypto.sha256(bytes), bytes };
}

export interface SealOptions {
  /** 32 bytes. */
  readonly key: Uint8Array | undefined;
  readonly signer: Signer;
  readonly crypto: Pick<Crypto, "sha256">;
}

/** Reads an envelope without believing it. All that a relay needs. */
export function readEnvelope(
  bytes: Uint8Array,
  crypto: Pick<Crypto, "sha256">,
): Result<Envelope, MalformedError> {
  const read = decode(envelopeField, bytes);
  if (!read.ok) return read;
  const { signature, ciphertext, ...header } = read.value;
  const fault = faultIn(header);
  if (fault) return err({ type: "Malformed", at: 0, reason: fault });
  return ok({ header, signature, ciphertext, hash: crypto.sha256(bytes), bytes });
}

/** Checks the publisher's signature and decrypts. */
export function openEnvelope(
  { header, ciphertext, signature, bytes }: Envelope,
  { key, publicKey, crypto }: OpenOptions,
): Result<Uint8Array, OpenEnvelopeError> {
  const head = bytes.subarray(0, bytes.length - ciphertext.length - signature.length);
  if (!crypto.verify(publicKey, signedBytes(head, ciphertext, crypto), signature)) {
    return err({ type: "BadSignature", publisher: header.publisher });
  }
  const isClear = header.epoch === 0;
  if (isClear && key === "clear") return ok(ciphertext);
  if (isClear || key === "clear" || key === undefined) {
    return err({ type: "NoKey", epoch: header.epoch });
  }
  try {
    return ok(xchacha20poly1305(key, header.nonce, head).decrypt(ciphertext));
  } catch {
    return err({ type: "Undecipherable", publisher: header.publisher, epoch: header.epoch });
  }
}

export interface OpenOptions {
  /** Of the header's epoch, if this device has it; `"clear"` where nothing is encrypted, and only there: the channel `control`. */
  readonly key: Uint8Array | "clear" | undefined;
  /** Of the publisher, raw Ed25519. */
  readonly publicKey: Uint8Array;
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
}

/** `NoKey`: this device was not given the key of that epoch, or not yet; or it is in clear where it may not be, or the other way round. */
export type OpenEnvelopeError =
  | { readonly type: "BadSignature"; readonly publisher: string }
  | { readonly type: "NoKey"; readonly epoch: number }
  | { readonly type: "Undecipherable"; readonly publisher: string; readonly epoch: number };

const headerFields = {
  version: byte,
  channel: fixed(16),
  lane: laneField,
  publisher: text(64),
  run: fixed(8),
  sequence: count,
  previous: fixed(32),
  epoch: count,
  nonce: fixed(24),
} as const;
const headerField: Field<EnvelopeHeader> = record<EnvelopeHeader>(headerFields);
const envelopeField = record<EnvelopeHeader & Pick<Envelope, "signature" | "ciphertext">>({
  ...headerFields,
  signature: fixed(64),
  ciphertext: remaining(envelopeMaxSizeBytes, 0),
});

function faultIn({ version, sequence, publisher }: EnvelopeHeader): string | undefined {
  if (version !== envelopeVersion) return `envelope version ${version}`;
  if (sequence === 0) return "sequence 0";
  return publisher === "" ? "no publisher" : undefined;
}

function signedBytes(
  head: Uint8Array,
  ciphertext: Uint8Array,
  crypto: Pick<Crypto, "sha256">,
): Uint8Array {
  const domain = utf8("tillmesh/envelope/1\n");
  const bytes = new Uint8Array(domain.length + 64);
  bytes.set(domain);
  bytes.set(crypto.sha256(head), domain.length);
  bytes.set(crypto.sha256(ciphertext), domain.length + 32);
  return bytes;
}

/**
 * A secret for one device: what only the holder of its private key can open.
 *
 *     1 | ephemeral X25519 key 32 | XChaCha20-Poly1305 ciphertext and tag
 *
 * The device's Ed25519 key serves as its X25519 key (RFC 7748's map of the curve). Key and nonce come from
 * HKDF-SHA256 over the shared secret and both public keys, so that each box has its own. The context is
 * authenticated: a box does not open where it was not meant. Who sealed it is not told: whoever carries boxes
 * signs them. Rules: SPEC.md [BX1]-[BX3].
 *
 * @module
 */

import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { err, ok, utf8, type Random, type Result } from "@tillmesh/kernel";
import { concat } from "./byte-reader.ts";
import { privateKeyPemToSeed } from "./keys.ts";

export interface BoxOptions {
  /** What the box is for; opening names the same. */
  readonly context: string;
  readonly random: Random;
}

/** Seals `plaintext` to the device with this raw Ed25519 public key. */
export function sealTo(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  { context, random }: BoxOptions,
): Result<Uint8Array, BoxError> {
  try {
    const theirs = ed25519.utils.toMontgomery(publicKey);
    const secret = random(32);
    const ephemeral = x25519.getPublicKey(secret);
    const shared = x25519.getSharedSecret(secret, theirs);
    const cipher = cipherOf({ shared, ephemeral, theirs, context });
    return ok(concat([Uint8Array.of(boxVersion), ephemeral, cipher.encrypt(plaintext)]));
  } catch {
    return err({ type: "BoxKey" });
  }
}

/** Opens what was sealed to the holder of this private key, for this context. */
export function openSealedTo(
  privateKeyPem: string,
  box: Uint8Array,
  context: string,
): Result<Uint8Array, BoxError> {
  const seed = privateKeyPemToSeed(privateKeyPem);
  if (!seed) return err({ type: "BoxKey" });
  if (box[0] !== boxVersion || box.length < boxOverheadBytes) return err({ type: "BoxFormat" });
  const ephemeral = box.slice(1, 33);
  try {
    const secret = ed25519.utils.toMontgomerySecret(seed);
    const shared = x25519.getSharedSecret(secret, ephemeral);
    const cipher = cipherOf({ shared, ephemeral, theirs: x25519.getPublicKey(secret), context });
    return ok(cipher.decrypt(box.slice(33)));
  } catch {
    return err({ type: "NotForThisKey" });
  }
}

/** `BoxKey`: the key is none of ours. `NotForThisKey`: sealed to another key or for something else, or changed. */
export interface BoxError {
  readonly type: "BoxKey" | "BoxFormat" | "NotForThisKey";
}

const boxVersion = 1;
const boxOverheadBytes = 1 + 32 + 16;

interface Agreed {
  readonly shared: Uint8Array;
  readonly ephemeral: Uint8Array;
  readonly theirs: Uint8Array;
  readonly context: string;
}

function cipherOf({ shared, ephemeral, theirs, context }: Agreed) {
  const salt = concat([ephemeral, theirs]);
  const derived = hkdf(sha256, shared, salt, utf8("tillmesh/box/1"), 32 + 24);
  return xchacha20poly1305(derived.slice(0, 32), derived.slice(32), utf8(context));
}

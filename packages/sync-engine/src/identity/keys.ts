/**
 * Ed25519 keys: 32 random bytes, kept as PKCS #8 PEM (RFC 8410).
 *
 * Randomness comes in as an argument, so that a simulation under one seed makes
 * one set of keys. WebCrypto does the arithmetic.
 *
 * @module
 */

import { assert, type Random } from "@tillmesh/kernel";
import { fromPem, toPem } from "./pem.ts";

/** A new private key. Secret: it goes into a 0600 file or nowhere. */
export function newPrivateKeyPem(random: Random): string {
  return seedToPrivateKeyPem(random(seedSizeBytes));
}

export function seedToPrivateKeyPem(seed: Uint8Array): string {
  assert(seed.length === seedSizeBytes, "an Ed25519 seed has 32 bytes");
  return toPem("PRIVATE KEY", join(pkcs8Prefix, seed));
}

/** The 32 bytes of the key, or undefined if this is not a private key as we write them. */
export function privateKeyPemToSeed(pem: string): Uint8Array | undefined {
  const der = fromPem("PRIVATE KEY", pem);
  return der === undefined ? undefined : stripPrefix(pkcs8Prefix, der);
}

/** The raw public key (32 bytes), or undefined if `pem` is not a private key as we write them. */
export async function publicKeyOf(pem: string): Promise<Uint8Array | undefined> {
  const key = await importPrivateKey(pem);
  if (key === undefined) return undefined;
  const jwk = await globalThis.crypto.subtle.exportKey("jwk", key);
  assert(jwk.x !== undefined, "an Ed25519 key has a public half");
  const standard = jwk.x.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
}

export async function importPrivateKey(pem: string): Promise<SigningKey | undefined> {
  const seed = privateKeyPemToSeed(pem);
  if (seed === undefined) return undefined;
  const pkcs8 = join(pkcs8Prefix, seed);
  return globalThis.crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
}

type SigningKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

export function rawToSpki(publicKey: Uint8Array): Uint8Array<ArrayBuffer> {
  assert(publicKey.length === 32, "a raw Ed25519 public key has 32 bytes");
  return join(spkiPrefix, publicKey);
}

/** The raw key, or undefined if this is not an Ed25519 key. */
export function spkiToRaw(spki: Uint8Array): Uint8Array | undefined {
  return stripPrefix(spkiPrefix, spki);
}

const seedSizeBytes = 32;

// RFC 8410: the fixed DER before the 32 bytes of a private and of a public key.
const pkcs8Prefix = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);
const spkiPrefix = Uint8Array.from([
  0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
]);

function stripPrefix(prefix: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  const isOurs =
    bytes.length === prefix.length + 32 && prefix.every((byte, index) => bytes[index] === byte);
  return isOurs ? bytes.slice(prefix.length) : undefined;
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

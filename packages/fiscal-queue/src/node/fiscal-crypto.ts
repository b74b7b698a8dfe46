/**
 * The primitives of national regimes by node:crypto. SPEC.md §4 (FPO).
 *
 * @module
 */

import {
  createCipheriv,
  createHmac,
  createPublicKey,
  hash,
  randomBytes,
  timingSafeEqual,
  verify,
  type KeyObject,
} from "node:crypto";
import type { FiscalCrypto, SignatureAlgorithm } from "../ports.ts";

/** Key objects are kept, up to 256: making one costs as much as a verification. */
export function createFiscalCrypto(): FiscalCrypto {
  const keys = new Map<string, KeyObject>();
  return {
    sha256: (data) => bytes(hash("sha256", data, "buffer")),
    sha1: (data) => bytes(hash("sha1", data, "buffer")),
    hmacSha1,
    aes256Ctr: (key, iv, data) => bytes(createCipheriv("aes-256-ctr", key, iv).update(data)),
    verify: (...call) => isVerified(keys, call),
    randomBytes: (sizeBytes) => bytes(randomBytes(sizeBytes)),
  };
}

/** By algorithm; the curve or the size of the key is the key's own. */
export const digestOf: Readonly<Record<Exclude<SignatureAlgorithm, "hmac-sha1">, string>> = {
  ES256: "sha256",
  "ecdsa-secp256k1-sha256-der": "sha256",
  "rsa-sha1": "sha1",
  "rsa-sha256": "sha256",
};

export function encodingOf(algorithm: SignatureAlgorithm): "der" | "ieee-p1363" {
  return algorithm === "ES256" ? "ieee-p1363" : "der";
}

/** A plain array: a Buffer would share a pool and print otherwise. */
export function bytes(data: Uint8Array): Uint8Array {
  return new Uint8Array(data);
}

const keysMax = 256;

function isVerified(
  keys: Map<string, KeyObject>,
  [algorithm, publicKey, data, signature]: Parameters<FiscalCrypto["verify"]>,
): boolean {
  if (algorithm === "hmac-sha1") return isHmac(publicKey, data, signature);
  try {
    const key = { key: keyObject(keys, publicKey), dsaEncoding: encodingOf(algorithm) };
    return verify(digestOf[algorithm], data, key, signature);
  } catch {
    return false;
  }
}

function hmacSha1(key: Uint8Array, data: Uint8Array): Uint8Array {
  return bytes(createHmac("sha1", key).update(data).digest());
}

function isHmac(key: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const expected = hmacSha1(key, data);
  return signature.length === expected.length && timingSafeEqual(expected, signature);
}

function keyObject(keys: Map<string, KeyObject>, publicKey: Uint8Array): KeyObject {
  const name = Buffer.from(publicKey).toString("latin1");
  const known = keys.get(name);
  if (known !== undefined) return known;
  const made = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  if (keys.size >= keysMax) keys.clear();
  keys.set(name, made);
  return made;
}

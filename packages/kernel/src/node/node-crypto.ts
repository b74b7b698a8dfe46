/**
 * Ed25519 and SHA-256 by node:crypto.
 *
 * @module
 */

import {
  createPrivateKey,
  createPublicKey,
  hash,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { assert } from "../assert.ts";
import { hex, type Crypto, type Signer } from "../crypto.ts";

/** Key objects are kept, up to 1,024: making one costs as much as a verification. */
export function nodeCrypto(): Crypto {
  const keys = new Map<string, KeyObject>();
  return {
    sha256: (data) => hash("sha256", data, "buffer"),
    randomBytes: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
    verify: (publicKey, data, signature) => {
      if (publicKey.length !== keySizeBytes || signature.length !== signatureSizeBytes)
        return false;
      return verify(null, data, keyObject(keys, publicKey), signature);
    },
  };
}

/** Signs with an Ed25519 private key in PKCS #8 PEM; throws on any other key. */
export function nodeSigner(privateKeyPkcs8Pem: string): Signer {
  const privateKey = createPrivateKey(privateKeyPkcs8Pem);
  assert(privateKey.asymmetricKeyType === "ed25519", "the device key is an Ed25519 key");
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    publicKey: new Uint8Array(spki.subarray(-keySizeBytes)),
    sign: (data) => new Uint8Array(sign(null, data, privateKey)),
  };
}

const keySizeBytes = 32;
const signatureSizeBytes = 64;
const keysMax = 1024;

// RFC 8410: what comes before the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo.
const spkiPrefix = Uint8Array.from([48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0]);

function keyObject(keys: Map<string, KeyObject>, publicKey: Uint8Array): KeyObject {
  const name = hex(publicKey);
  const known = keys.get(name);
  if (known !== undefined) return known;
  const der = Buffer.concat([spkiPrefix, publicKey]);
  const made = createPublicKey({ key: der, format: "der", type: "spki" });
  if (keys.size >= keysMax) keys.clear();
  keys.set(name, made);
  return made;
}

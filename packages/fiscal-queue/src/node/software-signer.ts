/**
 * Keys in this process as a signer. SPEC.md §4 (FPO).
 *
 * @module
 */

import { createHmac, sign, type KeyObject } from "node:crypto";
import { err, ok, type Result } from "@tillmesh/kernel";
import type { FiscalSigner, SignFailure, SignRequest } from "../ports.ts";
import { bytes, digestOf, encodingOf } from "./fiscal-crypto.ts";

/** Private keys, or a secret key for HMAC, by key id. A key that does not fit the algorithm is a failure, not a signature. */
export function createSoftwareSigner(keys: Readonly<Record<string, KeyObject>>): FiscalSigner {
  const byId = new Map(Object.entries(keys));
  return {
    sign: (request) => {
      const key = byId.get(request.keyId);
      return Promise.resolve(
        key === undefined ? failed(`no key "${request.keyId}"`) : signedWith(key, request),
      );
    },
  };
}

function signedWith(key: KeyObject, request: SignRequest): Result<Uint8Array, SignFailure> {
  const { algorithm, data } = request;
  const expected = keyTypes[algorithm];
  if (expected !== typeOf(key)) return failed(`${algorithm} takes a key of type ${expected}`);
  if (algorithm === "hmac-sha1") return ok(bytes(createHmac("sha1", key).update(data).digest()));
  try {
    return ok(bytes(sign(digestOf[algorithm], data, { key, dsaEncoding: encodingOf(algorithm) })));
  } catch (cause) {
    return failed(cause instanceof Error ? cause.message : "the key does not sign");
  }
}

const keyTypes = {
  ES256: "ec prime256v1",
  "ecdsa-secp256k1-sha256-der": "ec secp256k1",
  "rsa-sha1": "rsa",
  "rsa-sha256": "rsa",
  "hmac-sha1": "secret",
} as const;

function typeOf(key: KeyObject): string {
  if (key.type === "secret") return "secret";
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return curve === undefined ? String(key.asymmetricKeyType) : `${key.asymmetricKeyType} ${curve}`;
}

function failed(reason: string): Result<never, SignFailure> {
  return err({ type: "SignFailed", reason, isUnknown: false });
}

/**
 * Keys of a Saudi till by Node: made here, with a signing request for the authority, or with a certificate for tests
 * that the till signs itself. SPEC.md §11 (RSA).
 *
 * @module
 */

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import type { StreamKey } from "../document.ts";
import {
  alternativeName,
  csrToSign,
  ecdsaWithSha256,
  extension,
  finishCsr,
  subjectName,
  type CsrFacts,
  type ZatcaEnvironment,
} from "../regimes/sa-zatca/csr.ts";
import { bitString, der, integer, sequence, utcTime } from "../regimes/sa-zatca/der.ts";
import { bytes } from "./fiscal-crypto.ts";

export interface ZatcaKeyPair {
  readonly privateKey: KeyObject;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
}

export function createZatcaKey(): ZatcaKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  return { privateKey, publicKey: bytes(publicKey.export({ format: "der", type: "spki" })) };
}

/** PEM. */
export function createZatcaCsr(
  { privateKey, publicKey }: ZatcaKeyPair,
  facts: CsrFacts,
  environment: ZatcaEnvironment,
): string {
  const toSign = csrToSign(facts, publicKey, environment);
  return finishCsr(toSign, sign("sha256", toSign, privateKey));
}

/** For streams with `isTest` only: nobody but this till vouches for the certificate. */
export function createZatcaTestKey(
  facts: CsrFacts,
  { nowMs, days = 365 }: { readonly nowMs: number; readonly days?: number },
): ZatcaKeyPair & { readonly key: StreamKey } {
  const pair = createZatcaKey();
  const serial = bytes(randomBytes(16));
  const notAfterMs = wholeSeconds(nowMs) + days * 86_400_000;
  const name = subjectName(facts);
  const toSign = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    ecdsaWithSha256,
    name,
    sequence(utcTime(nowMs), utcTime(notAfterMs)),
    name,
    pair.publicKey,
    der(0xa3, sequence(extension("2.5.29.17", alternativeName(facts)))),
  );
  const signature = bitString(sign("sha256", toSign, pair.privateKey));
  const certificate = sequence(toSign, ecdsaWithSha256, signature);
  const key: StreamKey = {
    keyId: BigInt(`0x${Buffer.from(serial).toString("hex")}`).toString(),
    certificate: Buffer.from(certificate).toString("base64"),
    publicKey: Buffer.from(pair.publicKey).toString("base64"),
    notAfterMs,
  };
  return { ...pair, key };
}

function wholeSeconds(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}

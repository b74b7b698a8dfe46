/**
 * RSA keys with a certificate that signs itself, for tills that sign their records outside VERI*FACTU. SPEC.md §10 (RES).
 *
 * @module
 */

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { utf8 } from "@tillmesh/kernel";
import type { StreamKey } from "../document.ts";
import {
  bitString,
  der,
  integer,
  objectIdentifier,
  sequence,
  set,
  utcTime,
} from "../regimes/sa-zatca/der.ts";
import { bytes } from "./fiscal-crypto.ts";

export interface SpanishTaxpayer {
  readonly name: string;
  readonly nif: string;
}

export interface SpanishTestKey {
  readonly key: StreamKey & { readonly certificate: string };
  readonly privateKey: KeyObject;
}

/** For streams with `isTest` only: nobody but this till vouches for the certificate. */
export function createSpanishTestKey(
  { name, nif }: SpanishTaxpayer,
  { nowMs, days = 365 }: { readonly nowMs: number; readonly days?: number },
): SpanishTestKey {
  const notAfterMs = Math.floor(nowMs / 1000) * 1000 + days * 86_400_000;
  const serial = bytes(randomBytes(16));
  const subject = { country: "ES", organization: name, serialNumber: `IDCES-${nif}`, name };
  const { der: whole, privateKey } = selfSignedRsa(subject, { serial, fromMs: nowMs, notAfterMs });
  const keyId = Buffer.from(serial).toString("hex");
  const certificate = Buffer.from(whole).toString("base64");
  return { key: { keyId, certificate, notAfterMs }, privateKey };
}

export interface RsaSubject {
  readonly country: string;
  readonly organization: string;
  readonly serialNumber: string;
  readonly name: string;
}

export interface RsaTerms {
  readonly serial: Uint8Array;
  readonly fromMs: number;
  readonly notAfterMs: number;
}

export function selfSignedRsa(
  subject: RsaSubject,
  { serial, fromMs, notAfterMs }: RsaTerms,
): { readonly der: Uint8Array; readonly privateKey: KeyObject } {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const algorithm = sequence(objectIdentifier("1.2.840.113549.1.1.11"), der(0x05));
  const name = sequence(
    part("2.5.4.6", der(0x13, utf8(subject.country))),
    part("2.5.4.10", der(0x0c, utf8(subject.organization))),
    part("2.5.4.5", der(0x13, utf8(subject.serialNumber))),
    part("2.5.4.3", der(0x0c, utf8(subject.name))),
  );
  const toSign = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    algorithm,
    name,
    sequence(utcTime(fromMs), utcTime(notAfterMs)),
    name,
    bytes(publicKey.export({ format: "der", type: "spki" })),
  );
  const signature = bitString(bytes(sign("sha256", toSign, privateKey)));
  return { der: sequence(toSign, algorithm, signature), privateKey };
}

function part(type: string, value: Uint8Array): Uint8Array {
  return set(sequence(objectIdentifier(type), value));
}

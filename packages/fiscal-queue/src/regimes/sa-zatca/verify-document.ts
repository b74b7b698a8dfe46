/**
 * Whether a document is what its stamp says: hash, signature, certificate, signed properties, QR code. SPEC.md §11 (RSA).
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { base64, fromBase64 } from "../../base64.ts";
import type { FiscalCrypto } from "../../ports.ts";
import { isStampKey, readCertificate, type StampCertificate } from "./certificate.ts";
import { equalDecimals } from "./decimal.ts";
import { readQr } from "./qr.ts";
import { readDocument, type DocumentFacts, type StampedDocument } from "./read-document.ts";
import { hexDigest, propertiesDigest } from "./stamp.ts";

export type DocumentFinding = { readonly code: string; readonly detail: string };

/** Of one document, whoever made it; the chain is the verifier's of the stream. */
export function verifyDocument(source: string, crypto: FiscalCrypto): VerifiedDocument {
  const read = readDocument(source);
  if (!read.ok) return { findings: [{ code: "format", detail: read.error.detail }] };
  const document = read.value;
  const certificate = readCertificate(document.stamp.certificate);
  if (!certificate.ok) {
    return { document, findings: [{ code: "certificate", detail: "not readable" }] };
  }
  return {
    document,
    findings: [
      ...hashFindings(document, crypto),
      ...signatureFindings(document, certificate.value, crypto),
      ...certificateFindings(document, certificate.value, crypto),
      ...qrFindings(document, certificate.value),
    ],
  };
}

export interface VerifiedDocument {
  /** Absent where the text could not be read. */
  readonly document?: StampedDocument;
  readonly findings: readonly DocumentFinding[];
}

/** Base64 of SHA-256 over the canonical text. */
export function hashOf(hashed: string, crypto: Pick<FiscalCrypto, "sha256">): string {
  return base64(crypto.sha256(utf8(hashed)));
}

function hashFindings(
  { hashed, stamp, propertiesText }: StampedDocument,
  crypto: FiscalCrypto,
): readonly DocumentFinding[] {
  const hash = hashOf(hashed, crypto);
  const isHash = hash === stamp.hash;
  const isDigest = propertiesDigest(propertiesText, crypto) === stamp.propertiesDigest;
  return [
    ...unless(isHash, "hash", `${hash} is not the digest in the document`),
    ...unless(isDigest, "properties", "the digest of the signed properties is another"),
  ];
}

// The signer hashes the hash once more.
function signatureFindings(
  { stamp }: StampedDocument,
  certificate: StampCertificate,
  crypto: FiscalCrypto,
): readonly DocumentFinding[] {
  const { publicKey } = certificate;
  const hash = fromBase64(stamp.hash);
  const signature = fromBase64(stamp.signature);
  const isSigned =
    hash?.length === 32 &&
    signature !== undefined &&
    isStampKey(certificate) &&
    crypto.verify("ecdsa-secp256k1-sha256-der", publicKey, hash, signature);
  return unless(isSigned, "signature", "the certificate's key did not sign this hash");
}

function certificateFindings(
  { stamp }: StampedDocument,
  certificate: StampCertificate,
  crypto: FiscalCrypto,
): readonly DocumentFinding[] {
  const { properties } = stamp;
  const isDigest = hexDigest(stamp.certificate, crypto) === properties.certificateDigest;
  const isNamed =
    certificate.issuer === properties.issuer && certificate.serial === properties.serial;
  return [
    ...unless(isDigest, "certificate", "the certificate's digest is another"),
    ...unless(isNamed, "certificate", "issuer or serial are another certificate's"),
  ];
}

function qrFindings(
  document: StampedDocument,
  certificate: StampCertificate,
): readonly DocumentFinding[] {
  const values = readQr(document.facts.qr);
  if (values.length === 0) return [{ code: "qr", detail: "not readable, or too long" }];
  const wrong = expectedQr(document, certificate)
    .filter(({ tag, isSame }) => !isSame(values[tag - 1] ?? new Uint8Array()))
    .map(({ tag }) => tag);
  return unless(wrong.length === 0, "qr", `says otherwise in tag ${wrong.join(", ")}`);
}

interface QrExpectation {
  readonly tag: number;
  readonly isSame: (value: Uint8Array) => boolean;
}

/** Tag 9 is of simplified documents only. */
function expectedQr(
  { facts, stamp }: StampedDocument,
  { publicKey, signature }: StampCertificate,
): readonly QrExpectation[] {
  const isSimplified = facts.transaction.startsWith("02");
  return [
    { tag: 1, isSame: (value) => decoded(value) === facts.sellerName },
    { tag: 2, isSame: (value) => decoded(value) === facts.vatNumber },
    { tag: 3, isSame: (value) => decoded(value) === issuedAt(facts) },
    { tag: 4, isSame: (value) => equalDecimals(decoded(value), facts.totalWithVat) },
    { tag: 5, isSame: (value) => equalDecimals(decoded(value), facts.vatTotal) },
    { tag: 6, isSame: (value) => decoded(value) === stamp.hash },
    { tag: 7, isSame: (value) => decoded(value) === stamp.signature },
    { tag: 8, isSame: (value) => sameBytes(value, publicKey) },
    { tag: 9, isSame: (value) => !isSimplified || sameBytes(value, signature) },
  ];
}

function decoded(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

function issuedAt({ issueDate, issueTime }: DocumentFacts): string {
  return `${issueDate}T${issueTime}`;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function unless(isSound: boolean, code: string, detail: string): readonly DocumentFinding[] {
  return isSound ? [] : [{ code, detail }];
}

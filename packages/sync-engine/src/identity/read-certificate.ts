/**
 * One certificate, read strictly: it is exactly one of our three kinds, in the
 * one encoding it has, or it is refused with the reason.
 *
 * Nothing here says who signed it; that is `verify-chain.ts`. Rules:
 * SPEC.md [CE1]-[CE3].
 *
 * @module
 */

import { err, ok, type Crypto, type Result } from "@tillmesh/kernel";
import { extensionsOf, isSameExtensions, keyIdentifier } from "./certificate-extensions.ts";
import { spkiToRaw } from "./keys.ts";
import { fromPem } from "./pem.ts";
import { partsToSubject, type NameParts, type Subject } from "./subject.ts";
import { AuthorityKeyIdentifierExtension, X509Certificate, type Name } from "./x509.ts";

export interface CertificateFacts {
  readonly subject: Subject;
  readonly subjectName: NameParts;
  readonly issuerName: NameParts;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Identifier of the key that is said to have signed this. */
  readonly authorityKeyId: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
}

export function readCertificate(
  pem: string,
  crypto: Crypto,
): Result<CertificateFacts, CertificateError> {
  const der = fromPem("CERTIFICATE", pem);
  if (der === undefined) return malformed("not one certificate in PEM");
  const signed = splitSigned(der);
  if (signed === undefined) return malformed("not a certificate signed with Ed25519, in DER");
  const certificate = parse(der);
  if (certificate === undefined) return malformed("not a certificate");
  const subjectName = nameToParts(certificate.subjectName);
  const subject = partsToSubject(subjectName);
  if (subject === undefined) return malformed("the subject is not O, L, CN, OU as issued here");
  const publicKey = spkiToRaw(new Uint8Array(certificate.publicKey.rawData));
  if (publicKey === undefined) return malformed("the key is not Ed25519");
  const authorityKeyId = authorityKeyIdOf(certificate);
  const keyIds = { subjectKeyId: keyIdentifier(publicKey, crypto), authorityKeyId };
  const isIdentified = /^[0-9a-f]{40}$/.test(authorityKeyId);
  if (
    !isIdentified ||
    !isSameExtensions(certificate.extensions, extensionsOf(subject.kind, keyIds))
  ) {
    return malformed(`the extensions are not those of its kind (${subject.kind})`);
  }
  return ok({
    subject,
    subjectName,
    issuerName: nameToParts(certificate.issuerName),
    publicKey,
    authorityKeyId,
    notBeforeMs: certificate.notBefore.getTime(),
    notAfterMs: certificate.notAfter.getTime(),
    der,
    ...signed,
  });
}

/** Not one of our certificates. */
export interface CertificateError {
  readonly type: "CertificateMalformed";
  readonly problem: string;
}

function malformed(problem: string): Result<never, CertificateError> {
  return err({ type: "CertificateMalformed", problem });
}

/** The library throws on much that is wrong, some of it only when a field is asked for. */
function parse(der: Uint8Array): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(Uint8Array.from(der));
    const isWhole =
      Number.isFinite(certificate.notBefore.getTime()) &&
      Number.isFinite(certificate.notAfter.getTime()) &&
      certificate.extensions.length <= extensionsMax &&
      certificate.publicKey.rawData.byteLength > 0 &&
      certificate.subjectName.toJSON().length <= nameMax &&
      certificate.issuerName.toJSON().length <= nameMax;
    return isWhole ? certificate : undefined;
  } catch {
    return undefined;
  }
}

const extensionsMax = 8;
const nameMax = 8;

/**
 * The signed bytes and the signature of `SEQUENCE { tbs, Ed25519, BIT STRING }`.
 * The bytes around the signed part are compared, not parsed: nobody can respell
 * a certificate, so its hash names it.
 */
function splitSigned(
  der: Uint8Array,
): { readonly tbs: Uint8Array; readonly signature: Uint8Array } | undefined {
  const tbsEnd = der.length - signatureHeader.length - 64;
  if (tbsEnd <= 4 || !isWholeSequence(der) || !isWholeSequence(der.subarray(4, tbsEnd))) {
    return undefined;
  }
  if (!signatureHeader.every((byte, index) => der[tbsEnd + index] === byte)) return undefined;
  return { tbs: der.slice(4, tbsEnd), signature: der.slice(-64) };
}

// AlgorithmIdentifier { 1.3.101.112 }, then BIT STRING of 64 bytes with no unused bits.
const signatureHeader = Uint8Array.from([
  0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x41, 0x00,
]);

/** One DER SEQUENCE of 256 to 65535 bytes of content (all ours have 300 to 600) or, inside, 128 and more. */
function isWholeSequence(bytes: Uint8Array): boolean {
  const [tag, form, high = 0, low = 0] = bytes;
  if (tag !== 0x30) return false;
  if (form === 0x82) return high !== 0 && high * 256 + low === bytes.length - 4;
  return form === 0x81 && high >= 128 && high === bytes.length - 3;
}

function nameToParts(name: Name): NameParts {
  return name.toJSON().flatMap((relative) => {
    const attributes = Object.entries(relative);
    // Two attributes in one step are never ours; a part that matches nothing keeps them out.
    const [first] = attributes;
    if (first === undefined || attributes.length > 1 || first[1].length !== 1) return [["", ""]];
    return [[first[0], first[1][0] ?? ""] as const];
  });
}

function authorityKeyIdOf(certificate: X509Certificate): string {
  return certificate.getExtension(AuthorityKeyIdentifierExtension)?.keyId?.toLowerCase() ?? "";
}

/**
 * Making one certificate of the three kinds: CA, enrolment, device.
 *
 * X.509 v3 with Ed25519 (RFC 5280, RFC 8410) by @peculiar/x509. Rules:
 * SPEC.md [CE1], [CE2].
 *
 * @module
 */

import { assert, hex, type Crypto } from "@tillmesh/kernel";
import { extensionsOf, keyIdentifier } from "./certificate-extensions.ts";
import { importPrivateKey, rawToSpki } from "./keys.ts";
import { toPem } from "./pem.ts";
import { subjectToParts, type Subject } from "./subject.ts";
import { Name, X509CertificateGenerator } from "./x509.ts";

export interface CertificateContent {
  readonly subject: Subject;
  /** Raw Ed25519 public key of the subject, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface Issuer {
  readonly subject: Subject;
  readonly publicKey: Uint8Array;
  readonly privateKeyPem: string;
}

/** The certificate as PEM. Whether the issuer may issue this is `verifyChain`'s question. */
export async function issueCertificate(
  content: CertificateContent,
  issuer: Issuer,
  crypto: Crypto,
): Promise<string> {
  const signingKey = await importPrivateKey(issuer.privateKeyPem);
  assert(signingKey !== undefined, "the issuer has a private key of ours");
  const keyIds = {
    subjectKeyId: keyIdentifier(content.publicKey, crypto),
    authorityKeyId: keyIdentifier(issuer.publicKey, crypto),
  };
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(crypto),
    subject: subjectToName(content.subject),
    issuer: subjectToName(issuer.subject),
    notBefore: toDate(content.notBeforeMs),
    notAfter: toDate(content.notAfterMs),
    publicKey: rawToSpki(content.publicKey),
    signingKey,
    extensions: [...extensionsOf(content.subject.kind, keyIds)],
  });
  return toPem("CERTIFICATE", new Uint8Array(certificate.rawData));
}

function subjectToName(subject: Subject): Name {
  return new Name(
    subjectToParts(subject).map(([attribute, value]) => ({ [attribute]: [{ utf8String: value }] })),
  );
}

/** 16 random bytes, positive and without a leading zero byte, as RFC 5280 asks. */
function newSerialNumber(crypto: Crypto): string {
  const bytes = Uint8Array.from(crypto.randomBytes(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return hex(bytes);
}

/** The library's form of an instant; nothing reads a clock. */
function toDate(atMs: number): Date {
  // oxlint-disable-next-line no-restricted-globals -- a given instant, not the clock
  return new Date(atMs);
}

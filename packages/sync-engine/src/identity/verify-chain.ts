/**
 * Who holds this key? A chain of one or two certificates under the
 * organisation's CA answers, or is refused with the reason.
 *
 *     [device certificate]                          issued by the CA
 *     [device certificate, enrolment certificate]   issued through an invitation
 *
 * Synchronous and pure, for it runs on every arrival of a device's first entry.
 * Expiry limits connections, never entries: for entries pass
 * `{ ignoreValidity: true }`. Rules: SPEC.md [CE3]-[CE12].
 *
 * @module
 */

import {
  err,
  hex,
  ok,
  type Crypto,
  type DeviceId,
  type LocationId,
  type OrganisationId,
  type Result,
} from "@tillmesh/kernel";
import { keyIdentifier } from "./certificate-extensions.ts";
import { readCertificate, type CertificateFacts } from "./read-certificate.ts";
import type { Role } from "./records.ts";
import { isSameName, type CaSubject, type DeviceSubject } from "./subject.ts";

export interface VerifiedDevice {
  readonly deviceId: DeviceId;
  readonly organisationId: OrganisationId;
  readonly locationId: LocationId;
  readonly roles: readonly Role[];
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Hex SHA-256 of the device certificate. */
  readonly fingerprint: string;
  /** Of the device certificate, which ends no later than those above it. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface Trust {
  /** The organisation's CA certificate, PEM, from the own identity and never from a peer. */
  readonly caCertificate: string;
  readonly crypto: Crypto;
}

export type Validity = { readonly atMs: number } | { readonly ignoreValidity: true };

export function verifyChain(
  chain: readonly string[],
  trust: Trust,
  validity: Validity,
): Result<VerifiedDevice, ChainError> {
  if (chain.length < 1 || chain.length > 2) {
    return err({ type: "ChainLength", length: chain.length });
  }
  const certificates = readAll([...chain, trust.caCertificate], trust.crypto);
  if (!certificates.ok) return certificates;
  for (const check of [kindFault, signatureFault, issuanceFault]) {
    const fault = check(certificates.value, trust.crypto);
    if (fault !== undefined) return err(fault);
  }
  const expired = "atMs" in validity ? validityFault(certificates.value, validity.atMs) : undefined;
  return expired === undefined
    ? ok(toVerifiedDevice(certificates.value, trust.crypto))
    : err(expired);
}

/** `position` counts from the device certificate, which is 0; the CA comes last. */
export type ChainError =
  | { readonly type: "ChainLength"; readonly length: number }
  | { readonly type: "CertificateMalformed"; readonly position: number; readonly problem: string }
  | { readonly type: "CertificateKind"; readonly position: number; readonly kind: string }
  | { readonly type: "CertificateIssuer"; readonly position: number }
  | { readonly type: "CertificateSignature"; readonly position: number }
  | { readonly type: "OtherOrganisation"; readonly expected: string; readonly found: string }
  | { readonly type: "OtherDevice"; readonly expected: string; readonly found: string }
  | { readonly type: "OtherLocation"; readonly expected: string; readonly found: string }
  | { readonly type: "RoleNotGranted"; readonly role: Role }
  | { readonly type: "OutlivesIssuer"; readonly position: number }
  | {
      readonly type: "CertificateExpired" | "CertificateNotYetValid";
      readonly position: number;
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
      readonly atMs: number;
    };

/**
 * Two devices claim one id: an invitation was used twice, or copied. Whoever sees
 * both raises it; neither chain says which of the two is meant.
 */
export function sameDeviceOtherKey(a: VerifiedDevice, b: VerifiedDevice): boolean {
  return (
    a.organisationId === b.organisationId &&
    a.deviceId === b.deviceId &&
    hex(a.publicKey) !== hex(b.publicKey)
  );
}

/** True if this is a CA certificate that its own key signed. */
export function isSelfSignedCa(facts: CertificateFacts, crypto: Crypto): boolean {
  return facts.subject.kind === "ca" && isIssuedBy(facts, facts, crypto) === undefined;
}

function readAll(
  pems: readonly string[],
  crypto: Crypto,
): Result<readonly CertificateFacts[], ChainError> {
  const certificates: CertificateFacts[] = [];
  for (const [position, pem] of pems.entries()) {
    const read = readCertificate(pem, crypto);
    if (!read.ok) return err({ ...read.error, position });
    certificates.push(read.value);
  }
  return ok(certificates);
}

/** A device first, an enrolment between, the CA last: no device ever stands where an issuer does. */
function kindFault(certificates: readonly CertificateFacts[]): ChainError | undefined {
  const expected = certificates.length === 2 ? ["device", "ca"] : ["device", "enrolment", "ca"];
  for (const [position, { subject }] of certificates.entries()) {
    if (subject.kind !== expected[position]) {
      return { type: "CertificateKind", position, kind: subject.kind };
    }
  }
  return undefined;
}

/** Every certificate is signed by the next one, and the CA's by itself. */
function signatureFault(
  certificates: readonly CertificateFacts[],
  crypto: Crypto,
): ChainError | undefined {
  for (const [position, certificate] of certificates.entries()) {
    const issuer = certificates[position + 1] ?? certificate;
    const type = isIssuedBy(certificate, issuer, crypto);
    if (type !== undefined) return { type, position };
  }
  return undefined;
}

function isIssuedBy(
  certificate: CertificateFacts,
  issuer: CertificateFacts,
  crypto: Crypto,
): "CertificateIssuer" | "CertificateSignature" | undefined {
  const isNamed =
    isSameName(certificate.issuerName, issuer.subjectName) &&
    certificate.authorityKeyId === keyIdentifier(issuer.publicKey, crypto);
  if (!isNamed) return "CertificateIssuer";
  return crypto.verify(issuer.publicKey, certificate.tbs, certificate.signature)
    ? undefined
    : "CertificateSignature";
}

/** What an issuer may grant: its own organisation; an enrolment, its one device besides. */
function issuanceFault(certificates: readonly CertificateFacts[]): ChainError | undefined {
  const ca = certificates.at(-1)?.subject as CaSubject;
  const [device, ...issuers] = certificates.slice(0, -1);
  const leaf = device?.subject as DeviceSubject;
  if (leaf.organisationId !== ca.organisationId) {
    return { type: "OtherOrganisation", expected: ca.organisationId, found: leaf.organisationId };
  }
  const [enrolment] = issuers;
  if (device === undefined || enrolment === undefined) return undefined;
  return (
    enrolmentFault(leaf, enrolment.subject as DeviceSubject, ca) ??
    (outlives(device, enrolment) ? { type: "OutlivesIssuer", position: 0 } : undefined)
  );
}

function enrolmentFault(
  leaf: DeviceSubject,
  enrolment: DeviceSubject,
  ca: CaSubject,
): ChainError | undefined {
  if (enrolment.organisationId !== ca.organisationId) {
    const found = enrolment.organisationId;
    return { type: "OtherOrganisation", expected: ca.organisationId, found };
  }
  if (leaf.deviceId !== enrolment.deviceId) {
    return { type: "OtherDevice", expected: enrolment.deviceId, found: leaf.deviceId };
  }
  if (leaf.locationId !== enrolment.locationId) {
    return { type: "OtherLocation", expected: enrolment.locationId, found: leaf.locationId };
  }
  const role = leaf.roles.find((each) => !enrolment.roles.includes(each));
  return role === undefined ? undefined : { type: "RoleNotGranted", role };
}

function outlives(certificate: CertificateFacts, issuer: CertificateFacts): boolean {
  return certificate.notBeforeMs < issuer.notBeforeMs || certificate.notAfterMs > issuer.notAfterMs;
}

function validityFault(
  certificates: readonly CertificateFacts[],
  atMs: number,
): ChainError | undefined {
  for (const [position, { notBeforeMs, notAfterMs }] of certificates.entries()) {
    const facts = { position, notBeforeMs, notAfterMs, atMs };
    if (atMs < notBeforeMs) return { type: "CertificateNotYetValid", ...facts };
    if (atMs > notAfterMs) return { type: "CertificateExpired", ...facts };
  }
  return undefined;
}

function toVerifiedDevice(
  certificates: readonly CertificateFacts[],
  crypto: Crypto,
): VerifiedDevice {
  const [device] = certificates as readonly [CertificateFacts];
  const { deviceId, organisationId, locationId, roles } = device.subject as DeviceSubject;
  const { publicKey, notBeforeMs, notAfterMs } = device;
  const fingerprint = hex(crypto.sha256(device.der));
  const names = { deviceId, organisationId, locationId, roles };
  return { ...names, publicKey, fingerprint, notBeforeMs, notAfterMs };
}

/**
 * The organisation's certificate authority: who may speak for the organisation.
 *
 * Its private key lives at HQ and in the recovery kit, nowhere else. Rules:
 * SPEC.md [CE1], [CE2].
 *
 * @module
 */

import { assert, type Crypto, type DeviceId, type OrganisationId } from "@tillmesh/kernel";
import { issueCertificate, type Issuer } from "./issue-certificate.ts";
import { newPrivateKeyPem, publicKeyOf } from "./keys.ts";
import type { DeviceRecord, Role } from "./records.ts";
import type { DeviceSubject } from "./subject.ts";

export interface CertificateAuthority {
  readonly organisationId: OrganisationId;
  /** PEM, self-signed. */
  readonly certificate: string;
  /** PKCS #8 PEM. Secret. */
  readonly privateKeyPem: string;
}

/** What issuing needs from outside. */
export interface IssueContext {
  readonly crypto: Crypto;
  readonly nowMs: number;
}

export async function createCa(
  organisationId: OrganisationId,
  { crypto, nowMs }: IssueContext,
): Promise<CertificateAuthority> {
  const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
  const issuer = await caIssuer(organisationId, privateKeyPem);
  const validity = validityFrom(nowMs, caValidDays);
  const certificate = await issueCertificate({ ...issuer, ...validity }, issuer, crypto);
  return { organisationId, certificate, privateKeyPem };
}

/**
 * A certificate for the device's public key, signed by the CA itself: the first
 * device's, and any device's when HQ renews it.
 */
export async function issueDeviceCertificate(
  ca: CertificateAuthority,
  request: DeviceCertificateRequest,
  { crypto, nowMs }: IssueContext,
): Promise<string> {
  const subject = deviceSubject(ca.organisationId, request.device);
  const validity = validityFrom(nowMs, request.validDays ?? deviceValidDays);
  const issuer = await caIssuer(ca.organisationId, ca.privateKeyPem);
  return issueCertificate({ subject, publicKey: request.publicKey, ...validity }, issuer, crypto);
}

export interface DeviceCertificateRequest {
  readonly device: CertifiedDevice;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly validDays?: number;
}

/** What of a device record goes into certificates. */
export interface CertifiedDevice {
  readonly id: DeviceId;
  readonly roles: readonly Role[];
  readonly location: Pick<DeviceRecord["location"], "id">;
}

/** The right to make the certificate of one device, once, within `validDays`. */
export async function issueEnrolment(
  ca: CertificateAuthority,
  request: { readonly device: CertifiedDevice; readonly validDays?: number },
  { crypto, nowMs }: IssueContext,
): Promise<Enrolment> {
  const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
  const publicKey = await publicKeyOf(privateKeyPem);
  assert(publicKey !== undefined, "a new key is readable");
  const subject = {
    ...deviceSubject(ca.organisationId, request.device),
    kind: "enrolment",
  } as const;
  const validity = validityFrom(nowMs, request.validDays ?? enrolmentValidDays);
  const issuer = await caIssuer(ca.organisationId, ca.privateKeyPem);
  const certificate = await issueCertificate({ subject, publicKey, ...validity }, issuer, crypto);
  return { certificate, privateKeyPem };
}

export interface Enrolment {
  readonly certificate: string;
  readonly privateKeyPem: string;
}

export const enrolmentValidDays = 30;
export const deviceValidDays = 730;
const caValidDays = 36_525;

/** How far apart two clocks may be before a fresh certificate is refused as not yet valid. */
export const clockToleranceMs = 86_400_000;

export function deviceSubject(
  organisationId: OrganisationId,
  device: CertifiedDevice,
): DeviceSubject {
  const { id: deviceId, roles, location } = device;
  return { kind: "device", organisationId, locationId: location.id, deviceId, roles };
}

async function caIssuer(organisationId: OrganisationId, privateKeyPem: string): Promise<Issuer> {
  const publicKey = await publicKeyOf(privateKeyPem);
  assert(publicKey !== undefined, "the CA has a private key of ours");
  return { subject: { kind: "ca", organisationId }, publicKey, privateKeyPem };
}

function validityFrom(
  nowMs: number,
  days: number,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  assert(Number.isSafeInteger(days) && days > 0, "a validity is a whole number of days");
  return { notBeforeMs: nowMs - clockToleranceMs, notAfterMs: nowMs + days * 86_400_000 };
}

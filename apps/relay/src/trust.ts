/**
 * Who may connect: devices whose chain ends at one of the CAs that the operator named. SPEC.md (SV).
 *
 * @module
 */

import { err, ok, type Crypto, type Result } from "@tillmesh/kernel";
import {
  isSelfSignedCa,
  readCertificate,
  toPem,
  verifyChain,
  type CertificateError,
  type ChainError,
  type Validity,
  type VerifiedDevice,
} from "@tillmesh/sync-engine/identity";

/** By organisation. */
export type TrustedCas = ReadonlyMap<string, readonly string[]>;

/** The organisations of these CA certificates (PEM); one may have several, as when it renews its CA. */
export function readTrust(
  certificates: readonly string[],
  crypto: Crypto,
): Result<TrustedCas, TrustError> {
  const trusted = new Map<string, string[]>();
  for (const [position, certificate] of certificates.entries()) {
    const facts = readCertificate(certificate, crypto);
    if (!facts.ok) return err({ ...facts.error, position });
    const { subject } = facts.value;
    if (subject.kind !== "ca" || !isSelfSignedCa(facts.value, crypto)) {
      return err({ type: "NoCa", position });
    }
    const { organisationId } = subject;
    trusted.set(organisationId, [...(trusted.get(organisationId) ?? []), certificate]);
  }
  return ok(trusted);
}

export type TrustError =
  | (CertificateError & { readonly position: number })
  | { readonly type: "NoCa"; readonly position: number };

/** The device that holds this chain (DER, its own certificate first), if a trusted CA of `organisation` says so. */
export function judgeChain(
  { organisation, certificates }: Claim,
  { trusted, crypto }: { readonly trusted: TrustedCas; readonly crypto: Crypto },
  validity: Validity,
): Result<VerifiedDevice, ChainError | UnknownOrganisation> {
  const chain = certificates.map((der) => toPem("CERTIFICATE", der));
  let fault: ChainError | UnknownOrganisation = { type: "UnknownOrganisation" };
  for (const caCertificate of trusted.get(organisation) ?? []) {
    const verified = verifyChain(chain, { caCertificate, crypto }, validity);
    if (verified.ok) return verified;
    fault = verified.error;
  }
  return { ok: false, error: fault };
}

export interface Claim {
  readonly organisation: string;
  readonly certificates: readonly Uint8Array[];
}

export interface UnknownOrganisation {
  readonly type: "UnknownOrganisation";
}

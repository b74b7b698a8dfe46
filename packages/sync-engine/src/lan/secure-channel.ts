/**
 * TLS between devices: both ends show a device certificate and prove its key. SPEC.md §7 (TL).
 *
 * OpenSSL proves the key and the way to the organisation's CA. What X.509 does not know (one
 * device per enrolment, roles, the one spelling) `verify-chain.ts` judges from the chain in `hello`,
 * whose first certificate is the one seen here. Names of hosts mean nothing: a device is its certificate.
 *
 * @module
 */

import { constants } from "node:crypto";
import type { SecureContextOptions, TlsOptions, TLSSocket } from "node:tls";
import { err, ok, type Crypto, type Result } from "@tillmesh/kernel";
import type { ClientOptions } from "ws";
import type { Identity } from "../identity/identity.ts";
import { toPem } from "../identity/pem.ts";
import { readCertificate } from "../identity/read-certificate.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import {
  verifyChain,
  type ChainError,
  type Trust as ChainTrust,
} from "../identity/verify-chain.ts";

export type TlsIdentity = Pick<Identity, "chain" | "privateKeyPem" | "caCertificate">;

/** For the end that listens. Nothing is refused inside OpenSSL, so that the other end can be told why. */
export function serverTlsOf(identity: TlsIdentity): TlsOptions {
  // A ticket would resume a session without its certificates: each link shows them anew.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return { ...tlsOf(identity), secureOptions, requestCert: true, rejectUnauthorized: false };
}

/** For the end that dials: no name is looked for in a certificate but the device's. */
export function clientTlsOf(identity: TlsIdentity): ClientOptions {
  // node:tls takes whatever is answered for a fault; the types of ws ask for a boolean.
  const noFault = undefined as unknown as boolean;
  return { ...tlsOf(identity), rejectUnauthorized: false, checkServerIdentity: () => noFault };
}

function tlsOf({ chain, privateKeyPem, caCertificate }: TlsIdentity): SecureContextOptions {
  return {
    key: privateKeyPem,
    cert: chain.join(""),
    ca: caCertificate,
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
  };
}

/** The certificate whose key the other end has proved, as PEM; or why it counts for nothing. */
export function provedCertificate(socket: TLSSocket): Result<string, RefusedChannel> {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return refused("no certificate");
  // A session that was resumed shows what was so when it began.
  if (socket.isSessionReused()) return refused("resumed session");
  if (!socket.authorized) return refused(reasonOf(socket.authorizationError));
  return ok(toPem("CERTIFICATE", new Uint8Array(certificate.raw)));
}

/** What is told to both ends. */
export interface RefusedChannel {
  readonly type: "RefusedChannel";
  readonly reason: string;
}

export interface Claim {
  /** The chain in the peer's hello, PEM. */
  readonly certificates: readonly string[];
  /** What its end of the channel has proved. */
  readonly proved: string;
}

export interface JudgeOptions {
  readonly caCertificate: string;
  readonly crypto: Crypto;
  readonly nowMs: () => number;
}

/** The device at the other end, and until when it may stay. */
export interface Judged {
  readonly device: TrustedDevice;
  readonly untilMs: number;
}

export type Judge = (claim: Claim) => Result<Judged, RefusedChannel>;

/**
 * Judges by the organisation's own rules, each chain once: reading certificates costs milliseconds, and peers come
 * back with the same ones. Their validity is looked at each time.
 */
export function createJudge({ caCertificate, crypto, nowMs }: JudgeOptions): Judge {
  const known = new Map<string, JudgedChain>();
  return ({ certificates, proved }) => {
    if (certificates[0] !== proved) return refused("certificate of another device");
    const text = certificates.join("");
    const chain = known.get(text) ?? readChain(certificates, { caCertificate, crypto });
    if ("type" in chain) return refused(`untrusted: ${chain.type}`);
    if (known.size >= knownMax) known.clear();
    known.set(text, chain);
    if (nowMs() < chain.fromMs) return refused(notYetValid);
    return nowMs() > chain.untilMs ? refused(expired) : ok(chain);
  };
}

interface JudgedChain extends Judged {
  readonly fromMs: number;
}

/** More than an organisation has devices at one place. */
const knownMax = 256;

function readChain(certificates: readonly string[], trust: ChainTrust): JudgedChain | ChainError {
  const verified = verifyChain(certificates, trust, { ignoreValidity: true });
  if (!verified.ok) return verified.error;
  const { deviceId, locationId, roles, publicKey } = verified.value;
  const read = [...certificates, trust.caCertificate].flatMap((one) => {
    const facts = readCertificate(one, trust.crypto);
    return facts.ok ? [facts.value] : [];
  });
  return {
    device: { id: deviceId, location: locationId, roles, publicKey, certificates },
    fromMs: Math.max(...read.map(({ notBeforeMs }) => notBeforeMs)),
    untilMs: Math.min(...read.map(({ notAfterMs }) => notAfterMs)),
  };
}

function refused(reason: string): Result<never, RefusedChannel> {
  return err({ type: "RefusedChannel", reason });
}

/** The reason that both ends are told. */
export const expired = "certificate expired";
const notYetValid = "certificate not yet valid";

/** Node gives the code as a text where its types say Error. */
function reasonOf(error: unknown): string {
  const code = typeof error === "string" ? error : (error as { code?: string } | null)?.code;
  if (code === "CERT_HAS_EXPIRED") return expired;
  if (code === "CERT_NOT_YET_VALID") return notYetValid;
  return "certificate not of this organisation";
}

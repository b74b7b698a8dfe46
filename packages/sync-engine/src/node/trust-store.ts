/**
 * Devices this replica believes: those whose certificates lead to the organisation's CA. SPEC.md §1 (TC).
 *
 * @module
 */

import { err, ok, type Crypto, type Result } from "@tillmesh/kernel";
import { readCertificate } from "../identity/read-certificate.ts";
import { sameDeviceOtherKey, verifyChain, type VerifiedDevice } from "../identity/verify-chain.ts";
import type { Trust, TrustedDevice, TrustError } from "../replica/ports.ts";
import type { Revocations } from "../replica/revocation.ts";

/** Trust in memory; it is filled again from the ledgers and publications at every start. */
export function createTrust(caCertificate: string, crypto: Crypto): Trust {
  const known = new Map<string, Known>();
  let revocations: Revocations = new Map();
  // The same few chains come again and again, and reading one takes milliseconds.
  const chains = new Map<string, Omit<Known, "isPublished">>();
  const verify = (
    certificates: readonly string[],
  ): Result<Omit<Known, "isPublished">, TrustError> => {
    const text = certificates.join("\0");
    const read = chains.get(text);
    if (read) return ok(read);
    // Expiry limits connections, never what a device has recorded.
    const verified = verifyChain(certificates, { caCertificate, crypto }, { ignoreValidity: true });
    if (!verified.ok) return err({ type: "Untrusted", reason: verified.error.type });
    const { deviceId, locationId, roles, publicKey } = verified.value;
    const device = { id: deviceId, location: locationId, roles, publicKey, certificates };
    const now = { device, verified: verified.value };
    if (chains.size >= chainsMax) chains.clear();
    chains.set(text, now);
    return ok(now);
  };
  return {
    deviceOf: (id) => known.get(id)?.device,
    devices: () => [...known.values()].map(({ device }) => device),
    learn: (certificates, { isPublished } = { isPublished: false }) => {
      const read = verify(certificates);
      if (!read.ok) return read;
      const now = { ...read.value, isPublished };
      const { id } = now.device;
      const before = known.get(id);
      if (before && sameDeviceOtherKey(before.verified, now.verified)) {
        return err({ type: "Untrusted", reason: "SecondKey", device: id });
      }
      if (!before || decides(now, before)) known.set(id, now);
      return ok(known.get(id)!.device);
    },
    read: (certificates) => {
      const read = verify(certificates);
      return read.ok ? ok(read.value.device) : read;
    },
    isSignedByCa: (data, signature) => {
      const ca = readCertificate(caCertificate, crypto);
      return ca.ok && crypto.verify(ca.value.publicKey, data, signature);
    },
    revocationOf: (id) => revocations.get(id),
    setRevocations: (all) => {
      revocations = all;
    },
  };
}

const chainsMax = 1_000;

interface Known {
  readonly device: TrustedDevice;
  readonly verified: VerifiedDevice;
  readonly isPublished: boolean;
}

/**
 * What HQ published comes in the order in which it decides. Otherwise the newest that the CA itself issued: a device
 * cannot go back to an older certificate.
 */
function decides(now: Known, before: Known): boolean {
  if (now.isPublished && before.isPublished) return true;
  const [isDirect, wasDirect] = [now, before].map(({ device }) => device.certificates.length === 1);
  if (isDirect !== wasDirect) return isDirect === true;
  const laterMs = now.verified.notBeforeMs - before.verified.notBeforeMs;
  return now.isPublished ? laterMs >= 0 : laterMs > 0;
}

/**
 * The devices of the organisation as a person sees them. SPEC.md §10 (AP).
 *
 * @module
 */

import { crockfordBase32 } from "@tillmesh/kernel";
import { readCertificate } from "../identity/read-certificate.ts";
import { renewBeforeMs } from "../identity/renewal.ts";
import { certificateItems } from "../replica/judge.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import type { RegisteredDevice } from "../identity/device-register.ts";
import { readRegister } from "./device-register.ts";
import type { ReplicaParts } from "./run-replica.ts";

export interface DeviceListing {
  readonly id: string;
  /** As HQ calls it; unknown of devices that HQ said nothing of yet. */
  readonly name?: string;
  readonly roles: readonly ("till" | "hq")[];
  readonly location: string;
  /**
   * `pending`: it asked to join and nobody has approved it. `expiring`: in less than ten days its connections end.
   * `expired`: they have ended; it goes on selling.
   */
  readonly state: "active" | "pending" | "expiring" | "expired" | "revoked";
  /** Of its key, to be compared on both screens before approving: `9X0Q4-7K2MA`. */
  readonly check: string;
  /** When its certificate ends. */
  readonly notAfterMs: number;
  /** Why it was revoked, if somebody said. */
  readonly reason?: string;
}

/** Every device whose certificates are here, this one included. */
export function listDevices(parts: ReplicaParts): readonly DeviceListing[] {
  const { trust } = parts.state.ports;
  const names = new Map(
    certificateItems(parts.state).map(({ device, item }) => [device, item.name]),
  );
  const register = parts.identity.caPrivateKeyPem ? readRegister(parts.place) : new Map();
  return trust.devices().map((device) => {
    const registered = register.get(device.id);
    const own = device.id === parts.identity.device.id ? parts.identity.device.name : undefined;
    const name = names.get(device.id) ?? registered?.device.name ?? own;
    return listingOf(parts, device, { registered, name });
  });
}

/** Whether nobody has let in a device that needs it. Known to the holder of the CA only. */
export function isPending(
  device: TrustedDevice,
  registered: RegisteredDevice | undefined,
): boolean {
  return device.certificates.length > 1 && registered?.needsApproval !== false;
}

export function notAfterOf(device: TrustedDevice, { state }: ReplicaParts): number {
  const ends = device.certificates.map((pem) => {
    const read = readCertificate(pem, state.ports.crypto);
    return read.ok ? read.value.notAfterMs : 0;
  });
  return Math.min(...ends);
}

interface Known {
  readonly registered: RegisteredDevice | undefined;
  readonly name: string | undefined;
}

function listingOf(
  parts: ReplicaParts,
  device: TrustedDevice,
  { registered, name }: Known,
): DeviceListing {
  const { crypto, trust } = parts.state.ports;
  const revocation = trust.revocationOf(device.id);
  const notAfterMs = notAfterOf(device, parts);
  const digits = crockfordBase32(crypto.sha256(device.publicKey)).toUpperCase().slice(0, 10);
  const base = {
    id: device.id,
    ...(name !== undefined && { name }),
    roles: device.roles,
    location: device.location,
    check: `${digits.slice(0, 5)}-${digits.slice(5)}`,
    notAfterMs,
  };
  if (revocation) {
    const { reason } = revocation;
    return { ...base, state: "revoked", ...(reason !== undefined && { reason }) };
  }
  const holdsCa = parts.identity.caPrivateKeyPem !== undefined;
  if (holdsCa && isPending(device, registered)) return { ...base, state: "pending" };
  const leftMs = notAfterMs - parts.clock.nowMs();
  if (leftMs < 0) return { ...base, state: "expired" };
  return { ...base, state: leftMs < renewBeforeMs ? "expiring" : "active" };
}

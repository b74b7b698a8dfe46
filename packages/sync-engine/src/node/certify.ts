/**
 * The holder of the CA lets devices in and renews them. SPEC.md §10 (AP, NW).
 *
 * What it issues is published on topic `certificates`, so that it goes the way of all publications, over the LAN too.
 *
 * @module
 */

import { err, hlcMs, ok, type Result } from "@tillmesh/kernel";
import { issueDeviceCertificate } from "../identity/certificate-authority.ts";
import { caOf } from "../identity/identity.ts";
import { isRenewalDue } from "../identity/renewal.ts";
import { certificateItems, certificatesTopic } from "../replica/judge.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import { publishItems, type PublishError } from "../replica/publish.ts";
import { isPending, notAfterOf } from "./device-list.ts";
import { readRegister } from "./device-register.ts";
import type { ReplicaParts } from "./run-replica.ts";

/** A chain of one for the key that the device has, published. */
export async function certifyDevice(
  parts: ReplicaParts,
  { id }: { readonly id: string },
): Promise<Result<readonly string[], CertifyError>> {
  const { state, identity } = parts;
  const ca = caOf(identity);
  if (!ca) return err({ type: "NoCa", device: identity.device.id });
  const device = state.ports.trust.deviceOf(id);
  if (!device) return err({ type: "UnknownDevice", device: id });
  if (state.revocations.has(id)) return err({ type: "Revoked", device: id });
  const { roles, location, publicKey } = device;
  const certified = { id: device.id, roles, location: { id: location } };
  const context = { crypto: state.ports.crypto, nowMs: parts.clock.nowMs() };
  const certificate = await issueDeviceCertificate(ca, { device: certified, publicKey }, context);
  // Issuing took a moment, in which the device may have been cut off.
  if (state.revocations.has(id)) return err({ type: "Revoked", device: id });
  const published = publishChain(parts, id, [certificate]);
  return published.ok ? ok([certificate]) : published;
}

/** `NoCa`: the CA's key is on another device. */
export type CertifyError =
  | PublishError
  | { readonly type: "NoCa" | "UnknownDevice" | "Revoked"; readonly device: string };

/** Devices that HQ renews of its own accord: they are let in, at work, and near their end or at their beginning. */
export function devicesToRenew(parts: ReplicaParts): readonly TrustedDevice[] {
  const { state } = parts;
  const nowMs = parts.clock.nowMs();
  const register = readRegister(parts.place);
  return state.ports.trust.devices().filter((device) => {
    if (state.revocations.has(device.id) || isPending(device, register.get(device.id)))
      return false;
    const notAfterMs = notAfterOf(device, parts);
    return isRenewalDue(device.certificates, { notAfterMs, nowMs }) && isAtWork(parts, device.id);
  });
}

/** This device's own certificate, so that others know who publishes before they meet it. */
export function publishOwnChain(parts: ReplicaParts): void {
  const { state, identity } = parts;
  const { id } = identity.device;
  const isPublished = certificateItems(state).some(({ device }) => device === id);
  if (!isPublished && identity.chain.length === 1) publishChain(parts, id, identity.chain);
}

function publishChain(
  parts: ReplicaParts,
  device: string,
  chain: readonly string[],
): Result<unknown, PublishError> {
  const register = readRegister(parts.place);
  const { identity } = parts;
  const own = device === identity.device.id ? identity.device.name : undefined;
  const before = certificateItems(parts.state).findLast((one) => one.device === device);
  const name = register.get(device)?.device.name ?? before?.item.name ?? own;
  const value = { v: 1, chain, ...(name !== undefined && { name }) };
  return publishItems(parts.state, certificatesTopic, [{ key: device, value }]);
}

/** A device that is gone for good is left to expire. */
function isAtWork({ state, clock }: ReplicaParts, device: string): boolean {
  const sinceMs = clock.nowMs() - atWorkMs;
  return [...state.ledgers.values()].some(
    (ledger) =>
      ledger.device === device && ledger.lastAt !== undefined && hlcMs(ledger.lastAt) >= sinceMs,
  );
}

const atWorkMs = 90 * 86_400_000;

/**
 * Channels: one audience each, and who may read and write them. PROTOCOL.md §4 (WC).
 *
 * A relay sees ids only; for the channels that a certificate entitles to it computes the ids itself.
 *
 * @module
 */

import { utf8, type Crypto, type LocationId, type OrganisationId } from "@tillmesh/kernel";

/**
 * `org`: publications, for all devices. `location/<id>`: ledgers of that location, for its devices and HQ.
 * `hq`: from devices to HQ. `control`: key epochs, certificates, revocations, from HQ to all; not encrypted, since
 * who begins has no key yet: what is secret in it is sealed to one device each.
 */
export type ChannelName = "org" | "control" | "hq" | `location/${LocationId}`;

/** 16 bytes that tell nothing but equality. */
export type ChannelId = Uint8Array;

export function channelId(
  organisation: OrganisationId | string,
  name: ChannelName,
  crypto: Pick<Crypto, "sha256">,
): ChannelId {
  return crypto.sha256(utf8(`tillmesh/channel/1\n${organisation}\n${name}`)).subarray(0, 16);
}

/** What of a certificate decides. */
export interface Entitled {
  readonly organisation: string;
  readonly location: LocationId | string;
  readonly roles: readonly ("till" | "hq")[];
}

export type Access = "read" | "write";

/** Whether the device may. HQ may all of its organisation: an id that is none of the names is a location's. */
export function mayAccess(
  access: Access,
  id: ChannelId,
  { device, crypto }: { readonly device: Entitled; readonly crypto: Pick<Crypto, "sha256"> },
): boolean {
  if (device.roles.includes("hq")) return true;
  const names: readonly ChannelName[] =
    access === "read"
      ? ["org", "control", `location/${device.location as LocationId}`]
      : ["hq", `location/${device.location as LocationId}`];
  return names.some((name) => isSameId(channelId(device.organisation, name, crypto), id));
}

function isSameId(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

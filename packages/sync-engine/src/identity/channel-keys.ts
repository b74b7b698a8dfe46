/**
 * The keys of channels: one per channel and epoch, all from one secret of the organisation.
 *
 *     key(channel, epoch) = HKDF-SHA256(master, "tillmesh/channel-key/1\n<organisation>\n<channel>\n<epoch>")
 *
 * The master is with the CA key and nowhere else. A device is given the keys of the channels that are its own,
 * sealed to it. Rules: SPEC.md [KY1]-[KY4].
 *
 * @module
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assert, utf8, type LocationId, type Random } from "@tillmesh/kernel";
import type { ChannelName } from "../relay-protocol/channel.ts";
import { decodeBase64, encodeBase64 } from "./pem.ts";
import type { Role } from "./records.ts";

/** 32 secret bytes as base64, so that they can stand in a file and in a kit. */
export type ChannelMaster = string;

export function newChannelMaster(random: Random): ChannelMaster {
  return encodeBase64(random(masterSizeBytes));
}

export function isChannelMaster(text: string): text is ChannelMaster {
  return decodeBase64(text)?.length === masterSizeBytes;
}

export interface KeyPlace {
  readonly organisation: string;
  readonly channel: ChannelName;
  /** From 1. */
  readonly epoch: number;
}

/** 32 bytes. `control` has no key: nothing in it is encrypted. */
export function deriveChannelKey(
  master: ChannelMaster,
  { organisation, channel, epoch }: KeyPlace,
): Uint8Array {
  const secret = decodeBase64(master);
  assert(secret?.length === masterSizeBytes, "a master is 32 bytes");
  assert(Number.isSafeInteger(epoch) && epoch >= 1, "epochs are counted from 1");
  const info = utf8(`tillmesh/channel-key/1\n${organisation}\n${channel}\n${epoch}`);
  return hkdf(sha256, secret, undefined, info, 32);
}

/** The channels whose keys a device is given. HQ reads the channels of all locations. */
export function channelsOf(
  device: { readonly location: LocationId | string; readonly roles: readonly Role[] },
  locations: Iterable<LocationId | string>,
): readonly ChannelName[] {
  const own = device.roles.includes("hq") ? [...locations, device.location] : [device.location];
  const names = [...new Set(own)].toSorted();
  return ["hq", "org", ...names.map((id) => `location/${id as LocationId}` as const)];
}

const masterSizeBytes = 32;

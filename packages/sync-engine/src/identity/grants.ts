/**
 * Grants: channel keys on their way to one device, sealed to it. SPEC.md [GR1]-[GR4].
 *
 * The CA signs each: a device with role `hq` must not plant keys of its own for an epoch to come. What a grant covers
 * stands beside the box, as a hash: a device that has as much need not open it.
 *
 * @module
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  base64url,
  canonicalJson,
  err,
  fromBase64url,
  hex,
  ok,
  parseJson,
  utf8,
  type Crypto,
  type Json,
  type OrganisationId,
  type Result,
} from "@tillmesh/kernel";
import type { ChannelName } from "../relay-protocol/channel.ts";
import { concat } from "./byte-reader.ts";
import type { ChannelMaster } from "./channel-keys.ts";
import { cursorOf } from "./faults.ts";
import { readGivenKeys, type GivenKeys } from "./key-ring.ts";
import { openSealedTo, sealTo, type BoxError } from "./sealed-to.ts";

/** What may be read by anybody: opaque ids, and a box. */
export type Grant = {
  readonly device: string;
  /** Of the channels and epochs in the box: 16 hex characters. */
  readonly covers: string;
  /** base64url of the CA's signature, 64 bytes, and the box. */
  readonly box: string;
};

export interface GrantRequest {
  readonly organisation: OrganisationId | string;
  readonly device: { readonly id: string; readonly publicKey: Uint8Array };
  /** The newest. */
  readonly epoch: number;
  readonly keys: GivenKeys;
}

/** What the holder of the CA grants with. */
export interface Granter {
  readonly crypto: Pick<Crypto, "sha256">;
  readonly master: ChannelMaster;
  /** Signs with the CA's key. */
  readonly signByCa: (data: Uint8Array) => Uint8Array;
}

/**
 * The same keys for the same device make the same grant, byte by byte: a log that holds it need not hold it again. So
 * the ephemeral key follows from `master` and from all that is in the box, and from nothing else.
 */
export function makeGrant(
  { organisation, device, epoch, keys }: GrantRequest,
  { crypto, master, signByCa }: Granter,
): Result<Grant, BoxError> {
  const text = canonicalJson(keys);
  const context = contextOf(organisation, device.id);
  const about = `tillmesh/grant-key/1\n${context}\n${hex(device.publicKey)}\n${text}`;
  const random = (sizeBytes: number): Uint8Array =>
    hkdf(sha256, utf8(master), undefined, crypto.sha256(utf8(about)), sizeBytes);
  const box = sealTo(device.publicKey, utf8(text), { context, random });
  if (!box.ok) return box;
  const covers = coverOf(keys, crypto);
  const signature = signByCa(bytesToSign({ context, epoch, covers }, box.value));
  return ok({ device: device.id, covers, box: base64url(concat([signature, box.value])) });
}

/** The box in a grant that the CA signed for this epoch. Undefined: somebody else made it, or changed it. */
export function boxOf(
  { device, covers, box }: Grant,
  { organisation, epoch, isSignedByCa }: GrantCheck,
): Uint8Array | undefined {
  const bytes = fromBase64url(box);
  if (!bytes.ok || bytes.value.length <= signatureSizeBytes) return undefined;
  const sealed = bytes.value.slice(signatureSizeBytes);
  const signed = bytesToSign({ context: contextOf(organisation, device), epoch, covers }, sealed);
  return isSignedByCa(signed, bytes.value.slice(0, signatureSizeBytes)) ? sealed : undefined;
}

export interface GrantCheck {
  readonly organisation: OrganisationId | string;
  /** As it stands beside the grant. */
  readonly epoch: number;
  readonly isSignedByCa: (data: Uint8Array, signature: Uint8Array) => boolean;
}

/** The same for the same channels and epochs. */
export function coverOf(keys: GivenKeys, crypto: Pick<Crypto, "sha256">): string {
  const places = Object.entries(keys).map(([channel, byEpoch]) => [
    channel,
    Object.keys(byEpoch).toSorted(),
  ]);
  const text = canonicalJson(Object.fromEntries(places) as Json);
  return hex(crypto.sha256(utf8(`tillmesh/grant/1\n${text}`))).slice(0, 16);
}

/** What a grant to this device gives. */
export function openGrant(
  grant: Grant,
  own: GrantCheck & { readonly device: string; readonly privateKeyPem: string },
): Result<GivenKeys, OpenGrantError> {
  if (grant.device !== own.device) return err({ type: "NotForThisKey" });
  const box = boxOf(grant, own);
  if (!box) return err({ type: "GrantNotSigned" });
  const plain = openSealedTo(own.privateKeyPem, box, contextOf(own.organisation, own.device));
  if (!plain.ok) return plain;
  const json = parseJson(new TextDecoder().decode(plain.value), { maxBytes: grantMaxSizeBytes });
  if (!json.ok) return err({ type: "GrantFormat" });
  const cursor = cursorOf(json.value);
  const keys = readGivenKeys(cursor);
  return cursor.faults.length > 0 ? err({ type: "GrantFormat" }) : ok(keys);
}

export type OpenGrantError = BoxError | { readonly type: "GrantFormat" | "GrantNotSigned" };

/** Every channel and epoch, from a function that derives or looks up. */
export function keysFor(
  channels: readonly ChannelName[],
  epochs: { readonly from: number; readonly through: number },
  keyOf: (channel: ChannelName, epoch: number) => Uint8Array | undefined,
): GivenKeys {
  const given: Record<string, Record<string, string>> = {};
  for (const channel of channels) {
    for (let epoch = epochs.from; epoch <= epochs.through; epoch += 1) {
      const key = keyOf(channel, epoch);
      if (key) (given[channel] ??= {})[String(epoch)] = base64url(key);
    }
  }
  return given;
}

/** The shape of a grant that came from elsewhere. */
export function isGrant(json: Json | undefined): json is Grant {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  const { device, covers, box } = json as { readonly [name: string]: Json };
  return [device, covers, box].every((each) => typeof each === "string");
}

const signatureSizeBytes = 64;
const grantMaxSizeBytes = 8 * 1024 * 1024;

interface Signed {
  readonly context: string;
  readonly epoch: number;
  readonly covers: string;
}

function bytesToSign({ context, epoch, covers }: Signed, box: Uint8Array): Uint8Array {
  return concat([utf8(`${context}\n${epoch}\n${covers}\n`), box]);
}

function contextOf(organisation: string, device: string): string {
  return `tillmesh/grant/1\n${organisation}\n${device}`;
}

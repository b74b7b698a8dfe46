/**
 * An app's secret for one device of the organisation, as a box that may stand in an entry. SPEC.md §10 (BX).
 *
 * @module
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { err, hex, utf8, type Result } from "@tillmesh/kernel";
import { privateKeyPemToSeed } from "../identity/keys.ts";
import { openSealedTo, sealTo, type BoxError } from "../identity/sealed-to.ts";
import type { ReplicaParts } from "./run-replica.ts";

export interface SecretFor {
  readonly device: string;
  /** What the box is for; opening names the same. */
  readonly purpose: string;
}

/**
 * A box that the device alone opens. The same secret for the same device and purpose is the same box, so that a ledger that holds it need
 * not hold it again: as with grants, the ephemeral key follows from this device's own key and from all that is in the box.
 */
export function sealForDevice(
  { state, identity }: ReplicaParts,
  { device, purpose }: SecretFor,
  secret: Uint8Array,
): Result<Uint8Array, SealForError> {
  const { trust, crypto, organisation } = state.ports;
  const known = trust.deviceOf(device);
  if (known === undefined) return err({ type: "UnknownDevice", device });
  if (trust.revocationOf(device) !== undefined) return err({ type: "Revoked", device });
  // Who has joined by an invitation only may be somebody who copied it.
  if (known.certificates.length > 1) return err({ type: "NotCertified", device });
  const seed = privateKeyPemToSeed(identity.privateKeyPem);
  if (!seed) return err({ type: "BoxKey" });
  const context = contextOf(organisation, { device, purpose });
  const about = `tillmesh/secret-key/1\n${context}\n${hex(known.publicKey)}\n${hex(secret)}`;
  const random = (sizeBytes: number): Uint8Array =>
    hkdf(sha256, seed, undefined, crypto.sha256(utf8(about)), sizeBytes);
  return sealTo(known.publicKey, secret, { context, random });
}

/** `NotCertified`: the CA itself has not issued its certificate yet. */
export type SealForError =
  | BoxError
  | { readonly type: "UnknownDevice" | "Revoked" | "NotCertified"; readonly device: string };

/** What a box holds that was sealed to this device for this purpose. */
export function openForDevice(
  { state, identity }: ReplicaParts,
  box: Uint8Array,
  purpose: string,
): Result<Uint8Array, BoxError> {
  const { organisation, device } = state.ports;
  return openSealedTo(identity.privateKeyPem, box, contextOf(organisation, { device, purpose }));
}

function contextOf(organisation: string, { device, purpose }: SecretFor): string {
  return `tillmesh/secret/1\n${organisation}\n${device}\n${purpose}`;
}

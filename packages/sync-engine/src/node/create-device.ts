/**
 * Makes the directory of a device: the first of an organisation, or one that was invited. SPEC.md §1 (DV).
 *
 * The identity is written last: a directory without it can be made again.
 *
 * @module
 */

import { err, newId, ok, type Clock, type Crypto, type Result } from "@tillmesh/kernel";
import {
  acceptInvitation,
  type AcceptedInvitation,
  type AcceptInvitationError,
} from "../identity/accept-invitation.ts";
import {
  readIdentity,
  writeIdentity,
  type ReadIdentityError,
  type WriteIdentityError,
} from "../identity/identity-directory.ts";
import { caOf, createFirstIdentity, type Identity } from "../identity/identity.ts";
import { channelsOf } from "../identity/channel-keys.ts";
import { keysFor } from "../identity/grants.ts";
import { addKeys, emptyKeyRing, type GivenKeys, type KeyRing } from "../identity/key-ring.ts";
import { createInvitation, type CreateInvitationError } from "../identity/invitation.ts";
import {
  newDeviceCode,
  type DeviceRecord,
  type LocationRecord,
  type OrganisationRecord,
  type Role,
} from "../identity/records.ts";
import { ensureDirectory, type Files } from "../storage/files.ts";
import { nodeFiles } from "../storage/node/node-files.ts";
import { openChannelKeys, writeRing, type ChannelKeysError } from "./channel-keys.ts";
import { readRegister, writeRegistered } from "./device-register.ts";
import { deviceIdentityFiles } from "./identity-place.ts";
import { freshCatalogue, writeCatalogue } from "./catalogue.ts";

/** Where a device's directory is made or read, and with what. */
export interface DevicePlace {
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly files?: Files;
}

export interface OrganisationNames {
  readonly organisationName: string;
  readonly locationName: string;
  readonly deviceName: string;
  /** ISO 4217. */
  readonly currency: string;
  /** IANA name. */
  readonly timeZone: string;
}

export interface CreatedDevice {
  readonly organisation: OrganisationRecord;
  readonly device: DeviceRecord;
}

/** A new organisation with its CA, and its first device: till and HQ in one. */
export async function createOrganisation(
  place: DevicePlace,
  names: OrganisationNames,
): Promise<Result<CreatedDevice, WriteIdentityError>> {
  const { crypto } = place;
  const { currency, timeZone, organisationName, locationName, deviceName } = names;
  const random = crypto.randomBytes;
  const location = { id: newId("loc", random), name: locationName, currency, timeZone };
  const organisation = { id: newId("org", random), name: organisationName, currency };
  const device: DeviceRecord = {
    id: newId("dev", random),
    name: deviceName,
    code: newDeviceCode(random, new Set()),
    roles: ["till", "hq"],
    location,
  };
  const identity = await createFirstIdentity({ organisation, device }, issueContext(place));
  return writeDevice(place, identity);
}

/** The device that an invitation, file or text, is for. Its private key is made here and stays here. */
export async function joinOrganisation(
  place: DevicePlace,
  invitation: string,
): Promise<
  Result<
    CreatedDevice & Pick<AcceptedInvitation, "lan" | "publications">,
    AcceptInvitationError | WriteIdentityError
  >
> {
  const accepted = await acceptInvitation(invitation, issueContext(place));
  if (!accepted.ok) return accepted;
  const { identity, lan, publications, keys } = accepted.value;
  const written = await writeDevice(place, identity, addKeys(emptyKeyRing, keys));
  return written.ok ? ok({ ...written.value, lan, publications }) : written;
}

export interface DeviceRequest {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly location: LocationRecord;
  /** Codes of the organisation's other devices. */
  readonly takenCodes: ReadonlySet<string>;
  readonly lan?: readonly { readonly host: string; readonly port: number }[];
  /** `text`: one line for a QR code, two days, and a person approves at HQ. Default: a file, 30 days. */
  readonly form?: "file" | "text";
  /** A text without a person's approval. */
  readonly isApproved?: boolean;
  readonly validDays?: number;
}

/** An invitation for one new device, on the device that holds the CA key. */
export async function inviteDevice(
  place: DevicePlace,
  request: DeviceRequest,
): Promise<Result<{ readonly text: string; readonly device: DeviceRecord }, InviteError>> {
  const identity = await readDeviceIdentity(place);
  if (!identity.ok) return identity;
  const ca = caOf(identity.value);
  if (!ca) return err({ type: "NoCa", device: identity.value.device.id });
  const { name, roles, location, takenCodes, lan = [], form = "file" } = request;
  const random = place.crypto.randomBytes;
  const code = newDeviceCode(random, takenCodes);
  const device = { id: newId("dev", random), name, code, roles, location };
  const { organisation } = identity.value;
  const keys = keysToInvite(place, identity.value, device);
  if (!keys.ok) return keys;
  const { validDays } = request;
  const text = await createInvitation(
    ca,
    { organisation, device, lan, form, keys: keys.value, ...(validDays && { validDays }) },
    issueContext(place),
  );
  if (!text.ok) return text;
  const needsApproval = form === "text" && request.isApproved !== true;
  const files = place.files ?? nodeFiles();
  const invitedAtMs = place.clock.nowMs();
  writeRegistered({ ...place, files }, { device, invitedAtMs, needsApproval, chain: [] });
  return ok({ text: text.value, device });
}

/** Of all epochs so far, as far as they fit; HQ grants what is missing. */
function keysToInvite(
  place: DevicePlace,
  identity: Identity,
  device: DeviceRecord,
): Result<GivenKeys, ChannelKeysError> {
  const files = place.files ?? nodeFiles();
  const keys = openChannelKeys({ ...place, files }, identity);
  if (!keys.ok) return keys;
  const { epoch } = keys.value;
  const known = readRegister({ ...place, files });
  const locations = [...known.values()].map((one) => one.device.location.id);
  const channels = channelsOf({ location: device.location.id, roles: device.roles }, [
    identity.device.location.id,
    ...locations,
  ]).slice(0, invitedKeysMax);
  const epochs = Math.max(1, Math.floor(invitedKeysMax / channels.length));
  return ok(
    keysFor(channels, { from: Math.max(1, epoch - epochs + 1), through: epoch }, (channel, at) =>
      keys.value.keyOf(channel, at),
    ),
  );
}

/** At about 60 bytes each a quarter of the file. */
const invitedKeysMax = 256;

/** `NoCa`: this device may not invite; the CA key is on another one. */
export type InviteError =
  | ReadIdentityError
  | CreateInvitationError
  | ChannelKeysError
  | { readonly type: "NoCa"; readonly device: string };

/** Who the device in this directory is. Contains its private key. */
export function readDeviceIdentity(
  place: Pick<DevicePlace, "directory" | "crypto" | "files">,
): Promise<Result<Identity, ReadIdentityError>> {
  const files = deviceIdentityFiles(place.files ?? nodeFiles());
  return readIdentity({ files, directory: place.directory }, place.crypto);
}

/** Writes a new device's directory, its identity last. */
export async function writeDevice(
  place: DevicePlace,
  identity: Identity,
  ring?: KeyRing,
): Promise<Result<CreatedDevice, WriteIdentityError>> {
  const { directory, crypto, files = nodeFiles() } = place;
  ensureDirectory(files, directory);
  const existing = await readDeviceIdentity(place);
  if (existing.ok) return err({ type: "IdentityExists", directory });
  writeCatalogue({ files, directory, crypto }, freshCatalogue);
  if (ring) writeRing({ files, directory, crypto }, ring);
  const target = { files: deviceIdentityFiles(files), directory };
  const written = await writeIdentity(target, identity, crypto);
  const { organisation, device } = identity;
  return written.ok ? ok({ organisation, device }) : written;
}

function issueContext({ crypto, clock }: DevicePlace): { crypto: Crypto; nowMs: number } {
  return { crypto, nowMs: clock.nowMs() };
}

/**
 * The recovery kit: a new HQ from paper, when every HQ device is gone. SPEC.md §1 (KI).
 *
 * @module
 */

import { err, newId, ok, type Result } from "@tillmesh/kernel";
import { isChannelMaster } from "../identity/channel-keys.ts";
import { caOf, createFirstIdentity } from "../identity/identity.ts";
import type { ReadIdentityError, WriteIdentityError } from "../identity/identity-directory.ts";
import { nodeScrypt } from "../identity/node/node-scrypt.ts";
import {
  makeRecoveryKit,
  openRecoveryKit,
  restoreCa,
  type MakeRecoveryKitError,
  type OpenRecoveryKitError,
  type RestoreCaError,
} from "../identity/recovery-kit.ts";
import { newDeviceCode } from "../identity/records.ts";
import { nodeFiles } from "../storage/node/node-files.ts";
import { openChannelKeys, type ChannelKeysError } from "./channel-keys.ts";
import {
  readDeviceIdentity,
  writeDevice,
  type CreatedDevice,
  type DevicePlace,
  type OrganisationNames,
} from "./create-device.ts";

/** The text to print, under a passphrase that is written nowhere. `more`: an app's own secrets by name, at most 8,192 characters each. */
export async function makeKit(
  place: DevicePlace,
  passphrase: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Result<string, MakeKitError>> {
  const identity = await readDeviceIdentity(place);
  if (!identity.ok) return identity;
  const ca = caOf(identity.value);
  if (!ca) return err({ type: "NoCa", device: identity.value.device.id });
  const { organisation } = identity.value;
  const context = { crypto: place.crypto, nowMs: place.clock.nowMs(), deriveKey: nodeScrypt };
  const keys = openChannelKeys({ ...place, files: place.files ?? nodeFiles() }, identity.value);
  if (!keys.ok) return keys;
  // Opening made the secret if this organisation had none yet.
  const again = await readDeviceIdentity(place);
  if (!again.ok) return again;
  const { channelMaster } = again.value;
  const own = channelMaster === undefined ? {} : { [channelsSection]: channelMaster };
  const sections = { ...more, ...own };
  return makeRecoveryKit({ organisation, ca, passphrase, sections }, context);
}

export type MakeKitError =
  | ReadIdentityError
  | MakeRecoveryKitError
  | ChannelKeysError
  | { readonly type: "NoCa"; readonly device: string };

/** A new first device of the organisation in the kit; its facts come from the peers. */
export async function recoverOrganisation(
  place: DevicePlace,
  kit: { readonly text: string; readonly passphrase: string },
  names: Pick<OrganisationNames, "locationName" | "deviceName" | "timeZone">,
): Promise<Result<RecoveredDevice, RecoverError>> {
  const { crypto } = place;
  const opened = await openRecoveryKit(kit.text, kit.passphrase, { crypto, deriveKey: nodeScrypt });
  if (!opened.ok) return opened;
  const ca = await restoreCa(opened.value, crypto);
  if (!ca.ok) return ca;
  const { organisation, sections } = opened.value;
  const channelMaster = sections[channelsSection];
  if (channelMaster !== undefined && !isChannelMaster(channelMaster)) {
    return err({ type: "KitSection", name: channelsSection });
  }
  const random = crypto.randomBytes;
  const { currency } = organisation;
  const { locationName, deviceName, timeZone } = names;
  const device = {
    id: newId("dev", random),
    name: deviceName,
    code: newDeviceCode(random, new Set()),
    roles: ["till", "hq"] as const,
    location: { id: newId("loc", random), name: locationName, currency, timeZone },
  };
  const context = { crypto, nowMs: place.clock.nowMs() };
  const identity = await createFirstIdentity({ organisation, device }, context, {
    ca: ca.value,
    channelMaster,
  });
  const written = await writeDevice(place, identity);
  if (!written.ok) return written;
  const { [channelsSection]: _own, ...more } = sections;
  return ok({ ...written.value, sections: more });
}

export interface RecoveredDevice extends CreatedDevice {
  /** The app's own, as they were given to `makeKit`. */
  readonly sections: Readonly<Record<string, string>>;
}

export type RecoverError =
  | OpenRecoveryKitError
  | RestoreCaError
  | WriteIdentityError
  | { readonly type: "KitSection"; readonly name: string };

/** The secret that the keys of all channels and epochs follow from, also of epochs after the kit was made. */
const channelsSection = "channels";

/** The CA's certificate, PEM: what a relay is told to trust. No secret. */
export async function organisationCa(
  place: Pick<DevicePlace, "directory" | "crypto" | "files">,
): Promise<Result<string, ReadIdentityError>> {
  const identity = await readDeviceIdentity(place);
  return identity.ok ? ok(identity.value.caCertificate) : identity;
}

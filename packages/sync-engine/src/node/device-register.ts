/**
 * The register of devices in the directory of the CA's holder: `ca/devices.json`, private, replaced as a whole.
 *
 * It is read anew each time: invitations may be made beside an open replica.
 *
 * @module
 */

import { utf8, type Crypto } from "@tillmesh/kernel";
import {
  parseRegister,
  registerMaxSizeBytes,
  registerToText,
  type DeviceRegister,
  type RegisteredDevice,
} from "../identity/device-register.ts";
import type { Files } from "../storage/files.ts";
import { deviceIdentityFiles } from "./identity-place.ts";

export interface RegisterPlace {
  readonly files: Files;
  readonly directory: string;
  readonly crypto: Crypto;
}

/** Empty if there is none, or it is damaged: nothing is verified by it. */
export function readRegister({ files, directory, crypto }: RegisterPlace): DeviceRegister {
  const bytes = files.readFile(`${directory}/${registerFile}`, registerMaxSizeBytes);
  const read = bytes && parseRegister(new TextDecoder().decode(bytes), crypto);
  return read?.ok ? read.value : new Map();
}

export function writeRegistered(place: RegisterPlace, device: RegisteredDevice): void {
  const register = new Map(readRegister(place)).set(device.device.id, device);
  const files = deviceIdentityFiles(place.files);
  files.makeDirectory(`${place.directory}/ca`);
  const text = registerToText(register, place.crypto);
  files.writeFileAtomic(`${place.directory}/${registerFile}`, utf8(text), 0o600);
}

export const registerFile = "ca/devices.json";

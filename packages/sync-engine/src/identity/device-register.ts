/**
 * What the holder of the CA remembers of devices it invited and of those that asked to join. SPEC.md §10 (AP).
 *
 * It is not needed to verify anything: whoever loses it sees devices as waiting that may have been let in by a file.
 *
 * @module
 */

import { err, ok, type Crypto, type Json, type Result } from "@tillmesh/kernel";
import {
  readEnvelope,
  writeEnvelope,
  type EnvelopeError,
  type EnvelopeFormat,
} from "./envelope.ts";
import {
  cursorOf,
  expectObject,
  member,
  readBoolean,
  readInteger,
  readList,
  readText,
  type Cursor,
} from "./faults.ts";
import { pemRule } from "./identity.ts";
import { readDevice, type DeviceRecord } from "./records.ts";

/** By device id. */
export type DeviceRegister = ReadonlyMap<string, RegisteredDevice>;

export interface RegisteredDevice {
  readonly device: DeviceRecord;
  readonly invitedAtMs: number;
  /** A person lets it in; false: the invitation did, or a person has. */
  readonly needsApproval: boolean;
  /** PEM: what it asked to join with; empty before. */
  readonly chain: readonly string[];
}

export function registerToText(register: DeviceRegister, crypto: Crypto): string {
  return writeEnvelope(registerFormat, [...register.values()] as unknown as Json, crypto);
}

export function parseRegister(text: string, crypto: Crypto): Result<DeviceRegister, EnvelopeError> {
  const content = readEnvelope(registerFormat, text, crypto);
  if (!content.ok) return content;
  const cursor = cursorOf(content.value);
  const devices = readList(cursor, devicesMax).map(readRegistered);
  if (cursor.faults.length > 0) return err({ type: "Faults", faults: cursor.faults });
  return ok(new Map(devices.map((one) => [one.device.id, one])));
}

export const registerMaxSizeBytes: number = 16 * 1024 * 1024;
const devicesMax = 10_000;
const registerFormat: EnvelopeFormat = {
  format: "tillmesh-devices",
  version: 1,
  sizeMaxBytes: registerMaxSizeBytes,
};

function readRegistered(cursor: Cursor): RegisteredDevice {
  expectObject(cursor);
  return {
    device: readDevice(member(cursor, "device")),
    invitedAtMs: readInteger(member(cursor, "invitedAtMs"), 0, Number.MAX_SAFE_INTEGER),
    needsApproval: readBoolean(member(cursor, "needsApproval")),
    chain: readList(member(cursor, "chain"), 2).map((each) => readText(each, pemRule)),
  };
}

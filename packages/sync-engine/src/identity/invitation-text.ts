/**
 * An invitation as one line of text, small enough for a QR code.
 *
 *     TM1-<base64url of: version 1 | fields | first 8 bytes of SHA-256 over all before>
 *
 * It holds what the file holds but for publications, and of the channel keys only that of `hq`: by it the device
 * asks to join, and HQ decides. Ids and roles are those in the enrolment certificate. Rules: SPEC.md [IT1]-[IT4].
 *
 * @module
 */

import {
  assert,
  base64url,
  err,
  fromBase64url,
  ok,
  type Crypto,
  type Result,
} from "@tillmesh/kernel";
import {
  byte,
  count,
  counted,
  decode,
  encode,
  fixed,
  listOf,
  optional,
  record,
  text as textField,
  type Field,
} from "../relay-protocol/wire.ts";
import { concat } from "./byte-reader.ts";
import type { Invitation, LanAddress } from "./invitation.ts";
import { privateKeyPemToSeed, seedToPrivateKeyPem } from "./keys.ts";
import { fromPem, toPem } from "./pem.ts";
import { readCertificate } from "./read-certificate.ts";
import { recordFaults, type DeviceRecord, type OrganisationRecord } from "./records.ts";
import type { Fault } from "./faults.ts";

/** Whether this is meant to be such a text; everything else is a file. */
export function isInvitationText(text: string): boolean {
  return text.trim().startsWith(prefix);
}

/** One line. Secret, as the file is. */
export function invitationText(
  invitation: Invitation,
  crypto: Pick<Crypto, "sha256">,
): Result<string, InvitationTextError> {
  const bytes = encode(fields, toCompact(invitation));
  const text = prefix + base64url(concat([bytes, checkOf(bytes, crypto)]));
  return text.length > textMaxLength
    ? err({ type: "InvitationTextTooLong", length: text.length, lengthMax: textMaxLength })
    : ok(text);
}

/** The invitation; certificates and keys are checked by whoever joins. Spaces and line ends do not matter. */
export function parseInvitationText(
  text: string,
  crypto: Crypto,
): Result<Invitation, InvitationTextError> {
  const line = text.replaceAll(/\s/g, "");
  if (!line.startsWith(prefix)) return damaged("another beginning than TM1-");
  if (line.length > textMaxLength) {
    return err({ type: "InvitationTextTooLong", length: line.length, lengthMax: textMaxLength });
  }
  const whole = fromBase64url(line.slice(prefix.length));
  if (!whole.ok || whole.value.length <= checkSizeBytes) return damaged("characters are wrong");
  const bytes = whole.value.slice(0, -checkSizeBytes);
  const check = whole.value.slice(-checkSizeBytes);
  if (!checkOf(bytes, crypto).every((one, index) => one === check[index])) {
    return damaged("the checksum is another");
  }
  const read = decode(fields, bytes);
  if (!read.ok) return damaged(read.error.reason);
  if (read.value.version !== 1) return damaged(`version ${read.value.version}`);
  return fromCompact(read.value, crypto);
}

/** `InvitationText`: not what HQ wrote; scan or type it again. */
export type InvitationTextError =
  | { readonly type: "InvitationText"; readonly problem: string }
  | {
      readonly type: "InvitationTextTooLong";
      readonly length: number;
      readonly lengthMax: number;
    }
  | { readonly type: "Faults"; readonly faults: readonly Fault[] };

/** A QR code of medium error correction holds 2,331 bytes. */
const textMaxLength = 2_300;
const prefix = "TM1-";
const checkSizeBytes = 8;

interface Compact {
  readonly version: number;
  readonly organisationName: string;
  readonly currency: string;
  readonly deviceName: string;
  readonly code: string;
  readonly locationName: string;
  readonly locationCurrency: string;
  readonly timeZone: string;
  readonly caCertificate: Uint8Array;
  readonly enrolmentCertificate: Uint8Array;
  readonly enrolmentKey: Uint8Array;
  readonly lan: readonly LanAddress[];
  readonly hqKey: HqKey | undefined;
}

interface HqKey {
  readonly epoch: number;
  readonly key: Uint8Array;
}

const name = textField(800);
const fields: Field<Compact> = record<Compact>({
  version: byte,
  organisationName: name,
  currency: textField(8),
  deviceName: name,
  code: textField(8),
  locationName: name,
  locationCurrency: textField(8),
  timeZone: textField(64),
  caCertificate: counted(2_048),
  enrolmentCertificate: counted(2_048),
  enrolmentKey: fixed(32),
  lan: listOf(record<LanAddress>({ host: textField(253), port: count }), 32),
  hqKey: optional(record<HqKey>({ epoch: count, key: fixed(32) })),
});

function toCompact(invitation: Invitation): Compact {
  const { organisation, device, lan, keys = {} } = invitation;
  const caCertificate = fromPem("CERTIFICATE", invitation.caCertificate);
  const enrolmentCertificate = fromPem("CERTIFICATE", invitation.enrolmentCertificate);
  const enrolmentKey = privateKeyPemToSeed(invitation.enrolmentKeyPem);
  assert(caCertificate !== undefined, "the CA's certificate is PEM");
  assert(enrolmentCertificate !== undefined, "the enrolment certificate is PEM");
  assert(enrolmentKey !== undefined, "the enrolment key is ours");
  const [newest] = Object.entries(keys["hq"] ?? {}).toSorted((a, b) => Number(b[0]) - Number(a[0]));
  const key = newest && fromBase64url(newest[1]);
  return {
    version: 1,
    organisationName: organisation.name,
    currency: organisation.currency,
    deviceName: device.name,
    code: device.code,
    locationName: device.location.name,
    locationCurrency: device.location.currency,
    timeZone: device.location.timeZone,
    caCertificate,
    enrolmentCertificate,
    enrolmentKey,
    lan,
    hqKey: newest && key?.ok ? { epoch: Number(newest[0]), key: key.value } : undefined,
  };
}

function fromCompact(compact: Compact, crypto: Crypto): Result<Invitation, InvitationTextError> {
  const enrolmentCertificate = toPem("CERTIFICATE", compact.enrolmentCertificate);
  const enrolment = readCertificate(enrolmentCertificate, crypto);
  if (!enrolment.ok || enrolment.value.subject.kind !== "enrolment") {
    return damaged("no enrolment certificate");
  }
  const { organisationId, deviceId, locationId, roles } = enrolment.value.subject;
  const { organisationName, currency, deviceName, code, timeZone, hqKey, lan } = compact;
  const { locationName, locationCurrency } = compact;
  const location = { id: locationId, name: locationName, currency: locationCurrency, timeZone };
  const device: DeviceRecord = { id: deviceId, name: deviceName, code, roles, location };
  const organisation: OrganisationRecord = { id: organisationId, name: organisationName, currency };
  const faults = recordFaults(organisation, device);
  if (faults.length > 0) return err({ type: "Faults", faults });
  return ok({
    organisation,
    device,
    caCertificate: toPem("CERTIFICATE", compact.caCertificate),
    enrolmentCertificate,
    enrolmentKeyPem: seedToPrivateKeyPem(compact.enrolmentKey),
    lan,
    publications: [],
    keys: hqKey ? { hq: { [String(hqKey.epoch)]: base64url(hqKey.key) } } : {},
  });
}

function checkOf(bytes: Uint8Array, crypto: Pick<Crypto, "sha256">): Uint8Array {
  return crypto.sha256(bytes).slice(0, checkSizeBytes);
}

function damaged(problem: string): Result<never, InvitationTextError> {
  return err({ type: "InvitationText", problem });
}

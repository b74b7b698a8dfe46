/**
 * An invitation: one file by which one device joins, with no HQ in reach.
 *
 * It carries the right to make the certificate of exactly one device (an
 * enrolment certificate and its key) and everything the device must know to
 * begin. Whoever holds the file can be that device until it expires: it is as
 * secret as a password. Trade-offs: docs/decisions/0003-identity.md. Rules:
 * SPEC.md [IV1]-[IV8].
 *
 * @module
 */

import { err, ok, utf8, type Crypto, type Json, type Result } from "@tillmesh/kernel";
import {
  enrolmentValidDays,
  issueEnrolment,
  type CertificateAuthority,
  type IssueContext,
} from "./certificate-authority.ts";
import { readEnvelope, writeEnvelope, type EnvelopeError, type FaultsError } from "./envelope.ts";
import {
  cursorOf,
  expectObject,
  member,
  readInteger,
  readList,
  readText,
  type Cursor,
} from "./faults.ts";
import { pemRule } from "./identity.ts";
import {
  invitationText,
  isInvitationText,
  parseInvitationText,
  type InvitationTextError,
} from "./invitation-text.ts";
import { readGivenKeys, type GivenKeys } from "./key-ring.ts";
import {
  readDevice,
  readOrganisation,
  recordFaults,
  type DeviceRecord,
  type OrganisationRecord,
} from "./records.ts";

export interface Invitation {
  readonly organisation: OrganisationRecord;
  readonly device: DeviceRecord;
  readonly caCertificate: string;
  readonly enrolmentCertificate: string;
  /** PKCS #8 PEM. Secret. */
  readonly enrolmentKeyPem: string;
  /** Where peers listen; a hint, not a promise. */
  readonly lan: readonly LanAddress[];
  /** Publications (organisation, staff, taxes) as their signed texts; a hint that is verified like any other. */
  readonly publications: readonly string[];
  /** Keys of the device's channels. Secret, as the enrolment key is. */
  readonly keys?: GivenKeys;
}

export interface LanAddress {
  readonly host: string;
  readonly port: number;
}

export interface InvitationRequest {
  readonly organisation: OrganisationRecord;
  readonly device: DeviceRecord;
  readonly lan?: readonly LanAddress[];
  readonly publications?: readonly string[];
  readonly keys?: GivenKeys;
  /** 1 to 90; by default 30, as a text 2. */
  readonly validDays?: number;
  /** `text`: one line that fits a QR code. Default: a file. */
  readonly form?: "file" | "text";
}

/** The content of the invitation file, or its text of one line. */
export async function createInvitation(
  ca: CertificateAuthority,
  request: InvitationRequest,
  context: IssueContext,
): Promise<Result<string, CreateInvitationError>> {
  const { organisation, device, lan = [], publications = [], keys = {} } = request;
  const validDays = request.validDays ?? defaultValidDays(request);
  const faults = [
    ...recordFaults(organisation, device),
    ...requestFaults(lan, publications, validDays),
  ];
  if (organisation.id !== ca.organisationId) {
    faults.push({ pointer: "/organisation/id", problem: "not the organisation of this CA" });
  }
  if (faults.length > 0) return err({ type: "Faults", faults });
  const enrolment = await issueEnrolment(ca, { device, validDays }, context);
  const content: Invitation = {
    organisation,
    device,
    caCertificate: ca.certificate,
    enrolmentCertificate: enrolment.certificate,
    enrolmentKeyPem: enrolment.privateKeyPem,
    lan,
    publications,
    keys,
  };
  return request.form === "text"
    ? invitationText(content, context.crypto)
    : invitationFile(content, context.crypto);
}

function defaultValidDays({ form }: InvitationRequest): number {
  return form === "text" ? textValidDays : enrolmentValidDays;
}

function invitationFile(
  content: Invitation,
  crypto: Crypto,
): Result<string, CreateInvitationError> {
  const text = writeEnvelope(invitationFormat, content as unknown as Json, crypto);
  const sizeBytes = utf8(text).length;
  const { sizeMaxBytes } = invitationFormat;
  return sizeBytes > sizeMaxBytes
    ? err({ type: "InvitationTooLarge", sizeBytes, sizeMaxBytes })
    : ok(text);
}

export type CreateInvitationError =
  | FaultsError
  | InvitationTextError
  | {
      readonly type: "InvitationTooLarge";
      readonly sizeBytes: number;
      readonly sizeMaxBytes: number;
    };

/** The shape and the checksum; certificates and keys are checked by `acceptInvitation`. */
export function parseInvitation(
  text: string,
  crypto: Crypto,
): Result<Invitation, ParseInvitationError> {
  if (isInvitationText(text)) return parseInvitationText(text, crypto);
  const content = readEnvelope(invitationFormat, text, crypto);
  if (!content.ok) return content;
  const cursor = cursorOf(content.value);
  const invitation = readInvitation(cursor);
  return cursor.faults.length > 0 ? err({ type: "Faults", faults: cursor.faults }) : ok(invitation);
}

export type ParseInvitationError = EnvelopeError | InvitationTextError;

const invitationFormat = {
  format: "tillmesh-invitation",
  version: 1,
  sizeMaxBytes: 64 * 1024,
} as const;
const lanMax = 32;
const publicationsMax = 256;
const publicationMaxLength = 32 * 1024;
const validDaysMax = 90;
/** What hangs on a wall or stands on a screen is read by many. */
const textValidDays = 2;

function requestFaults(
  lan: readonly LanAddress[],
  publications: readonly string[],
  validDays: number,
): FaultsError["faults"] {
  const cursor = cursorOf({ lan, publications, validDays } as unknown as Json);
  readLan(member(cursor, "lan"));
  readPublications(member(cursor, "publications"));
  readInteger(member(cursor, "validDays"), 1, validDaysMax);
  return cursor.faults;
}

function readInvitation(cursor: Cursor): Invitation {
  expectObject(cursor);
  const keys = member(cursor, "keys");
  return {
    organisation: readOrganisation(member(cursor, "organisation")),
    device: readDevice(member(cursor, "device")),
    caCertificate: readText(member(cursor, "caCertificate"), pemRule),
    enrolmentCertificate: readText(member(cursor, "enrolmentCertificate"), pemRule),
    enrolmentKeyPem: readText(member(cursor, "enrolmentKeyPem"), pemRule),
    lan: optional(member(cursor, "lan"), readLan),
    publications: optional(member(cursor, "publications"), readPublications),
    keys: keys.value === undefined ? {} : readGivenKeys(keys),
  };
}

function optional<T>(cursor: Cursor, read: (cursor: Cursor) => readonly T[]): readonly T[] {
  return cursor.value === undefined ? [] : read(cursor);
}

function readLan(cursor: Cursor): readonly LanAddress[] {
  return readList(cursor, lanMax).map((each) => ({
    host: readText(member(each, "host"), hostRule),
    port: readInteger(member(each, "port"), 1, 65_535),
  }));
}

function readPublications(cursor: Cursor): readonly string[] {
  return readList(cursor, publicationsMax).map((each) => readText(each, publicationRule));
}

function hostRule(text: string): string | undefined {
  return /^[A-Za-z0-9.:_-]{1,253}$/.test(text) ? undefined : "expected a host name or address";
}

function publicationRule(text: string): string | undefined {
  return text.length <= publicationMaxLength
    ? undefined
    : `expected at most ${publicationMaxLength} characters`;
}

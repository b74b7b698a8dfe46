/**
 * The recovery kit: what rebuilds an organisation's HQ when its disk is gone.
 *
 * Holds the CA key and certificate, the organisation's record and named
 * sections (key epochs and fiscal keys, later), under a passphrase: scrypt, then
 * AES-256-GCM over everything, the parameters included. It is a text of numbered
 * lines for a stick or for paper. Rules: SPEC.md [RK1]-[RK7].
 *
 * @module
 */

import {
  canonicalJson,
  err,
  formatInstant,
  ok,
  parseJson,
  utf8,
  type Crypto,
  type Json,
  type Result,
} from "@tillmesh/kernel";
import type { CertificateAuthority, IssueContext } from "./certificate-authority.ts";
import {
  cursorOf,
  expectObject,
  member,
  readInteger,
  readNames,
  readText,
  type Cursor,
  type Fault,
} from "./faults.ts";
import { isKeyOfCa } from "./identity.ts";
import { seedToPrivateKeyPem, privateKeyPemToSeed } from "./keys.ts";
import { readPaper, paperMaxBytes, writePaper, type PaperError } from "./paper.ts";
import { decodeBase64, encodeBase64, fromPem, toPem } from "./pem.ts";
import { normalPassphrase, passphraseMinLength, type DeriveKey } from "./passphrase.ts";
import { idRule, readOrganisation, type OrganisationRecord } from "./records.ts";
import { openSealed, sealBytes, type OpenSealedError } from "./sealed-bytes.ts";
import { readCertificate } from "./read-certificate.ts";

export interface RecoveryKit {
  readonly organisation: OrganisationRecord;
  readonly ca: CertificateAuthority;
  /** Further secrets by name, as texts that their owners understand. */
  readonly sections: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

export interface RecoveryKitRequest {
  readonly organisation: OrganisationRecord;
  readonly ca: CertificateAuthority;
  readonly passphrase: string;
  readonly sections?: Readonly<Record<string, string>>;
  /** scrypt's N as a power of two, 15 to 18; by default 17 (128 MiB for about a second). */
  readonly costLog2?: number;
}

/** The text of a kit. It names the organisation in clear, and nothing else. */
export async function makeRecoveryKit(
  request: RecoveryKitRequest,
  context: IssueContext & { readonly deriveKey: DeriveKey },
): Promise<Result<string, MakeRecoveryKitError>> {
  const { organisation, ca, sections = {} } = request;
  const passphrase = normalPassphrase(request.passphrase);
  if (passphrase.length < passphraseMinLength) {
    const { length } = passphrase;
    return err({ type: "PassphraseTooShort", length, lengthMin: passphraseMinLength });
  }
  const content = kitToJson({ organisation, ca, sections, createdAtMs: context.nowMs });
  const cursor = cursorOf(content);
  readKit(cursor);
  if (cursor.faults.length > 0) return err({ type: "Faults", faults: cursor.faults });
  const plain = utf8(canonicalJson(content));
  const options = { passphrase, costLog2: request.costLog2 ?? costLog2Default };
  const sealed = await sealBytes(plain, options, context);
  if (sealed.length > paperMaxBytes) {
    return err({ type: "KitTooLarge", sizeBytes: sealed.length, sizeMaxBytes: paperMaxBytes });
  }
  return ok(headOf(organisation, context.nowMs) + writePaper(sealed, context.crypto));
}

export type MakeRecoveryKitError =
  | { readonly type: "PassphraseTooShort"; readonly length: number; readonly lengthMin: number }
  | { readonly type: "KitTooLarge"; readonly sizeBytes: number; readonly sizeMaxBytes: number }
  | { readonly type: "Faults"; readonly faults: readonly Fault[] };

export async function openRecoveryKit(
  text: string,
  passphrase: string,
  context: { readonly crypto: Crypto; readonly deriveKey: DeriveKey },
): Promise<Result<RecoveryKit, OpenRecoveryKitError>> {
  const sealed = readPaper(text, context.crypto);
  if (!sealed.ok) return sealed;
  const plain = await openSealed(sealed.value, normalPassphrase(passphrase), context.deriveKey);
  if (!plain.ok) return plain;
  const json = parseJson(new TextDecoder().decode(plain.value));
  if (!json.ok) return err({ type: "Faults", faults: [{ pointer: "", problem: "not JSON" }] });
  const cursor = cursorOf(json.value);
  const kit = readKit(cursor);
  return cursor.faults.length > 0 ? err({ type: "Faults", faults: cursor.faults }) : ok(kit);
}

export type OpenRecoveryKitError =
  | PaperError
  | OpenSealedError
  | { readonly type: "Faults"; readonly faults: readonly Fault[] };

/** The CA, ready to issue again; refused if its key, certificate and organisation are not one. */
export async function restoreCa(
  kit: RecoveryKit,
  crypto: Crypto,
): Promise<Result<CertificateAuthority, RestoreCaError>> {
  const { organisation, ca } = kit;
  const facts = readCertificate(ca.certificate, crypto);
  const isOurs = facts.ok && facts.value.subject.organisationId === organisation.id;
  if (!isOurs) return err({ type: "KitCa", part: "certificate" });
  const isMatch = await isKeyOfCa(ca.privateKeyPem, ca.certificate, crypto);
  return isMatch ? ok(ca) : err({ type: "KitCa", part: "key" });
}

export interface RestoreCaError {
  readonly type: "KitCa";
  readonly part: "certificate" | "key";
}

const costLog2Default = 17;
const sectionsMax = 64;
const sectionMaxLength = 8_192;

function headOf(organisation: OrganisationRecord, nowMs: number): string {
  return [
    "# Tillmesh recovery kit, version 1",
    `# Organisation: ${organisation.name} (${organisation.id})`,
    `# Made: ${formatInstant(nowMs)}`,
    "# Keep it away from the tills, and its passphrase away from it.",
    "# To restore, type every line that does not begin with #; spaces and case do not matter.",
    "",
  ].join("\n");
}

/** Compact, because it may have to be typed: DER and raw key instead of PEM. */
function kitToJson({ organisation, ca, sections, createdAtMs }: RecoveryKit): Json {
  const certificate = fromPem("CERTIFICATE", ca.certificate) ?? new Uint8Array();
  const key = privateKeyPemToSeed(ca.privateKeyPem) ?? new Uint8Array();
  const { id, name, currency } = organisation;
  return {
    caCertificate: encodeBase64(certificate),
    caKey: encodeBase64(key),
    createdAtMs,
    organisation: { id, name, currency },
    sections,
  };
}

function readKit(cursor: Cursor): RecoveryKit {
  expectObject(cursor);
  const organisation = readOrganisation(member(cursor, "organisation"));
  const certificate = readText(member(cursor, "caCertificate"), base64Rule(1, 4_096));
  const key = readText(member(cursor, "caKey"), base64Rule(32, 32)) || emptyKey;
  const ca = {
    organisationId: organisation.id,
    certificate: toPem("CERTIFICATE", decodeBase64(certificate) ?? new Uint8Array()),
    privateKeyPem: seedToPrivateKeyPem(decodeBase64(key) ?? new Uint8Array(32)),
  };
  const createdAtMs = readInteger(member(cursor, "createdAtMs"), 0, Number.MAX_SAFE_INTEGER);
  return { organisation, ca, sections: readSections(member(cursor, "sections")), createdAtMs };
}

const emptyKey = encodeBase64(new Uint8Array(32));

function readSections(cursor: Cursor): Readonly<Record<string, string>> {
  const names = readNames(cursor, sectionsMax);
  const pairs = names.map((name) => {
    readText({ ...cursor, value: name }, idRule);
    return [name, readText(member(cursor, name), sectionRule)] as const;
  });
  return Object.fromEntries(pairs);
}

function sectionRule(text: string): string | undefined {
  return text.length <= sectionMaxLength
    ? undefined
    : `expected at most ${sectionMaxLength} characters`;
}

function base64Rule(sizeMinBytes: number, sizeMaxBytes: number) {
  return (text: string): string | undefined => {
    const size = decodeBase64(text)?.length ?? -1;
    return size >= sizeMinBytes && size <= sizeMaxBytes
      ? undefined
      : `expected base64 of ${sizeMinBytes} to ${sizeMaxBytes} bytes`;
  };
}

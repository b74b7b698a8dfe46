/**
 * What a cryptographic stamp takes from the till's X.509 certificate. SPEC.md §11 (RSA).
 *
 * @module
 */

import { err, hex, ok, parseInstant, type Result } from "@tillmesh/kernel";
import { fromBase64 } from "../../base64.ts";
import { readDer, readDerList, readObjectIdentifier, type DerItem } from "./der.ts";

export interface StampCertificate {
  /** Base64 of the DER. */
  readonly text: string;
  /** RFC 4514 with a blank behind each comma: `CN=PRZEINVOICESCA4-CA, DC=extgazt, DC=gov, DC=local`. */
  readonly issuer: string;
  readonly subject: string;
  /** Decimal. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SPKI DER. */
  readonly publicKey: Uint8Array;
  /** The issuer's, DER of ECDSA. */
  readonly signature: Uint8Array;
}

/** `text` is base64 of the DER. The last 16 are kept: a till reads its own again for every document. */
export function readCertificate(text: string): Result<StampCertificate, CertificateFault> {
  const known = recent.get(text);
  if (known !== undefined) return ok(known);
  const bytes = fromBase64(text);
  const read = bytes === undefined ? undefined : readFields(bytes);
  if (read === undefined) return err({ type: "Certificate" });
  const certificate = { ...read, text };
  if (recent.size >= recentMax) recent.clear();
  recent.set(text, certificate);
  return ok(certificate);
}

/** The curve of all stamps; another key would sign, and nobody could check it. */
export function isStampKey({ publicKey }: StampCertificate): boolean {
  return publicKey.length === 88 && hex(publicKey.subarray(0, 23)) === secp256k1Head;
}

export interface CertificateFault {
  readonly type: "Certificate";
}

/** SPKI of an uncompressed point on secp256k1, before the point. */
const secp256k1Head = "3056301006072a8648ce3d020106052b8104000a034200";
const recentMax = 16;
const recent = new Map<string, StampCertificate>();

function readFields(bytes: Uint8Array): Omit<StampCertificate, "text"> | undefined {
  const [body, , signature] = itemsIn(readDer(bytes));
  // The version stands first, under a context tag, and may be absent.
  const fields = itemsOf(body).filter(({ tag }) => tag !== 0xa0);
  const [serial, , issuer, validity, subject, key] = fields;
  const [notBeforeMs, notAfterMs] = itemsOf(validity).map(instantOf);
  if (signature?.tag !== 0x03 || key === undefined || subject === undefined) return undefined;
  if (notBeforeMs === undefined || notAfterMs === undefined) return undefined;
  return {
    issuer: nameText(issuer),
    subject: nameText(subject),
    serial: BigInt(`0x${hex(serial?.content ?? new Uint8Array())}`).toString(),
    notBeforeMs,
    notAfterMs,
    publicKey: key.bytes,
    // Without the count of unused bits.
    signature: signature.content.subarray(1),
  };
}

function itemsIn(item: Result<DerItem, unknown>): readonly DerItem[] {
  return item.ok ? itemsOf(item.value) : [];
}

function itemsOf(item: DerItem | undefined): readonly DerItem[] {
  const items = item !== undefined && item.tag >= 0x30 ? readDerList(item.content) : undefined;
  return items?.ok === true ? items.value : [];
}

/** UTCTime or GeneralizedTime, both in UTC with seconds. */
function instantOf({ tag, content }: DerItem): number | undefined {
  const text = new TextDecoder().decode(content);
  const century = tag === 0x17 ? (text.slice(0, 2) < "50" ? "20" : "19") : "";
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(century + text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  return parseInstant(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
}

function nameText(name: DerItem | undefined): string {
  return itemsOf(name)
    .map((part) => itemsOf(part).map(attributeText).join("+"))
    .toReversed()
    .join(", ");
}

function attributeText(attribute: DerItem): string {
  const [type, value] = itemsOf(attribute);
  if (type === undefined || value === undefined) return "";
  const identifier = readObjectIdentifier(type.content);
  return `${shortNames.get(identifier) ?? identifier}=${escaped(stringOf(value))}`;
}

function stringOf({ tag, content }: DerItem): string {
  return new TextDecoder(encodings.get(tag) ?? "utf-8").decode(content);
}

function escaped(text: string): string {
  return text.replaceAll(/[,+"\\<>;]|^[ #]| $/g, String.raw`\$&`);
}

/** BMPString and T61String; all others are UTF-8 or a part of it. */
const encodings: ReadonlyMap<number, string> = new Map([
  [0x1e, "utf-16be"],
  [0x14, "latin1"],
]);

const shortNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
]);

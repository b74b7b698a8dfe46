/**
 * What a stream of this regime is told of its seller, and whether it will do. SPEC.md §11 (RSA).
 *
 * `StreamConfig.settings`, all texts (Arabic, or Arabic and English, as registered):
 *
 * - `sellerName`, `street`, `buildingNumber` (4 digits), `district`, `city`, `postalCode` (5 digits)
 * - `registrationScheme` (`CRN`, `MOM`, `MLS`, `700`, `SAG`, `OTH`) and `registration`, the number under it
 * - `additionalNumber`, optional: 4 digits of the address
 * - `exemptions`, where Z, E or O is sold: by tax code `{ "code": "VATEX-SA-35", "text": "..." }`; under `Z`, `E` or `O` for
 *   the tax codes of that category that have none of their own
 * - `counterFrom` and `previousHash`, optional: where an EGS unit goes on that sealed documents before
 *
 * `config.taxpayer` is the VAT number (that of the group where there is one), `config.till` the EGS unit.
 *
 * @module
 */

import { utf8, type Json, type JsonObject } from "@tillmesh/kernel";
import type { StreamConfig, StreamKey } from "../../document.ts";
import type { ReceiptLine } from "../../receipt.ts";
import type { SealFault } from "../../regime.ts";
import { keysInUse } from "../../rekey.ts";
import { withoutForbidden } from "./canonical-xml.ts";
import { isStampKey, readCertificate } from "./certificate.ts";

export interface SellerSettings {
  readonly sellerName: string;
  readonly street: string;
  readonly buildingNumber: string;
  readonly additionalNumber: string;
  readonly district: string;
  readonly city: string;
  readonly postalCode: string;
  readonly registrationScheme: string;
  readonly registration: string;
  readonly exemptions: ReadonlyMap<string, Exemption>;
  readonly counterFrom: number;
  readonly previousHash: string;
}

export interface Exemption {
  readonly code: string;
  readonly text: string;
}

/** Base64 of the hexadecimal digits of SHA-256 over "0": what the first document of a unit follows. */
export const firstPreviousHash =
  "NWZlY2ViNjZmZmM4NmYzOGQ5NTI3ODZjNmQ2OTZjNzljMmRiYzIzOWRkNGU5MWI0NjcyOWQ3M2EyN2ZiNTdlOQ==";

/** Of settings without a fault. */
export function readSettings({ settings }: StreamConfig): SellerSettings {
  const exemptions = Object.entries(objectIn(settings["exemptions"])).map(
    ([taxCode, value]) => [taxCode, readExemption(value)] as const,
  );
  return {
    sellerName: textIn(settings, "sellerName"),
    street: textIn(settings, "street"),
    buildingNumber: textIn(settings, "buildingNumber"),
    additionalNumber: textIn(settings, "additionalNumber"),
    district: textIn(settings, "district"),
    city: textIn(settings, "city"),
    postalCode: textIn(settings, "postalCode"),
    registrationScheme: textIn(settings, "registrationScheme"),
    registration: textIn(settings, "registration"),
    exemptions: new Map(exemptions),
    counterFrom: typeof settings["counterFrom"] === "number" ? settings["counterFrom"] : 0,
    previousHash: textIn(settings, "previousHash") || firstPreviousHash,
  };
}

/** Why a line bears no VAT, by its tax code, else by its category. */
export function exemptionOf(
  { exemptions }: Pick<SellerSettings, "exemptions">,
  { category, taxCode }: Pick<ReceiptLine, "category" | "taxCode">,
): Exemption | undefined {
  if (category === "S") return undefined;
  return exemptions.get(taxCode) ?? exemptions.get(category);
}

export function settingsFaults(config: StreamConfig): readonly SealFault[] {
  const { settings } = config;
  return [
    ...streamFaults(config),
    ...Object.entries(patterns).flatMap(([name, { pattern, says }]) =>
      unless(pattern.test(textIn(settings, name)), `/settings/${name}`, says),
    ),
    ...texts.flatMap((name) => textFaults(settings, name)),
    ...unless(
      utf8(textIn(settings, "sellerName")).length <= nameMaxBytes,
      "/settings/sellerName",
      `at most ${nameMaxBytes} bytes, so that the QR code holds it`,
    ),
    ...exemptionFaults(settings),
    ...counterFaults(settings),
  ];
}

/** The newest key whose certificate is in force. */
export function currentKey(
  config: StreamConfig,
  atMs: number,
): (StreamKey & { readonly certificate: string }) | undefined {
  return keysInUse(config)
    .filter(hasCertificate)
    .findLast((key) => notAfterOf(key) > atMs);
}

/** The certificate's own word, or an earlier one of the configuration. */
function notAfterOf({ certificate, notAfterMs = Infinity }: StreamKey): number {
  const read = readCertificate(certificate ?? "");
  return Math.min(notAfterMs, read.ok ? read.value.notAfterMs : 0);
}

function hasCertificate(key: StreamKey): key is StreamKey & { readonly certificate: string } {
  const certificate = readCertificate(key.certificate ?? "");
  return certificate.ok && isStampKey(certificate.value);
}

/** What 700 characters of base64 leave for the name. */
const nameMaxBytes = 140;
const textMax = 127;
const texts = ["sellerName", "street", "district", "city"] as const;

const patterns: Readonly<Record<string, { readonly pattern: RegExp; readonly says: string }>> = {
  buildingNumber: { pattern: /^\d{4}$/, says: "4 digits" },
  postalCode: { pattern: /^\d{5}$/, says: "5 digits" },
  additionalNumber: { pattern: /^(\d{4})?$/, says: "4 digits, or absent" },
  registrationScheme: {
    pattern: /^(CRN|MOM|MLS|700|SAG|OTH)$/,
    says: "CRN, MOM, MLS, 700, SAG or OTH",
  },
  registration: { pattern: /^[A-Za-z\d]{1,20}$/, says: "letters and digits" },
  previousHash: { pattern: /^([A-Za-z\d+/]{43}=)?$/, says: "base64 of a SHA-256, or absent" },
};

function streamFaults({
  currency,
  currencyDigits,
  keys,
  taxpayer,
  till,
  timeZone,
}: StreamConfig): readonly SealFault[] {
  return [
    ...unless(/^3\d{13}3$/.test(taxpayer), "/taxpayer", "15 digits that begin and end with 3"),
    ...unless(/^[\w.|-]{1,100}$/.test(till), "/till", "the EGS unit's serial number"),
    ...unless(currency === "SAR" && currencyDigits === 2, "/currency", "SAR with two digits"),
    ...unless(timeZone === "Asia/Riyadh", "/timeZone", "Asia/Riyadh"),
    ...unless(keys.some(hasCertificate), "/keys", "a key on secp256k1 with a certificate"),
  ];
}

function textFaults(settings: JsonObject, name: string): readonly SealFault[] {
  const value = textIn(settings, name);
  const isSound =
    value !== "" &&
    value.length <= textMax &&
    value.trim() === value &&
    withoutForbidden(value) === value;
  return unless(isSound, `/settings/${name}`, `text of at most ${textMax} characters`);
}

function exemptionFaults(settings: JsonObject): readonly SealFault[] {
  return Object.entries(objectIn(settings["exemptions"])).flatMap(([taxCode, value]) => {
    const { code, text } = readExemption(value);
    const isSound = /^VATEX-SA-[A-Z\d-]{1,12}$/.test(code) && text !== "" && text.length <= textMax;
    return unless(isSound, `/settings/exemptions/${taxCode}`, "a VATEX-SA code and its text");
  });
}

// One without the other would lie about the chain.
function counterFaults(settings: JsonObject): readonly SealFault[] {
  const counter = settings["counterFrom"] ?? 0;
  const isCounter = typeof counter === "number" && Number.isSafeInteger(counter) && counter >= 0;
  const hasHash = textIn(settings, "previousHash") !== "";
  return unless(
    isCounter && hasHash === counter > 0,
    "/settings/counterFrom",
    "0, or the last counter together with previousHash",
  );
}

function readExemption(value: Json | undefined): Exemption {
  const members = objectIn(value);
  return { code: textIn(members, "code"), text: textIn(members, "text") };
}

function textIn(members: JsonObject, name: string): string {
  const value = members[name];
  return typeof value === "string" ? value : "";
}

function objectIn(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function unless(isSound: boolean, pointer: string, detail: string): readonly SealFault[] {
  return isSound ? [] : [{ pointer, code: "setting", detail }];
}

/**
 * What a Norwegian stream is set up with, and the key that signs now. SPEC.md §12 (RNR).
 *
 * @module
 */

import { err, ok, type Json, type JsonObject, type Result } from "@tillmesh/kernel";
import type { StreamConfig, StreamKey } from "../../document.ts";
import type { SealFault, SettingsFault } from "../../regime.ts";
import { fromBase64 } from "../../base64.ts";
import { keysInUse } from "../../rekey.ts";
import { codeLists } from "./codes.ts";
import { rsaModulusBits } from "./keys.ts";

/** `StreamConfig.settings`; only `company` is asked for. */
export type NorwaySettings = {
  readonly company: NorwayCompany;
  /** Where the till stands; the company's address where absent. */
  readonly location?: NorwayAddress & { readonly name: string };
  readonly registerDescription?: string;
  readonly software?: {
    readonly name: string;
    readonly version: string;
    readonly vendor: string;
  };
  /** The key id that signs from now on; the last of `StreamConfig.keys` where absent. */
  readonly keyVersion?: string;
  /** Article group (list 04) by tax code; `04003`, sale of goods, where absent. */
  readonly articleGroups?: Readonly<Record<string, string>>;
  /** Standard VAT code by tax code, where the rate does not tell. */
  readonly vatCodes?: Readonly<Record<string, string>>;
  /** Means of payment (list 12) by kind of payment, beside those known here. */
  readonly payments?: Readonly<Record<string, string>>;
};

/** Its organisation number is `StreamConfig.taxpayer`: nine digits. */
export type NorwayCompany = NorwayAddress & {
  readonly name: string;
  /** In the VAT register; true where absent. */
  readonly isVatRegistered?: boolean;
};

export type NorwayAddress = {
  readonly street?: string;
  readonly streetNumber?: string;
  readonly postalCode: string;
  readonly city: string;
  readonly region?: string;
  /** `NO` where absent. */
  readonly country?: string;
};

/** Of a stream whose settings were accepted when it was opened. */
export function settingsOf(config: StreamConfig): NorwaySettings {
  return config.settings as unknown as NorwaySettings;
}

export function checkSettings(config: StreamConfig): Result<NorwaySettings, SettingsFault> {
  const faults = [...streamFaults(config), ...keyFaults(config), ...memberFaults(config.settings)];
  return faults.length === 0 ? ok(settingsOf(config)) : err({ type: "Settings", faults });
}

/** The key that signs what is sealed next. */
export function signingKey(config: StreamConfig): StreamKey | undefined {
  const { keyVersion } = settingsOf(config);
  const keys = keysInUse(config);
  return keyVersion === undefined ? keys.at(-1) : keys.find(({ keyId }) => keyId === keyVersion);
}

/** The control digit of organisation numbers: weights 3 2 7 6 5 4 3 2, modulo 11. */
export function isOrganisationNumber(text: string): boolean {
  if (!/^\d{9}$/.test(text)) return false;
  const weights = [3, 2, 7, 6, 5, 4, 3, 2, 1];
  const sum = weights.reduce((total, weight, index) => total + weight * Number(text[index]), 0);
  return sum % 11 === 0;
}

/** `nr` has at most 35 characters, an event's `series-E` and a sequence; `;` parts the signed text. */
const seriesPattern = /^[^;\p{C}]{1,20}$/u;
const keyIdMax = 50;

function streamFaults({
  taxpayer,
  till,
  series,
  currency,
  currencyDigits,
}: StreamConfig): readonly SealFault[] {
  return [
    ...faultUnless(isOrganisationNumber(taxpayer), "/taxpayer", "organisation-number"),
    ...faultUnless(isTextOf(till, 100), "/till", "length"),
    ...faultUnless(seriesPattern.test(series), "/series", "series"),
    ...faultUnless(currency === "NOK" && currencyDigits === 2, "/currency", "currency"),
  ];
}

function keyFaults(config: StreamConfig): readonly SealFault[] {
  const isKnown = signingKey(config) !== undefined;
  return [
    ...faultUnless(isKnown, "/settings/keyVersion", "key"),
    ...config.keys.flatMap(({ keyId, publicKey }, index) => [
      ...faultUnless(isTextOf(keyId, keyIdMax), `/keys/${index}/keyId`, "length"),
      ...faultUnless(isRsaOrSecret(publicKey), `/keys/${index}/publicKey`, "key-size"),
    ]),
  ];
}

function isRsaOrSecret(publicKey: string | undefined): boolean {
  if (publicKey === undefined) return true;
  const bits = rsaModulusBits(fromBase64(publicKey) ?? new Uint8Array());
  return bits === 1024 || bits === 2048;
}

function memberFaults(settings: JsonObject): readonly SealFault[] {
  const { company, location, software, registerDescription } = settings;
  return [
    ...addressFaults(company, "/settings/company"),
    ...(location === undefined ? [] : addressFaults(location, "/settings/location")),
    ...(software === undefined ? [] : softwareFaults(software)),
    ...optionalTextFault(registerDescription, 999, "/settings/registerDescription"),
    ...mapFaults(settings["articleGroups"], "/settings/articleGroups", isCodeOf("04")),
    ...mapFaults(settings["payments"], "/settings/payments", isCodeOf("12")),
    ...mapFaults(settings["vatCodes"], "/settings/vatCodes", (code) => /^\d{1,2}$/.test(code)),
  ];
}

function addressFaults(value: Json | undefined, pointer: string): readonly SealFault[] {
  if (!isObject(value)) return faultUnless(false, pointer, "missing");
  const { country } = value;
  return [
    ...faultUnless(isTextOf(value["name"], 100), `${pointer}/name`, "length"),
    ...faultUnless(isTextOf(value["postalCode"], 20), `${pointer}/postalCode`, "length"),
    ...faultUnless(isTextOf(value["city"], 50), `${pointer}/city`, "length"),
    ...optionalTextFault(value["street"], 100, `${pointer}/street`),
    ...optionalTextFault(value["streetNumber"], 20, `${pointer}/streetNumber`),
    ...optionalTextFault(value["region"], 50, `${pointer}/region`),
    ...faultUnless(
      country === undefined || (typeof country === "string" && /^[A-Z]{2}$/.test(country)),
      `${pointer}/country`,
      "country",
    ),
  ];
}

function softwareFaults(value: Json): readonly SealFault[] {
  const pointer = "/settings/software";
  if (!isObject(value)) return faultUnless(false, pointer, "missing");
  return [
    ...faultUnless(isTextOf(value["name"], 100), `${pointer}/name`, "length"),
    ...faultUnless(isTextOf(value["version"], 20), `${pointer}/version`, "length"),
    ...faultUnless(isTextOf(value["vendor"], 100), `${pointer}/vendor`, "length"),
  ];
}

function mapFaults(
  value: Json | undefined,
  pointer: string,
  isCode: (code: string) => boolean,
): readonly SealFault[] {
  if (value === undefined) return [];
  if (!isObject(value)) return faultUnless(false, pointer, "missing");
  return Object.entries(value).flatMap(([name, code]) =>
    faultUnless(typeof code === "string" && isCode(code), `${pointer}/${name}`, "code"),
  );
}

function isCodeOf(list: keyof typeof codeLists): (code: string) => boolean {
  return (code) => Object.hasOwn(codeLists[list], code);
}

function optionalTextFault(
  value: Json | undefined,
  max: number,
  pointer: string,
): readonly SealFault[] {
  return faultUnless(value === undefined || isTextOf(value, max), pointer, "length");
}

function isTextOf(value: Json | undefined, max: number): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= max;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const details: Readonly<Record<string, string>> = {
  "organisation-number": "nine digits with their control digit",
  length: "a text of the length that the schema allows",
  series: "1 to 20 characters without a semicolon",
  currency: "Norwegian tills keep their books in NOK with two digits",
  key: "the key that signs must be among the stream's keys",
  "key-size": "RSA keys have 1024 or 2048 bits",
  missing: "an object is asked for",
  country: "ISO 3166-1 alpha-2",
  code: "a code of the authority's list",
};

function faultUnless(isRight: boolean, pointer: string, code: string): readonly SealFault[] {
  return isRight ? [] : [{ pointer, code, detail: details[code] ?? code }];
}

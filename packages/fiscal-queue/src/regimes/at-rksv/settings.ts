/**
 * What an Austrian stream is configured with. SPEC.md §9 (RAT).
 *
 * `StreamConfig.till` is the KassenID (see `cashBoxIdOf`); `keys[].keyId` is the text that stands in the receipt's serial field:
 * the certificate's serial number in hex, or company id and key id. `secrets.turnover` is the AES key of 32 bytes. In `settings`:
 *
 * | name | |
 * |---|---|
 * | `system` | `"open"` (certificates) or `"closed"` (keys registered by the company) |
 * | `trustProvider` | open: `"AT1"` and up, who issued the certificate; closed is always `AT0` |
 * | `companyId` | closed: `"U:ATU12345678"`; every key id begins with it and a `-` |
 * | `counterBytes` | size of the turnover counter, 5 to 8; 8 unless said |
 * | `dailyZero` | `true`: every closed day asks for a zero receipt; the law does not |
 * | `authorities` | by key id: the certificates above the signing one, base64 DER, for the export |
 * | `rates` | dated table of the five fields in place of the built-in one, see `tax-fields.ts` |
 *
 * @module
 */

import { err, ok, type Json, type JsonObject, type Result } from "@tillmesh/kernel";
import type { StreamConfig, StreamKey } from "../../document.ts";
import type { SealFault, SettingsFault } from "../../regime.ts";
import { base64, fromBase64 } from "../../base64.ts";
import { keptSettings, keysInUse } from "../../rekey.ts";
import { readCertificate } from "./certificate.ts";
import { builtInRates, readRates, type RatePeriod } from "./tax-fields.ts";

export interface RksvSettings {
  readonly trustProvider: string;
  readonly counterBytes: number;
  readonly asksDailyZero: boolean;
  readonly authorities: JsonObject;
  readonly rates: readonly RatePeriod[];
}

/** Once for each config: certificates are not read anew with every sale. */
export function readSettings(config: StreamConfig): Result<RksvSettings, SettingsFault> {
  const known = alreadyRead.get(config);
  if (known !== undefined) return known;
  const settings = settingsOf(config);
  alreadyRead.set(config, settings);
  return settings;
}

/** A new epoch begins a new chain, and a chain belongs to one KassenID: it takes one of its own, which is registered anew. */
export function cashBoxIdOf({ till, epoch }: StreamConfig): string {
  return epoch === 1 ? till : `${till}-${epoch}`;
}

/**
 * Of those not retired, the first key whose certificate has not expired; where all have, the last one, which the RKSV allows. So the next key
 * stands ready behind the one in use, and to change at once is to put it first. None leaves the list: documents are verified with them.
 */
export function keyInUse(config: StreamConfig, nowMs: number): StreamKey | undefined {
  const keys = keysInUse(config);
  return (
    keys.find(({ notAfterMs }) => notAfterMs === undefined || nowMs < notAfterMs) ?? keys.at(-1)
  );
}

/** One cash box, one system, one form of counter. Authorities of certificates that signed before stay for the export. */
export function settingsAfter(
  before: JsonObject,
  settings: JsonObject,
): Result<JsonObject, SettingsFault> {
  const kept = keptSettings(before, settings, ["system", "companyId", "counterBytes"]);
  if (!kept.ok) return kept;
  const authorities = { ...objectOf(before["authorities"]), ...objectOf(settings["authorities"]) };
  const isNone = Object.keys(authorities).length === 0;
  return ok(isNone ? kept.value : { ...kept.value, authorities });
}

/** SPKI DER, out of the certificate where only that is there. */
export function publicKeyOf({ certificate, publicKey }: StreamKey): Uint8Array | undefined {
  if (publicKey !== undefined) return fromBase64(publicKey);
  const der = certificate === undefined ? undefined : fromBase64(certificate);
  return der === undefined ? undefined : readCertificate(der)?.publicKey;
}

/** Serial numbers as texts differ in leading zeros and in the case of their letters. */
export function isSameSerial(one: string, other: string): boolean {
  return plainSerial(one) === plainSerial(other);
}

const alreadyRead = new WeakMap<StreamConfig, Result<RksvSettings, SettingsFault>>();

function settingsOf(config: StreamConfig): Result<RksvSettings, SettingsFault> {
  const faults = [...streamFaults(config), ...systemFaults(config), ...keysFaults(config)];
  const { settings } = config;
  const rates = settings["rates"] === undefined ? builtInRates : readRates(settings["rates"]);
  const counterBytes = settings["counterBytes"] ?? 8;
  if (rates === undefined) faults.push(fault("/settings/rates", "rates", "no table of rates"));
  if (typeof counterBytes !== "number" || ![5, 6, 7, 8].includes(counterBytes)) {
    faults.push(fault("/settings/counterBytes", "counter-bytes", "5 to 8 bytes"));
  }
  if (faults.length > 0) return err({ type: "Settings", faults });
  return ok({
    trustProvider: isClosed(settings) ? "AT0" : textOf(settings["trustProvider"]),
    counterBytes: Number(counterBytes),
    asksDailyZero: settings["dailyZero"] === true,
    authorities: objectOf(settings["authorities"]),
    rates: rates ?? [],
  });
}

function plainSerial(text: string): string {
  return text.toLowerCase().replace(/^0+(?=.)/, "");
}

function streamFaults({ till, series, currency, currencyDigits }: StreamConfig): SealFault[] {
  return [
    ...when(!isFieldText(till), "/till", "cash-box-id"),
    ...when(!isFieldText(series), "/series", "series"),
    ...when(currency !== "EUR" || currencyDigits !== 2, "/currency", "currency"),
  ];
}

function systemFaults({ settings }: StreamConfig): readonly SealFault[] {
  const { system, trustProvider, companyId } = settings;
  if (system === "closed") {
    const isCompany = /^[A-Z]:[^_\s]+$/.test(textOf(companyId));
    return when(!isCompany, "/settings/companyId", "company-id");
  }
  if (system !== "open") return [fault("/settings/system", "system", "open or closed")];
  return when(
    !/^AT[1-9]\d*$/.test(textOf(trustProvider)),
    "/settings/trustProvider",
    "trust-provider",
  );
}

function keysFaults(config: StreamConfig): readonly SealFault[] {
  if (config.keys.length === 0) return [fault("/keys", "keys", "a key is needed")];
  return config.keys.flatMap((key, at) => [
    ...when(!isFieldText(key.keyId), `/keys/${at}/keyId`, "key-id"),
    ...when(publicKeyOf(key) === undefined, `/keys/${at}/publicKey`, "public-key"),
    ...when(!isKeyIdOf(key, config), `/keys/${at}/keyId`, "serial"),
    ...when(!isKeyOfCertificate(key), `/keys/${at}/certificate`, "certificate"),
  ]);
}

function isKeyIdOf({ certificate, keyId }: StreamKey, { settings }: StreamConfig): boolean {
  if (isClosed(settings)) return keyId.startsWith(`${textOf(settings["companyId"])}-`);
  if (!/^[0-9a-fA-F]+$/.test(keyId)) return false;
  const der = certificate === undefined ? undefined : fromBase64(certificate);
  const serial = der === undefined ? undefined : readCertificate(der)?.serial;
  return serial === undefined || isSameSerial(serial, keyId);
}

function isKeyOfCertificate({ certificate, keyId, publicKey }: StreamKey): boolean {
  if (certificate === undefined || publicKey === undefined) return true;
  const ofCertificate = publicKeyOf({ keyId, certificate });
  return ofCertificate !== undefined && base64(ofCertificate) === publicKey;
}

function isClosed({ system }: JsonObject): boolean {
  return system === "closed";
}

/** Fields are separated by `_`, and a code is read by the letter. */
function isFieldText(text: string): boolean {
  return /^[^_\s\p{C}]{1,80}$/u.test(text);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : {};
}

function when(isWrong: boolean, pointer: string, code: string): readonly SealFault[] {
  return isWrong ? [fault(pointer, code, `not a ${code} of the RKSV`)] : [];
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

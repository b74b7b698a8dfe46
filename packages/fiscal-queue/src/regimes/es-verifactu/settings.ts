/**
 * What this regime asks of `StreamConfig.settings`. SPEC.md §10 (RES).
 *
 * @module
 */

import { err, ok, type Json, type JsonObject, type Result } from "@tillmesh/kernel";
import type { StreamConfig } from "../../document.ts";
import type { SealFault, SettingsFault } from "../../regime.ts";
import { plainText } from "./xml.ts";

export interface Settings {
  readonly sellerName: string;
  /** Which of the authority's hosts the QR code names. */
  readonly environment: "test" | "production";
  readonly software: Software;
  /** 01 VAT, 02 IPSI (Ceuta, Melilla), 03 IGIC (Canaries), 05 other. */
  readonly tax: string;
  /** ClaveRegimen; 01 is the general one. */
  readonly regimeKey: string;
  /** OperacionExenta of exempt sales. */
  readonly exemption: string;
  /** CalificacionOperacion of what lies outside the tax. */
  readonly outOfScope: string;
  readonly description: string;
  /** NumRegistroAcuerdoFacturacion. */
  readonly billingAgreement: string;
}

/** The block SistemaInformatico: who made the software, and which. */
export interface Software {
  readonly producerName: string;
  readonly producerNif: string;
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly isOnlyVeriFactu: boolean;
  readonly mayServeSeveral: boolean;
  readonly servesSeveral: boolean;
}

export function settingsOf(config: StreamConfig): Result<Settings, SettingsFault> {
  const faults: SealFault[] = [];
  const reader = readerOf(config.settings, "/settings", faults);
  const settings: Settings = {
    sellerName: plainText(reader.text("sellerName", /\S/), 120),
    environment:
      reader.text("environment", /^(test|production)$/) === "production" ? "production" : "test",
    software: softwareOf(config.settings["software"], faults),
    tax: reader.text("tax", /^0[1235]$/, "01"),
    regimeKey: reader.text("regimeKey", regimeKeys, "01"),
    exemption: reader.text("exemption", /^E[1-8]$/, "E1"),
    outOfScope: reader.text("outOfScope", /^N[12]$/, "N1"),
    description: plainText(reader.text("description", /\S/, "Venta al por menor"), 500),
    billingAgreement: reader.text("billingAgreement", /^.{0,15}$/, ""),
  };
  checkStream(config, settings, faults);
  return faults.length === 0 ? ok(settings) : err({ type: "Settings", faults });
}

/**
 * What the authority calls this till. A later epoch is a new chain, which needs a new installation: with the old
 * name its first record would claim to be the first of a chain that has others.
 */
export function installationOf({ till, epoch }: StreamConfig): string {
  return epoch === 1 ? till : `${till}-${epoch}`;
}

/** ClaveRegimen as the schema lists it. */
export const regimeKeys: RegExp = /^(0[1-9]|1[014578]|19|2[01])$/;

/** Printable ASCII without `"`, `'`, `<`, `>`, `=`. */
export const numberPattern: RegExp = /^[ !#-&(-;?-~]{1,60}$/;

export const nifPattern: RegExp = /^[A-Z0-9]{9}$/;

function softwareOf(value: Json | undefined, faults: SealFault[]): Software {
  const reader = readerOf(value, "/settings/software", faults);
  return {
    producerName: plainText(reader.text("producerName", /\S/), 120),
    producerNif: reader.text("producerNif", nifPattern),
    name: plainText(reader.text("name", /^.{1,30}$/), 30),
    id: reader.text("id", /^[A-Z0-9]{2}$/),
    version: reader.text("version", /^.{1,50}$/),
    isOnlyVeriFactu: reader.isSet("isOnlyVeriFactu"),
    mayServeSeveral: reader.isSet("mayServeSeveral"),
    servesSeveral: reader.isSet("servesSeveral"),
  };
}

function checkStream(config: StreamConfig, settings: Settings, faults: SealFault[]): void {
  const fault = (pointer: string, code: string, detail: string): unknown =>
    faults.push({ pointer, code, detail });
  if (!nifPattern.test(config.taxpayer)) {
    fault("/taxpayer", "nif", "nine characters A-Z and 0-9");
  }
  if (!/^\S.{0,89}$/.test(config.till)) fault("/till", "till", "1 to 90 characters");
  if (!numberPattern.test(`${config.series}-000000`)) {
    fault("/series", "series", "at most 53 printable ASCII characters without \" ' < > =");
  }
  if (config.currency !== "EUR" || config.currencyDigits !== 2) {
    fault("/currency", "currency", "invoices are in EUR with two digits");
  }
  if (config.isTest && settings.environment === "production") {
    fault("/settings/environment", "environment", "test keys do not go to production");
  }
}

interface Reader {
  /** Without `otherwise` the member is needed. */
  text(name: string, pattern: RegExp, otherwise?: string): string;
  isSet(name: string): boolean;
}

function readerOf(value: Json | undefined, pointer: string, faults: SealFault[]): Reader {
  const members: JsonObject = isObject(value) ? value : {};
  return {
    text: (name, pattern, otherwise) => {
      const found = members[name] ?? otherwise;
      if (typeof found === "string" && pattern.test(found)) return found;
      faults.push({
        pointer: `${pointer}/${name}`,
        code: "setting",
        detail: `must match ${pattern.source}`,
      });
      return "";
    },
    isSet: (name) => {
      const found = members[name] ?? false;
      if (typeof found === "boolean") return found;
      faults.push({ pointer: `${pointer}/${name}`, code: "setting", detail: "must be a boolean" });
      return false;
    },
  };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

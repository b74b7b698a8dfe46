/**
 * Verifies an export for the authority, whoever wrote it, from its text and the keys. SPEC.md §9 (RAT).
 *
 * @module
 */

import { err, ok, parseJson, type Json, type JsonObject, type Result } from "@tillmesh/kernel";
import type { FiscalCrypto } from "../../ports.ts";
import type { VerifyFinding } from "../../regime.ts";
import { fromBase64 } from "../../base64.ts";
import { readCertificate } from "./certificate.ts";
import { walkFrom, walkReceipt, type WalkInput } from "./receipt-walk.ts";
import { isSameSerial } from "./settings.ts";

/** What the ministry's tool takes beside an export: `cryptographicMaterialContainer.json`. */
export interface RksvMaterial {
  readonly aesKey: Uint8Array;
  /** SPKI DER by the text of the serial field. */
  readonly publicKeys: ReadonlyMap<string, Uint8Array>;
}

export interface Dep7Report {
  readonly findings: readonly VerifyFinding[];
  readonly receiptCount: number;
  /** The counter at the end, in cents. */
  readonly turnoverMinor: bigint;
}

/**
 * Groups are read one after the other as one chain. A certificate in the export is trusted only where `material` has its key, or
 * where `trustsCertificates` says so: then the signatures show that the export is whole, not whose it is.
 */
export function verifyDep7(
  text: string,
  material: RksvMaterial,
  { crypto, trustsCertificates = false }: Dep7Options,
): Result<Dep7Report, Dep7Fault> {
  const groups = readGroups(text);
  if (groups === undefined) return err({ type: "NoDep7" });
  const offered = trustsCertificates ? groups.flatMap(certificateOf) : [];
  const input: WalkInput = {
    crypto,
    aesKey: material.aesKey,
    publicKeyOf: (serial) =>
      material.publicKeys.get(serial) ??
      offered.find((one) => isSameSerial(one.serial, serial))?.publicKey,
  };
  let state = walkFrom(input);
  const findings: VerifyFinding[] = [];
  for (const receipt of groups.flatMap(({ receipts }) => receipts)) {
    const step = walkReceipt(receipt, state, input);
    state = step.state;
    const number = step.payload?.number ?? "";
    findings.push(
      ...step.faults.map((fault) => ({ sequence: step.state.count, number, ...fault })),
    );
  }
  if (state.count === 0)
    findings.push({ sequence: 0, number: "", code: "start", detail: "is empty" });
  return ok({ findings, receiptCount: state.count, turnoverMinor: state.turnoverMinor });
}

export interface Dep7Options {
  readonly crypto: FiscalCrypto;
  readonly trustsCertificates?: boolean;
}

/** The text is no export at all. */
export interface Dep7Fault {
  readonly type: "NoDep7";
}

/** Reads `cryptographicMaterialContainer.json`. The names in its map count, not the serials inside of its certificates. */
export function readRksvMaterial(text: string): Result<RksvMaterial, MaterialFault> {
  const container = readObject(text);
  const aesKey = bytesOf(container["base64AESKey"]);
  const map = container["certificateOrPublicKeyMap"];
  if (aesKey?.length !== 32 || !isObject(map)) return err({ type: "NoMaterial", detail: "shape" });
  const publicKeys = new Map<string, Uint8Array>();
  for (const [serial, entry] of Object.entries(map)) {
    const key = isObject(entry) ? keyOf(entry) : undefined;
    if (key === undefined) return err({ type: "NoMaterial", detail: serial });
    publicKeys.set(serial, key);
  }
  return ok({ aesKey, publicKeys });
}

export interface MaterialFault {
  readonly type: "NoMaterial";
  /** `shape`, or the name of the key that cannot be read. */
  readonly detail: string;
}

interface Group {
  readonly certificate: string;
  readonly receipts: readonly string[];
}

function readGroups(text: string): readonly Group[] | undefined {
  const groups = readObject(text)["Belege-Gruppe"];
  if (!isList(groups)) return undefined;
  const read = groups.map(readGroup).filter((group) => group !== undefined);
  return read.length === groups.length ? read : undefined;
}

function readGroup(value: Json): Group | undefined {
  if (!isObject(value)) return undefined;
  const { "Belege-kompakt": receipts, Signaturzertifikat: certificate = "" } = value;
  if (!isList(receipts) || typeof certificate !== "string") return undefined;
  // What is no text stays in its place, as a receipt that cannot be read.
  return { certificate, receipts: receipts.map((one) => (typeof one === "string" ? one : "")) };
}

function certificateOf({
  certificate,
}: Group): readonly { serial: string; publicKey: Uint8Array }[] {
  const der = certificate === "" ? undefined : fromBase64(certificate);
  const read = der === undefined ? undefined : readCertificate(der);
  return read === undefined ? [] : [read];
}

function keyOf(entry: JsonObject): Uint8Array | undefined {
  const bytes = bytesOf(entry["signatureCertificateOrPublicKey"]);
  if (bytes === undefined || entry["signatureDeviceType"] !== "CERTIFICATE") return bytes;
  return readCertificate(bytes)?.publicKey;
}

function bytesOf(value: Json | undefined): Uint8Array | undefined {
  return typeof value === "string" ? fromBase64(value) : undefined;
}

function readObject(text: string): JsonObject {
  const parsed = parseJson(text, { maxBytes: text.length * 4 });
  return parsed.ok && isObject(parsed.value) ? parsed.value : {};
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Activates this device with real keys: checked as a whole before anything is written.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from "node:crypto";
import { err, isBusinessDate, ok, type JsonObject, type Result } from "@tillmesh/kernel";
import type { StreamKey } from "@tillmesh/fiscal-queue";
import type { Fault, Refusal } from "../http/problem.ts";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";
import { readSecrets } from "./activation-secrets.ts";
import type { Activation } from "./key-files.ts";
import { rekeyed } from "./rekeying.ts";
import { configFor, goesOn, seriesOf, stateAtOpening } from "./stream-plan.ts";

export interface ActivateRequest {
  readonly regime: string;
  readonly taxpayer: string;
  /** What the authority calls this till. */
  readonly till: string;
  readonly settings: JsonObject;
  /** In the order in which they are to be used. */
  readonly keys: readonly KeyFile[];
  /** By name, base64. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The business date from which on it holds. */
  readonly from: string;
  readonly isTest: boolean;
  readonly address?: string | undefined;
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface KeyFile {
  readonly keyId: string;
  /** PEM, or base64 of a shared key. Absent where a device holds it. */
  readonly privateKey?: string | undefined;
  /** PEM. */
  readonly certificate?: string | undefined;
}

export function activateFiscal(till: Till, request: ActivateRequest): Result<Activation, Refusal> {
  const keys = readKeys(request.keys);
  if (!keys.ok) return keys;
  if (!isBusinessDate(request.from))
    return refuse([{ pointer: "/from", code: "date", detail: "is no day written YYYY-MM-DD" }]);
  const { regime, taxpayer, till: name, settings, from, isTest, address } = request;
  const activation: Activation = {
    v: 1,
    regime,
    taxpayer,
    till: name,
    isTest,
    keys: keys.value,
    settings,
    from,
    ...present({ address }),
  };
  const { replica, fiscal } = till;
  const lastNumber = till.state.receipts[seriesOf(replica)] ?? 0;
  const config = configFor(activation, { replica, lastNumber, state: fiscal.state });
  const opens = stateAtOpening(config);
  if (!opens.ok) return opens;
  const { stream } = fiscal.state;
  if (stream !== null && goesOn(stream, activation, replica)) {
    const changes = rekeyed(stream, activation, till.clock.nowMs());
    if (!changes.ok) return changes;
  }
  const secrets = readSecrets(request, fiscal.keyRing(activation).secrets);
  if (!secrets.ok) return secrets;
  const { client, headers } = request;
  fiscal.activate(activation, { ...secrets.value, ...present({ client, headers }) });
  return ok(activation);
}

function readKeys(files: readonly KeyFile[]): Result<readonly StreamKey[], Refusal> {
  const read = files.map((file, at) => readKey(file, `/keys/${at}`));
  const faults = read.flatMap((one): readonly Fault[] => {
    if (one.ok) return [];
    const { pointer, code, detail } = one.error;
    return [{ pointer, code, detail }];
  });
  return faults.length > 0
    ? refuse(faults)
    : ok(read.flatMap((one) => (one.ok ? [one.value] : [])));
}

function readKey(file: KeyFile, pointer: string): Result<StreamKey, KeyFault> {
  const { keyId, privateKey, certificate } = file;
  const fault = (member: string, detail: string) =>
    err({ type: "KeyFault", pointer: `${pointer}/${member}`, code: "key", detail } as const);
  try {
    const cert = certificate === undefined ? undefined : new X509Certificate(certificate);
    const key = privateKeyOf(privateKey);
    if (key !== undefined && cert?.checkPrivateKey(key) === false)
      return fault("certificate", "is of another key");
    return ok({ keyId, ...publicParts(cert, key) });
  } catch (error) {
    return fault("privateKey", error instanceof Error ? error.message : "cannot be read");
  }
}

/** Undefined for a shared key, which has nothing public. */
function privateKeyOf(text: string | undefined): KeyObject | undefined {
  return text?.startsWith("-----BEGIN") === true ? createPrivateKey(text) : undefined;
}

function publicParts(cert: X509Certificate | undefined, key: KeyObject | undefined) {
  const spki = key === undefined ? cert?.publicKey : createPublicKey(key);
  return present({
    certificate: cert?.raw.toString("base64"),
    publicKey: spki?.export({ format: "der", type: "spki" }).toString("base64"),
    notAfterMs: cert === undefined ? undefined : Date.parse(cert.validTo),
  });
}

interface KeyFault extends Fault {
  readonly type: "KeyFault";
}

function refuse(faults: readonly Fault[]): Result<never, Refusal> {
  return err({ type: "FiscalSettings", faults });
}

/**
 * What a regime keeps secret on this device, checked against what is kept already: what documents were sealed with must not change under them.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { hmacKeyOf, hmacSecretName } from "@tillmesh/fiscal-queue";
import type { Fault, Refusal } from "../http/problem.ts";
import type { ActivateRequest, KeyFile } from "./activate.ts";
import type { KeyMaterial } from "./key-files.ts";

export type Secrets = Pick<KeyMaterial, "privateKeys" | "secrets">;

type Kept = KeyMaterial["secrets"];

/** `kept`: what this till has of an earlier activation. */
export function readSecrets(request: ActivateRequest, kept: Kept): Result<Secrets, Refusal> {
  const said = Object.entries(request.secrets).map(
    ([name, text]) => [name, new Uint8Array(Buffer.from(text, "base64"))] as const,
  );
  const secrets = Object.fromEntries(said);
  const privateKeys = Object.fromEntries(
    request.keys.flatMap(({ keyId, privateKey }) =>
      privateKey === undefined ? [] : [[keyId, privateKey] as const],
    ),
  );
  const read = readers[request.regime]?.({ privateKeys, secrets }, { kept, keys: request.keys });
  return read ?? ok({ privateKeys, secrets });
}

interface Around {
  readonly kept: Kept;
  readonly keys: readonly KeyFile[];
}

const readers: Readonly<
  Record<string, (said: Secrets, around: Around) => Result<Secrets, Refusal>>
> = { "at-rksv": readAustrian, "no-saft": readNorwegian };

/** One key for the turnover counter of a cash box, for its whole life. */
function readAustrian(said: Secrets, { kept }: Around): Result<Secrets, Refusal> {
  const turnover = said.secrets["turnover"];
  const known = kept["turnover"];
  const pointer = "/secrets/turnover";
  if (turnover === undefined) {
    const detail = "The AES key of the turnover counter is missing: --secret turnover=FILE.";
    return known === undefined ? refuse([{ pointer, code: "missing", detail }]) : ok(said);
  }
  if (turnover.length !== 32) {
    const detail = `An AES key of 32 bytes is asked for, as base64; this has ${turnover.length}.`;
    return refuse([{ pointer, code: "key-size", detail }]);
  }
  if (known === undefined || isSame(known, turnover)) return ok(said);
  const detail =
    "A cash box keeps the AES key of its turnover counter for its whole life, and this one has another. Leave the secret out, or register a new cash box under another --till.";
  return refuse([{ pointer, code: "lifelong", detail }]);
}

/** A shared key signs and verifies: it is kept as both. */
function readNorwegian(said: Secrets, { kept, keys }: Around): Result<Secrets, Refusal> {
  const faults: Fault[] = [];
  const privateKeys = { ...said.privateKeys };
  const secrets = { ...said.secrets };
  for (const [at, { keyId, privateKey, certificate }] of keys.entries()) {
    const isShared = privateKey !== undefined && !privateKey.startsWith("-----BEGIN");
    if (!isShared || certificate !== undefined) continue;
    const shared = hmacKeyOf(privateKey);
    const pointer = `/keys/${at}/privateKey`;
    if (!shared.ok) {
      const detail = "A shared key has 128 bits: 16 characters, or 24 of base64.";
      faults.push({ pointer, code: "key-size", detail });
      continue;
    }
    const name = hmacSecretName(keyId);
    const known = kept[name] ?? said.secrets[name];
    if (known !== undefined && !isSame(known, shared.value)) {
      const detail = `Key version "${keyId}" is another key here. A new key takes a new version.`;
      faults.push({ pointer, code: "key-id", detail });
    }
    privateKeys[keyId] = Buffer.from(shared.value).toString("base64");
    secrets[name] = shared.value;
  }
  return faults.length > 0 ? refuse(faults) : ok({ privateKeys, secrets });
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}

function refuse(faults: readonly Fault[]): Result<never, Refusal> {
  return err({ type: "FiscalSettings", faults });
}

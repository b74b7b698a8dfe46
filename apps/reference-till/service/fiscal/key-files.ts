/**
 * What a fiscal stream needs and nobody else may see: `fiscal/` in the device's directory, readable by this user alone.
 *
 * A folder for each activation: private keys as PEM, one file each; other secrets as base64. The activation is written last, so that a crash leaves keys without a use, never a stream without its keys.
 *
 * @module
 */

import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { JsonObject } from "@tillmesh/kernel";
import type { FiscalSigner, StreamKey } from "@tillmesh/fiscal-queue";
import { createSoftwareSigner } from "@tillmesh/fiscal-queue/node";
import { readIfThere, writePrivateFile } from "../identity/private-file.ts";
import { present } from "../till/present.ts";

/** What this device was activated with. Type aliases, not interfaces: see Json. */
export type Activation = {
  readonly v: 1;
  readonly regime: string;
  readonly taxpayer: string;
  /** What the authority calls this till. */
  readonly till: string;
  readonly isTest: boolean;
  readonly keys: readonly StreamKey[];
  readonly settings: JsonObject;
  /** The business date from which on it holds. */
  readonly from: string;
  /** Where documents are delivered to; absent where nothing is sent, or nowhere yet. */
  readonly address?: string;
  /** It came back with a recovery kit: this is another till now, and seals nothing with it until it is activated here. */
  readonly isRestored?: true;
};

export interface KeyRing {
  /** Absent without a single key. */
  readonly signer?: FiscalSigner;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  /** Of the private keys here: SPKI DER, base64. */
  readonly publicKeys: ReadonlySet<string>;
  /** Of the connection to the authority. */
  readonly client?: { readonly cert: string; readonly key: string };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KeyMaterial {
  /** PEM by key id; of a shared key for HMAC the base64 of its bytes. */
  readonly privateKeys: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  readonly client?: KeyRing["client"];
  readonly headers?: KeyRing["headers"];
}

/** In the order in which they were made. */
export function readActivations(directory: string): readonly Activation[] {
  const found = readJson(path.join(directory, "fiscal", "activations.json"));
  return (found ?? []) as readonly Activation[];
}

/** The one that holds on a date: it began last, and was made last of those that began together. */
export function activationOn(
  activations: readonly Activation[],
  date: string,
): Activation | undefined {
  return activations
    .filter(({ from, isRestored = false }) => from <= date && !isRestored)
    .reduce<Activation | undefined>(
      (last, one) => (last === undefined || one.from >= last.from ? one : last),
      undefined,
    );
}

export function writeActivation(
  directory: string,
  activation: Activation,
  { privateKeys, secrets, client, headers }: KeyMaterial,
): void {
  const home = homeOf(directory, activation);
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string) =>
    writePrivateFile(path.join(home, name), content.endsWith("\n") ? content : `${content}\n`);
  for (const [id, key] of Object.entries(privateKeys)) write(nameOf("key", id), key);
  for (const [name, bytes] of Object.entries(secrets)) {
    write(nameOf("secret", name), Buffer.from(bytes).toString("base64"));
  }
  if (client !== undefined) write("client.json", JSON.stringify(client));
  if (headers !== undefined) write("headers.json", JSON.stringify(headers));
  // Those of before hold until this one does; what else was to begin from then on it replaces.
  const others = readActivations(directory).filter(
    (one) => !(isSameOwner(one, activation) && one.from >= activation.from),
  );
  const text = `${JSON.stringify([...others, activation], null, 2)}\n`;
  writePrivateFile(path.join(directory, "fiscal", "activations.json"), text);
}

/** Of an earlier activation too: its documents are still to be exported. */
export function readKeyRing(directory: string, of: KeyOwner): KeyRing {
  const home = homeOf(directory, of);
  const names = fs.existsSync(home) ? fs.readdirSync(home) : [];
  const textOf = (name: string) => fs.readFileSync(path.join(home, name), "utf8").trim();
  const keys = listed(names, "key").map(([name, id]) => [id, keyOf(textOf(name))] as const);
  const secrets = listed(names, "secret").map(
    ([name, id]) => [id, new Uint8Array(Buffer.from(textOf(name), "base64"))] as const,
  );
  return {
    secrets: Object.fromEntries(secrets),
    publicKeys: new Set(keys.flatMap(([, key]) => publicKeyOf(key))),
    ...present({
      signer: keys.length === 0 ? undefined : createSoftwareSigner(Object.fromEntries(keys)),
      client: readJson(path.join(home, "client.json")) as KeyRing["client"],
      headers: readJson(path.join(home, "headers.json")) as KeyRing["headers"],
    }),
  };
}

/** Whose keys and secrets share a folder. */
export type KeyOwner = Pick<Activation, "regime" | "till" | "isTest">;

function isSameOwner(a: KeyOwner, b: KeyOwner): boolean {
  return a.regime === b.regime && a.till === b.till && a.isTest === b.isTest;
}

function homeOf(directory: string, owner: KeyOwner): string {
  return path.join(directory, "fiscal", keyFolderOf(owner));
}

export function keyFolderOf({ regime, till, isTest }: KeyOwner): string {
  return encodeURIComponent(`${regime}-${till}${isTest ? "-test" : ""}`);
}

/** Of another device: behind none that this one has. */
export function writeRestoredActivations(
  directory: string,
  activations: readonly Activation[],
): readonly Activation[] {
  const restored = activations.map((one) => ({ ...one, isRestored: true as const }));
  const text = `${JSON.stringify([...restored, ...readActivations(directory)], null, 2)}\n`;
  writePrivateFile(path.join(directory, "fiscal", "activations.json"), text);
  return restored;
}

/** A key id may hold any character; a file name may not. */
function nameOf(kind: "key" | "secret", id: string): string {
  return `${kind}-${encodeURIComponent(id)}`;
}

function listed(
  names: readonly string[],
  kind: "key" | "secret",
): readonly (readonly [name: string, id: string])[] {
  return names
    .filter((name) => name.startsWith(`${kind}-`) && !name.endsWith(".tmp"))
    .map((name) => [name, decodeURIComponent(name.slice(kind.length + 1))] as const);
}

function keyOf(text: string): KeyObject {
  return text.startsWith("-----BEGIN")
    ? createPrivateKey(text)
    : createSecretKey(Buffer.from(text, "base64"));
}

/** None of a shared key. */
function publicKeyOf(key: KeyObject): readonly string[] {
  if (key.type !== "private") return [];
  return [createPublicKey(key).export({ format: "der", type: "spki" }).toString("base64")];
}

function readJson(file: string): unknown {
  const text = readIfThere(file);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

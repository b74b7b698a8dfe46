/**
 * An identity on disk.
 *
 *     identity/device.json      ids and names; written last: it is the commit point
 *     identity/device.key.pem   0600
 *     identity/chain.pem
 *     identity/ca.pem
 *     ca/ca.key.pem             0600, at the HQ that holds the CA
 *     ca/channels.key           0600, beside it: the secret of all channel keys
 *
 * A crash before `device.json` leaves an unfinished identity, which nobody has
 * seen yet: `init` or `join` is repeated and writes over it. Rules:
 * SPEC.md [IS1]-[IS5].
 *
 * @module
 */

import { err, hex, ok, utf8, type Crypto, type Json, type Result } from "@tillmesh/kernel";
import type { ChannelMaster } from "./channel-keys.ts";
import { readEnvelope, writeEnvelope, type EnvelopeError } from "./envelope.ts";
import { cursorOf, member, readBoolean } from "./faults.ts";
import { checkIdentity, type Identity, type IdentityError } from "./identity.ts";
import { splitPem } from "./pem.ts";
import { readDevice, readOrganisation } from "./records.ts";

/** What is needed of a file system. Each call throws when the system fails. */
export interface IdentityFiles {
  /** Null if there is no such file. */
  readonly readFile: (path: string) => Uint8Array | null;
  /** All or nothing, durable on return, and never readable to others if `mode` says so. */
  readonly writeFileAtomic: (path: string, bytes: Uint8Array, mode: number) => void;
  /** With its parents; durable on return; fine if it is there. */
  readonly makeDirectory: (path: string) => void;
}

/** A device's directory. */
export interface IdentityPlace {
  readonly files: IdentityFiles;
  readonly directory: string;
}

/** Writes all files, the commit point last. Refuses to replace a finished identity. */
export async function writeIdentity(
  place: IdentityPlace,
  identity: Identity,
  crypto: Crypto,
): Promise<Result<void, WriteIdentityError>> {
  const { files, directory } = place;
  const checked = await checkIdentity(identity, crypto);
  if (!checked.ok) return checked;
  if (files.readFile(`${directory}/${recordFile}`) !== null) {
    return err({ type: "IdentityExists", directory });
  }
  files.makeDirectory(`${directory}/identity`);
  if (identity.caPrivateKeyPem !== undefined) files.makeDirectory(`${directory}/ca`);
  for (const [name, text, mode] of filesOf(identity, crypto)) {
    files.writeFileAtomic(`${directory}/${name}`, utf8(text), mode);
  }
  return ok(undefined);
}

/** There is an identity here already: nothing was written. */
export type WriteIdentityError =
  | { readonly type: "IdentityExists"; readonly directory: string }
  | IdentityError;

export async function readIdentity(
  place: IdentityPlace,
  crypto: Crypto,
): Promise<Result<Identity, ReadIdentityError>> {
  const texts = readTexts(place);
  const record = texts.get(recordFile);
  if (record === undefined) {
    const found = [...texts.keys()];
    return err(found.length === 0 ? { type: "NoIdentity" } : { type: "IdentityUnfinished", found });
  }
  const parsed = parseRecord(record, crypto);
  if (!parsed.ok) return parsed;
  const { holdsCa, ...records } = parsed.value;
  const identity = assemble({ records, holdsCa, texts }, crypto);
  if (!identity.ok) return identity;
  const checked = await checkIdentity(identity.value, crypto);
  return checked.ok ? identity : checked;
}

/** Puts HQ's new certificate in place of the old one: all or nothing. */
export function writeChain({ files, directory }: IdentityPlace, chain: readonly string[]): void {
  files.writeFileAtomic(`${directory}/${chainFile}`, utf8(chain.join("")), openMode);
}

/** For an organisation that was founded before there were channel keys. */
export function writeChannelMaster(
  { files, directory }: IdentityPlace,
  channelMaster: ChannelMaster,
  crypto: Crypto,
): void {
  files.makeDirectory(`${directory}/ca`);
  const bytes = utf8(masterText(channelMaster, crypto));
  files.writeFileAtomic(`${directory}/${channelsFile}`, bytes, secretMode);
}

export type ReadIdentityError =
  | { readonly type: "NoIdentity" }
  /** An `init` or `join` was cut off; repeat it. */
  | { readonly type: "IdentityUnfinished"; readonly found: readonly string[] }
  | { readonly type: "IdentityFileMissing"; readonly missing: readonly string[] }
  | { readonly type: "IdentityRecord"; readonly cause: EnvelopeError }
  | IdentityError;

const recordFile = "identity/device.json";
const keyFile = "identity/device.key.pem";
const chainFile = "identity/chain.pem";
const caFile = "identity/ca.pem";
const caKeyFile = "ca/ca.key.pem";
const channelsFile = "ca/channels.key";

const recordFormat = { format: "tillmesh-identity", version: 1, sizeMaxBytes: 64 * 1024 } as const;
const secretMode = 0o600;
const openMode = 0o644;

/** In the order they are written; the record last. */
function filesOf(
  identity: Identity,
  crypto: Crypto,
): readonly (readonly [name: string, text: string, mode: number])[] {
  const { organisation, device, caPrivateKeyPem, channelMaster } = identity;
  const content = { organisation, device, holdsCa: caPrivateKeyPem !== undefined };
  return [
    ...(caPrivateKeyPem === undefined ? [] : [[caKeyFile, caPrivateKeyPem, secretMode] as const]),
    ...(channelMaster === undefined
      ? []
      : [[channelsFile, masterText(channelMaster, crypto), secretMode] as const]),
    [keyFile, identity.privateKeyPem, secretMode],
    [caFile, identity.caCertificate, openMode],
    [chainFile, identity.chain.join(""), openMode],
    [recordFile, writeEnvelope(recordFormat, content as unknown as Json, crypto), openMode],
  ];
}

/** With a checksum: another secret would not be noticed before nobody can read anything. */
function masterText(channelMaster: ChannelMaster, crypto: Crypto): string {
  return `${channelMaster} ${hex(crypto.sha256(utf8(channelMaster)))}\n`;
}

/** An organisation that was founded before there were channel keys has none yet. */
function parseMaster(
  text: string | undefined,
  crypto: Crypto,
): Result<Pick<Identity, "channelMaster">, IdentityError> {
  if (text === undefined) return ok({});
  const [channelMaster = ""] = text.split(" ", 1);
  return text === masterText(channelMaster, crypto)
    ? ok({ channelMaster })
    : err({ type: "IdentityKey", key: "channels" });
}

function readTexts({ files, directory }: IdentityPlace): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const name of [recordFile, keyFile, chainFile, caFile, caKeyFile, channelsFile]) {
    const bytes = files.readFile(`${directory}/${name}`);
    if (bytes !== null) texts.set(name, new TextDecoder().decode(bytes));
  }
  return texts;
}

interface Found {
  readonly records: Pick<Identity, "organisation" | "device">;
  readonly holdsCa: boolean;
  readonly texts: ReadonlyMap<string, string>;
}

function assemble(
  { records, holdsCa, texts }: Found,
  crypto: Crypto,
): Result<Identity, ReadIdentityError> {
  const wanted = [keyFile, chainFile, caFile, ...(holdsCa ? [caKeyFile] : [])];
  const missing = wanted.filter((name) => !texts.has(name));
  if (missing.length > 0) return err({ type: "IdentityFileMissing", missing });
  const text = (name: string): string => texts.get(name) ?? "";
  const master = holdsCa ? parseMaster(texts.get(channelsFile), crypto) : ok({});
  if (!master.ok) return master;
  return ok({
    ...records,
    chain: splitPem(text(chainFile)),
    caCertificate: text(caFile),
    privateKeyPem: text(keyFile),
    ...(holdsCa ? { caPrivateKeyPem: text(caKeyFile) } : {}),
    ...master.value,
  });
}

function parseRecord(
  text: string,
  crypto: Crypto,
): Result<
  Pick<Identity, "organisation" | "device"> & { readonly holdsCa: boolean },
  ReadIdentityError
> {
  const content = readEnvelope(recordFormat, text, crypto);
  if (!content.ok) return err({ type: "IdentityRecord", cause: content.error });
  const cursor = cursorOf(content.value);
  const organisation = readOrganisation(member(cursor, "organisation"));
  const device = readDevice(member(cursor, "device"));
  const holdsCa = readBoolean(member(cursor, "holdsCa"));
  return cursor.faults.length > 0
    ? err({ type: "IdentityRecord", cause: { type: "Faults", faults: cursor.faults } })
    : ok({ organisation, device, holdsCa });
}

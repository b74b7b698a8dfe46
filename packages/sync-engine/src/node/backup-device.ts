/**
 * A device in one file, and back on a new disk as a new incarnation. SPEC.md §6 (BK).
 *
 * The backup is taken in one turn: what it holds belongs together. What was
 * recorded after it comes back from the peers, under the old incarnation.
 *
 * @module
 */

import { canonicalJson, err, ok, parseJson, utf8, type Json, type Result } from "@tillmesh/kernel";
import { formatDocumentName, parseDocumentName } from "../documents/document-name.ts";
import {
  makeBackup,
  parseBackup,
  type BackupError,
  type BackupItem,
  type BackupSection,
} from "../identity/backup.ts";
import {
  writeIdentity,
  type IdentityPlace,
  type WriteIdentityError,
} from "../identity/identity-directory.ts";
import { documentName } from "../replica/core-state.ts";
import { ledgerMarks, type LedgerMark } from "../replica/restore.ts";
import type { OpenLogError } from "../storage/change-log-errors.ts";
import { openChangeLog, type ChangeLog } from "../storage/change-log.ts";
import { ensureDirectory, parentOf } from "../storage/files.ts";
import { nodeFiles } from "../storage/node/node-files.ts";
import { openSealedStore, type SealedStore } from "../storage/node/sealed-store.ts";
import { freshCatalogue, writeCatalogue } from "./catalogue.ts";
import { ringFile } from "./channel-keys.ts";
import { readDeviceIdentity, type CreatedDevice, type DevicePlace } from "./create-device.ts";
import { registerFile } from "./device-register.ts";
import { deviceIdentityFiles } from "./identity-place.ts";
import type { ReplicaParts } from "./run-replica.ts";
import { sealedName } from "./sealed-texts.ts";

/** The backup file, piece by piece. Secret: it holds the device's private key. */
export function backupReplica(parts: ReplicaParts): AsyncGenerator<Uint8Array, void, undefined> {
  const { state, identity, clock } = parts;
  const own = state.ledgers.get(`${state.ports.device}/${state.own?.incarnation ?? 0}`);
  const position = own && {
    incarnation: own.incarnation,
    sequence: own.deliveredThrough,
    hash: own.lastHash,
  };
  const header = { identity, position: position ?? null, createdAtMs: clock.nowMs() };
  return makeBackup(header, sectionsOf(parts), state.ports.crypto);
}

/** Makes the directory of the device in a backup. Nothing is final before the backup's end was read. */
export async function restoreDevice(
  place: DevicePlace,
  source: AsyncIterable<Uint8Array>,
): Promise<Result<CreatedDevice, RestoreDeviceError>> {
  const { directory, crypto, files = nodeFiles() } = place;
  const existing = await readDeviceIdentity(place);
  if (existing.ok) return err({ type: "IdentityExists", directory });
  ensureDirectory(files, directory);
  const log = openChangeLog({
    files,
    directory: `${directory}/log`,
    clock: place.clock,
    random: crypto.randomBytes,
    isNew: true,
  });
  if (!log.ok) return log;
  const sealed = openSealedStore({
    files,
    directory: `${directory}/sealed`,
    onFault: () => undefined,
  });
  const identityPlace = { files: deviceIdentityFiles(files), directory };
  const read = await readSections(parseBackup(source, crypto), {
    log: log.value.log,
    sealed,
    restorePrivate: (section) => writePrivateFile(identityPlace, section),
  });
  log.value.log.close();
  if (!read.ok) return read;
  const { header, ledgers } = read.value;
  const catalogue = { ...freshCatalogue, isFresh: false, isRestored: true, ledgers };
  writeCatalogue({ files, directory, crypto }, catalogue);
  const written = await writeIdentity(identityPlace, header.identity, crypto);
  const { organisation, device } = header.identity;
  return written.ok ? ok({ organisation, device }) : written;
}

export type RestoreDeviceError =
  | BackupError
  | OpenLogError
  | WriteIdentityError
  | { readonly type: "BackupSection"; readonly name: string; readonly problem: string };

/** Captured before the first await: documents only grow, so what is captured stays true. */
function sectionsOf({ state, place }: ReplicaParts): AsyncIterable<BackupSection> {
  const marks = ledgerMarks(state);
  const privateFiles = readPrivateFiles(place);
  const documents = [...state.documents.values()].map((document) => ({
    name: `documents/${formatDocumentName(documentName(document))}`,
    changes: (document.kind === "ledger" ? document.part : document.set).nodes.map(
      (node) => node.change.bytes,
    ),
  }));
  return (async function* () {
    yield* privateFiles;
    yield { name: "ledgers.json", bytes: utf8(canonicalJson(marks as unknown as Json)) };
    for (const part of marks.flatMap((mark) => mark.sealed)) {
      const text = state.ports.sealed.read(part);
      if (text !== undefined) yield { name: `sealed/${sealedName(part)}`, bytes: utf8(text) };
    }
    for (const { name, changes } of documents) yield { name, bytes: joinChanges(changes) };
  })();
}

interface RestoreTarget {
  readonly log: ChangeLog;
  readonly sealed: SealedStore;
  readonly restorePrivate: (section: BackupSection) => void;
}

/** Beside the identity: channel keys, and at HQ who was invited. */
const privateNames: readonly string[] = [ringFile, registerFile];

function readPrivateFiles({ files, directory }: ReplicaParts["place"]): readonly BackupSection[] {
  return privateNames.flatMap((name) => {
    const bytes = files.readFile(`${directory}/${name}`);
    return bytes ? [{ name, bytes }] : [];
  });
}

function writePrivateFile(
  { files, directory }: IdentityPlace,
  { name, bytes }: BackupSection,
): void {
  files.makeDirectory(parentOf(`${directory}/${name}`));
  files.writeFileAtomic(`${directory}/${name}`, bytes, 0o600);
}

interface Restored {
  readonly header: Extract<BackupItem, { type: "header" }>;
  readonly ledgers: readonly LedgerMark[];
}

async function readSections(
  items: AsyncIterable<Result<BackupItem, BackupError>>,
  target: RestoreTarget,
): Promise<Result<Restored, RestoreDeviceError>> {
  let header: Restored["header"] | undefined;
  let ledgers: readonly LedgerMark[] = [];
  for await (const item of items) {
    if (!item.ok) return item;
    const { value } = item;
    if (value.type === "header") header = value;
    if (value.type === "end" && header) return ok({ header, ledgers });
    if (value.type !== "section") continue;
    if (value.name === "ledgers.json") {
      const parsed = parseJson(new TextDecoder().decode(value.bytes), {
        maxBytes: value.bytes.length,
      });
      if (!parsed.ok) return err({ type: "BackupSection", name: value.name, problem: "not JSON" });
      ledgers = parsed.value as unknown as readonly LedgerMark[];
      continue;
    }
    const problem = await restoreSection(value, target);
    if (problem !== undefined) return err({ type: "BackupSection", name: value.name, problem });
  }
  return err({ type: "BackupSection", name: "", problem: "no end" });
}

/** Writes one section; says what is wrong with it, if anything. */
async function restoreSection(
  section: BackupSection,
  { log, sealed, restorePrivate }: RestoreTarget,
): Promise<string | undefined> {
  const { name, bytes } = section;
  if (privateNames.includes(name)) {
    restorePrivate(section);
    return undefined;
  }
  const [, kind, rest = ""] = /^(sealed|documents)\/(.+)$/.exec(name) ?? [];
  if (kind === "sealed") {
    const written = await sealed.write(rest, bytes);
    return written.ok ? undefined : written.error.type;
  }
  const document = kind === "documents" ? parseDocumentName(rest) : undefined;
  if (!document) return undefined;
  for (const batch of batches(splitChanges(bytes))) {
    const drafts = batch.map((change) => ({ type: "change" as const, document: rest, change }));
    const appended = log.append(drafts);
    if (!appended.ok) return appended.error.type;
  }
  return undefined;
}

function joinChanges(changes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(changes.reduce((sum, change) => sum + 4 + change.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const change of changes) {
    view.setUint32(at, change.length, true);
    bytes.set(change, at + 4);
    at += 4 + change.length;
  }
  return bytes;
}

function splitChanges(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const changes: Uint8Array[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + view.getUint32(at, true);
    changes.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return changes;
}

function batches<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / batchLength) }, (_, index) =>
    items.slice(index * batchLength, (index + 1) * batchLength),
  );
}

const batchLength = 500;

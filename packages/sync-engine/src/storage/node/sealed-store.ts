/**
 * Sealed parts and carries: texts that never change, compressed, stored under their hash. SPEC.md §9 (SE).
 *
 *     <directory>/<device>/<incarnation>/<part>-<SHA-256 of the text>.gz
 *
 * Kept twice (the second copy below `mirror/`), checked whole when read, and never unpacked beyond 64 MiB.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { assert, err, ok, type Result } from "@tillmesh/kernel";
import { fileFault, type FileFault, type Files } from "../files.ts";
import { openMirroredCopies, type CopiesFault, type MirroredCopies } from "../mirrored-copies.ts";

export interface SealedStoreOptions {
  readonly files: Files;
  readonly directory: string;
  readonly onFault: (fault: CopiesFault) => void;
}

/** A sealed text: its name ("dev_.../1/3") and the hash of its bytes. */
export interface SealedRef {
  readonly name: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface SealedStore {
  /** Durable, twice, when it answers ok. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<Result<SealedRef, SealedWriteError>>;
  readonly read: (ref: SealedRef) => Promise<Result<Uint8Array, SealedReadError>>;
  /** A file of this name is there; only `read` says whether it is good. */
  readonly has: (ref: SealedRef) => boolean;
  /** Sorted by path. Files with other names are not listed. */
  readonly list: () => readonly SealedRef[];
}

/** Throws when the directories cannot be made. */
export function openSealedStore({ files, directory, onFault }: SealedStoreOptions): SealedStore {
  const copies = openMirroredCopies({
    files,
    primary: directory,
    mirror: `${directory}/mirror`,
    temporary: `${directory}/temporary`,
    setAside: `${directory}/set-aside`,
    onFault,
  });
  return {
    write: (name, bytes) => write(copies, name, bytes),
    read: (ref) => read(copies, ref),
    has: (ref) => has(copies, ref),
    list: () => list(copies),
  };
}

export type SealedWriteError =
  | SealedTooLarge
  | (FileFault & { readonly type: "SealedWriteFailed"; readonly name: string });

export interface SealedTooLarge {
  readonly type: "SealedTooLarge";
  readonly sizeBytes: number;
  readonly sizeMaxBytes: number;
}

export type SealedReadError =
  | { readonly type: "SealedMissing"; readonly ref: SealedRef }
  /** The faults went to `onFault`; the copies are set aside. */
  | { readonly type: "SealedDamaged"; readonly ref: SealedRef }
  /** The file system did not give the bytes. They may be good; nothing was set aside. */
  | (FileFault & { readonly type: "SealedUnreadable"; readonly ref: SealedRef });

export const sealedSizeMaxBytes = 67_108_864;

async function write(
  copies: MirroredCopies,
  name: string,
  bytes: Uint8Array,
): Promise<Result<SealedRef, SealedWriteError>> {
  assert(isSealedName(name), `"${name}" names a sealed part`);
  if (bytes.length > sealedSizeMaxBytes) {
    const sizes = { sizeBytes: bytes.length, sizeMaxBytes: sealedSizeMaxBytes };
    return err({ type: "SealedTooLarge", ...sizes });
  }
  const ref = { name, sha256: sha256Hex(bytes) };
  try {
    await copies.write(toFileName(ref), await compress(bytes));
    return ok(ref);
  } catch (error) {
    return err({ type: "SealedWriteFailed", name, ...fileFault(error) });
  }
}

async function read(
  copies: MirroredCopies,
  ref: SealedRef,
): Promise<Result<Uint8Array, SealedReadError>> {
  try {
    if (!isSealedName(ref.name) || !has(copies, ref)) return err({ type: "SealedMissing", ref });
    const text = await readText(copies, ref);
    return text === null ? err({ type: "SealedDamaged", ref }) : ok(text);
  } catch (error) {
    return err({ type: "SealedUnreadable", ref, ...fileFault(error) });
  }
}

async function readText(copies: MirroredCopies, ref: SealedRef): Promise<Uint8Array | null> {
  let text: Uint8Array | null = null;
  await copies.read(toFileName(ref), async (bytes) => {
    const unpacked = await unpack(bytes);
    if (unpacked === null) return "compression";
    if (sha256Hex(unpacked) !== ref.sha256) return "hash";
    text = unpacked;
    return null;
  });
  return text;
}

function has(copies: MirroredCopies, ref: SealedRef): boolean {
  return copies.names(folderOf(ref.name)).includes(toFileName(ref));
}

/** Null when the bytes are no gzip file, or would unpack to more than the bound. */
async function unpack(bytes: Uint8Array): Promise<Uint8Array | null> {
  try {
    return await decompress(bytes, { maxOutputLength: sealedSizeMaxBytes });
  } catch {
    return null;
  }
}

function list(copies: MirroredCopies): readonly SealedRef[] {
  return copies.names("").flatMap((path) => {
    const match = /^(.+)-([0-9a-f]{64})\.gz$/.exec(path);
    const [, name = "", sha256 = ""] = match ?? [];
    return isSealedName(name) ? [{ name, sha256 }] : [];
  });
}

/** Device, incarnation and a number, so that no name leads out of the directory or into our own. */
function isSealedName(name: string): boolean {
  const isOurs = /^(mirror|temporary|set-aside)\//.test(name);
  return !isOurs && /^[A-Za-z0-9_-]{1,64}\/\d{1,10}\/\d{1,10}$/.test(name);
}

function toFileName({ name, sha256 }: SealedRef): string {
  return `${name}-${sha256}.gz`;
}

function folderOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/"));
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const compress = promisify(gzip);
const decompress: (bytes: Uint8Array, options: object) => Promise<Uint8Array> = promisify(gunzip);

/**
 * automerge-repo's storage, hardened: what it saved is on the disk twice, and what it loads is what was saved.
 *
 * `NodeFSStorageAdapter` brings the layout of keys on disk, the walk over a range and the plain write; this
 * class adds frames, a mirror, syncing and honest failures. automerge-repo never learns of a failed write
 * (it would end the process): the chunk is kept and tried again by `settled`, which tells whether everything
 * is on the disk. Until it is, no older chunk of that document is removed. SPEC.md §9 (CK).
 *
 * @module
 */

import type { Chunk, StorageKey } from "@automerge/automerge-repo/slim";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { err, ok, type Result } from "@tillmesh/kernel";
import { fileFault, type FileFault, type Files } from "../files.ts";
import { openMirroredCopies, type CopiesFault, type MirroredCopies } from "../mirrored-copies.ts";
import { frameChunk, frameFault, unframeChunk } from "./chunk-frame.ts";

export interface CheckpointStorageOptions {
  readonly files: Files;
  readonly directory: string;
  readonly onFault: (fault: CheckpointFault) => void;
  /** Bytes of failed writes that are kept for another try. Default 64 MiB. */
  readonly pendingMaxBytes?: number;
}

/** `key[0]` is the document's id. */
export type CheckpointFault = (CopiesFault | ChunkUnreadable) & { readonly key: readonly string[] };

/** The file system did not give the bytes of a chunk; nothing was loaded, and nothing set aside. */
export interface ChunkUnreadable extends FileFault {
  readonly type: "ChunkUnreadable";
  readonly name: string;
}

/** Throws when the directories cannot be made. */
export function openCheckpointStorage(options: CheckpointStorageOptions): CheckpointStorage {
  return new CheckpointStorage(options);
}

export class CheckpointStorage extends NodeFSStorageAdapter {
  readonly #mirror: NodeFSStorageAdapter;
  readonly #copies: MirroredCopies;
  readonly #onFault: CheckpointStorageOptions["onFault"];
  readonly #retired = new Set<string>();
  readonly #pending = new Map<string, PendingChunk>();
  readonly #pendingMaxBytes: number;
  /** A failed chunk was too much to keep: until the next start nothing is settled. */
  #overflow: CheckpointFailed | null = null;

  constructor({ files, directory, onFault, pendingMaxBytes }: CheckpointStorageOptions) {
    const primary = `${directory}/chunks`;
    super(primary);
    forgetChunks(this);
    this.#onFault = onFault;
    this.#pendingMaxBytes = pendingMaxBytes ?? pendingDefaultBytes;
    this.#mirror = new NodeFSStorageAdapter(`${directory}/mirror`);
    this.#copies = openMirroredCopies({
      files,
      primary,
      mirror: `${directory}/mirror`,
      temporary: `${primary}/${toName(["temporary"])}`,
      setAside: `${directory}/set-aside`,
      onFault: (fault) => onFault({ ...fault, key: toKey(fault.name) }),
      writeTemporary: (name, bytes) => super.save(["temporary", name], bytes),
    });
  }

  /** The chunk as it was saved; undefined when there is none, or none that is undamaged. */
  override async load(key: StorageKey): Promise<Uint8Array | undefined> {
    if (!isStored(key)) return undefined;
    const name = toName(key);
    try {
      const framed = await this.#copies.read(name, (bytes) => checkFrame(name, bytes));
      return framed === null ? undefined : unframeChunk(framed);
    } catch (error) {
      this.#onFault({ type: "ChunkUnreadable", name, key, ...fileFault(error) });
      return undefined;
    }
  }

  override async save(key: StorageKey, chunk: Uint8Array): Promise<void> {
    if (!isStored(key) || this.#isRetired(key)) return;
    const name = toName(key);
    await this.#write(name, { documentId: key[0] ?? "", framed: frameChunk(name, chunk) });
  }

  override async remove(key: StorageKey): Promise<void> {
    if (!isStored(key) || this.#isNeeded(key)) return;
    try {
      await this.#copies.remove(toName(key));
    } catch {
      // The chunk stays. It holds nothing that its document does not hold, and goes with the next removal.
    }
  }

  override async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    if (!isStored(prefix)) return [];
    const chunks = await super.loadRange(prefix);
    const found = new Set(chunks.map((chunk) => toName(chunk.key)));
    const mirrored = this.#copies.names(toName(prefix)).filter((name) => !found.has(name));
    for (const key of mirrored.map(toKey)) chunks.push({ key, data: await this.load(key) });
    return chunks.filter((chunk) => isStored(chunk.key));
  }

  override async removeRange(prefix: StorageKey): Promise<void> {
    if (!isStored(prefix)) return;
    try {
      for (const name of this.#copies.names(toName(prefix))) await this.#copies.remove(name);
      await super.removeRange(prefix);
      await this.#mirror.removeRange(prefix);
    } catch {
      // As in `remove`.
    }
  }

  /** Removes a document until it is revived: automerge-repo would save it once more, empty, while it deletes it. */
  async retire(documentId: string): Promise<void> {
    this.#retired.add(documentId);
    for (const [name, pending] of this.#pending) {
      if (pending.documentId === documentId) this.#pending.delete(name);
    }
    await this.#copies.idle();
    await this.removeRange([documentId]);
  }

  /** Lets a retired document be written again: a branch of it came that no sealed text holds. */
  revive(documentId: string): void {
    this.#retired.delete(documentId);
  }

  /** Waits for the writes under way, tries failed ones again, and tells whether all is on the disk. */
  async settled(): Promise<Result<void, CheckpointFailed>> {
    await this.#copies.idle();
    for (const [name, pending] of Array.from(this.#pending)) {
      if (this.#pending.get(name) === pending) await this.#write(name, pending);
    }
    const [pending] = this.#pending.values();
    const failure = this.#overflow ?? pending?.failure;
    return failure === undefined ? ok(undefined) : err(failure);
  }

  async #write(name: string, chunk: PendingChunk): Promise<void> {
    try {
      await this.#copies.write(name, chunk.framed);
      this.#pending.delete(name);
    } catch (error) {
      const { documentId } = chunk;
      if (this.#retired.has(documentId)) return;
      const failure = { type: "CheckpointFailed", documentId, ...fileFault(error) } as const;
      this.#pending.set(name, { ...chunk, failure });
      if (this.#pendingSizeBytes() <= this.#pendingMaxBytes) return;
      this.#pending.delete(name);
      this.#overflow ??= failure;
    }
  }

  #pendingSizeBytes(): number {
    return [...this.#pending.values()].reduce((sum, { framed }) => sum + framed.length, 0);
  }

  #isRetired(key: StorageKey): boolean {
    return this.#retired.has(key[0] ?? "");
  }

  /** Its successor is not on the disk yet. */
  #isNeeded(key: StorageKey): boolean {
    if (this.#overflow !== null) return true;
    return [...this.#pending.values()].some(({ documentId }) => documentId === key[0]);
  }
}

/** A write that failed, and failed again when it was tried by `settled`. */
export interface CheckpointFailed extends FileFault {
  readonly type: "CheckpointFailed";
  readonly documentId: string;
}

interface PendingChunk {
  readonly documentId: string;
  readonly framed: Uint8Array;
  readonly failure?: CheckpointFailed;
}

const pendingDefaultBytes = 67_108_864;

/** The base class keeps every chunk it wrote, for ever, and would answer from there without a look at the disk. */
function forgetChunks(adapter: NodeFSStorageAdapter): void {
  const empty = new Proxy({}, { set: () => true });
  Object.defineProperty(adapter, "cache", { value: empty });
}

/** A chunk of a later version is no damage: it must not be set aside, so it counts as unreadable. */
function checkFrame(name: string, framed: Uint8Array): string | null {
  const fault = frameFault(name, framed);
  if (fault !== "version") return fault;
  throw Object.assign(new Error(`${name} was written by another version`), { code: "VERSION" });
}

/** Sync states are rebuilt at the next contact; a key that is no plain name never becomes a path. */
function isStored(key: StorageKey): boolean {
  return key[1] !== "sync-state" && key.every((part) => /^[A-Za-z0-9_-]+$/.test(part));
}

/** The base class's layout: the first two characters of the first part are a directory of their own. */
function toName([first = "", ...rest]: StorageKey): string {
  return [first.slice(0, 2), first.slice(2), ...rest].join("/");
}

function toKey(name: string): string[] {
  const [head = "", tail = "", ...rest] = name.split("/");
  return [head + tail, ...rest];
}

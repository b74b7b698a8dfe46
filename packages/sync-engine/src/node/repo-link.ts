/**
 * The one place that knows automerge-repo: checkpoints, and live documents for peers. SPEC.md §6 (RL).
 *
 * Documents here follow the core: a change is durable and admitted before it
 * comes. automerge-repo saves on its own schedule too; nothing relies on that.
 *
 * @module
 */

import * as Automerge from "@automerge/automerge";
import {
  Repo,
  parseAutomergeUrl,
  stringifyAutomergeUrl,
  type BinaryDocumentId,
  type DocHandle,
  type DocumentId,
  type PeerId,
} from "@automerge/automerge-repo";
import { assert, err, fromHex, type Result } from "@tillmesh/kernel";
import type { DocumentKey, DocumentName } from "../documents/document-name.ts";
import { genesisOf } from "../documents/genesis.ts";
import { fileFault } from "../storage/files.ts";
import type { CheckpointFailed, CheckpointStorage } from "../storage/node/checkpoint-storage.ts";

export interface RepoLink {
  readonly repo: Repo;
  /**
   * The saved changes of a document, or undefined if no undamaged checkpoint is there. The document itself
   * sleeps until something is applied to it or `wake` is called; peers get it by `want` meanwhile.
   */
  load(key: DocumentKey): Promise<readonly Uint8Array[] | undefined>;
  /** Starts a live document from its genesis. */
  start(key: DocumentKey, kind: DocumentName["kind"]): void;
  /** Hands admitted changes to the live document, soon: many at once cost little more than one. */
  apply(key: DocumentKey, changes: readonly Uint8Array[]): void;
  /** Opens documents that were loaded, so that they sync live. */
  wake(keys: Iterable<DocumentKey>): Promise<void>;
  /** Makes every live document durable as it is now. */
  save(): Promise<Result<void, CheckpointFailed>>;
  /** Forgets a document whose sealed part is on the disk; what comes for it meanwhile is dropped here. */
  retire(key: DocumentKey): Promise<void>;
  /** The live Automerge document, with everything handed to it applied. */
  document(key: DocumentKey): unknown;
  close(): void;
}

export interface RepoLinkOptions {
  readonly storage: CheckpointStorage;
  readonly peerId: string;
  /** Who may have which document. */
  readonly mayHave: (peerId: string, key: DocumentKey) => boolean;
}

export function createRepoLink({ storage, peerId, mayHave }: RepoLinkOptions): RepoLink {
  const entitled = async (peer: PeerId, id?: DocumentId): Promise<boolean> =>
    id !== undefined && live.handles.has(documentKeyOf(id)) && mayHave(peer, documentKeyOf(id));
  const repo = new Repo({
    storage,
    peerId: peerId as PeerId,
    shareConfig: { announce: entitled, access: entitled },
    // The engine saves by itself. A longer time would hold on to every document that was ever live.
    saveDebounceRate: ownSaveMs,
  });
  const live: LiveDocuments = {
    repo,
    storage,
    handles: new Map(),
    asleep: new Set(),
    retiring: new Set(),
    waiting: new Map(),
    unreadable: new Map(),
    timer: undefined,
    isClosed: false,
  };
  repo.networkSubsystem.on("peer", () => schedule(live, 0));
  return {
    repo,
    load: (key) => load(live, key),
    start: (key, kind) => start(live, key, kind),
    apply: (key, changes) => {
      const before = live.waiting.get(key);
      if (before) before.push(...changes);
      else live.waiting.set(key, [...changes]);
      schedule(live, repo.peers.length > 0 ? applyDelayMs : applyAloneDelayMs);
    },
    wake: async (keys) => {
      for (const key of keys) await wake(live, key);
    },
    save: async () => {
      await applyAll(live);
      for (const id of [...live.handles.keys()].map(documentIdOf)) await repo.flush([id]);
      const settled = await storage.settled();
      const [unreadable] = live.unreadable;
      return unreadable && settled.ok ? err(notOpened(unreadable)) : settled;
    },
    retire: (key) => retire(live, key),
    document: (key) => {
      while (applySlice(live, key)) continue;
      return live.handles.get(key)?.doc();
    },
    close: () => {
      live.isClosed = true;
      clearTimeout(live.timer);
      for (const adapter of Array.from(repo.networkSubsystem.adapters)) adapter.disconnect();
    },
  };
}

/** Long enough for a burst to share one application, short enough that nobody notices. */
const applyDelayMs = 25;
/** Nobody listens: the document follows for its next checkpoint only. */
const applyAloneDelayMs = 1_000;
/** automerge-repo saves a changed document at once, and then no more often than this. */
const ownSaveMs = 60_000;
/** Changes applied in one turn: a few milliseconds. */
const applySliceLength = 32;

/** Mutable: owned by one link. */
interface LiveDocuments {
  readonly repo: Repo;
  readonly storage: CheckpointStorage;
  readonly handles: Map<DocumentKey, DocHandle<unknown>>;
  /** On the disk as the core holds them, and not opened: nothing has changed in them since. */
  readonly asleep: Set<DocumentKey>;
  readonly retiring: Set<DocumentKey>;
  readonly waiting: Map<DocumentKey, Uint8Array[]>;
  /** Asleep, and why they could not be opened. */
  readonly unreadable: Map<DocumentKey, unknown>;
  timer: ReturnType<typeof setTimeout> | undefined;
  isClosed: boolean;
}

/** Reads the changes without making a document of them: a document costs three times as much, and its memory. */
async function load(
  live: LiveDocuments,
  key: DocumentKey,
): Promise<readonly Uint8Array[] | undefined> {
  const id = documentIdOf(key);
  const chunks = (await live.storage.loadRange([id])).flatMap(({ data }) => data ?? []);
  if (chunks.length === 0) return undefined;
  const backend = Automerge.getBackend(Automerge.init());
  try {
    for (const chunk of chunks) backend.loadIncremental(chunk);
    const changes = backend.getChanges([]);
    live.asleep.add(key);
    return changes;
  } finally {
    backend.free();
  }
}

function start(live: LiveDocuments, key: DocumentKey, kind: DocumentName["kind"]): void {
  if (live.handles.has(key) || live.asleep.has(key) || live.retiring.has(key)) return;
  const id = documentIdOf(key);
  live.storage.revive(id);
  live.handles.set(key, live.repo.import(genesisOf(kind).change, { docId: id }));
}

/** A document whose checkpoint cannot be read any more stays asleep, and what waits for it in the log. */
async function wake(live: LiveDocuments, key: DocumentKey): Promise<void> {
  if (live.isClosed || !live.asleep.has(key)) return;
  try {
    const handle = await live.repo.find(documentIdOf(key));
    if (live.asleep.delete(key)) live.handles.set(key, handle);
    live.unreadable.delete(key);
  } catch (error) {
    live.unreadable.set(key, error);
  }
}

function schedule(live: LiveDocuments, delayMs: number): void {
  if (live.isClosed || (live.timer && delayMs > 0)) return;
  clearTimeout(live.timer);
  live.timer = setTimeout(() => {
    live.timer = undefined;
    void applyAll(live);
  }, delayMs);
}

/** A slice per turn, so that a sale never waits for long. */
async function applyAll(live: LiveDocuments): Promise<void> {
  for (const key of Array.from(live.waiting.keys())) {
    await wake(live, key);
    while (applySlice(live, key)) await nextTurn();
  }
}

function notOpened([key, error]: readonly [DocumentKey, unknown]): CheckpointFailed {
  return { type: "CheckpointFailed", documentId: documentIdOf(key), ...fileFault(error) };
}

/** Whether there is more. */
function applySlice({ handles, asleep, waiting }: LiveDocuments, key: DocumentKey): boolean {
  if (asleep.has(key)) return false;
  const changes = waiting.get(key) ?? [];
  const slice = changes.splice(0, applySliceLength);
  if (changes.length === 0) waiting.delete(key);
  if (slice.length > 0) {
    handles.get(key)?.update((doc) => Automerge.applyChanges(doc, slice)[0]);
  }
  return changes.length > 0;
}

async function retire(live: LiveDocuments, key: DocumentKey): Promise<void> {
  const { handles, asleep, retiring, waiting, storage, repo } = live;
  if (!handles.has(key) && !asleep.has(key)) return;
  retiring.add(key);
  const isLive = handles.delete(key);
  asleep.delete(key);
  live.unreadable.delete(key);
  const retired = storage.retire(documentIdOf(key));
  if (isLive) repo.delete(documentIdOf(key));
  await retired;
  retiring.delete(key);
  waiting.delete(key);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** automerge-repo writes the 16 bytes of a key in base58 with a checksum. */
export function documentIdOf(key: DocumentKey): DocumentId {
  const bytes = fromHex(key);
  assert(bytes.ok, "a document key is hex");
  const url = stringifyAutomergeUrl({ documentId: bytes.value as BinaryDocumentId });
  return parseAutomergeUrl(url).documentId;
}

export function documentKeyOf(id: DocumentId): DocumentKey {
  const { binaryDocumentId } = parseAutomergeUrl(
    `automerge:${id}` as Parameters<typeof parseAutomergeUrl>[0],
  );
  return Buffer.from(binaryDocumentId).toString("hex") as DocumentKey;
}

/**
 * The state of a replica: its documents, its ledgers, and the ledger it writes. SPEC.md §5 (RC).
 *
 * Owned by one replica and changed in three places only: `commit.ts` (what this
 * device records), `publish.ts` (what HQ says) and `receive.ts` (what others
 * recorded). Everything here follows from the documents.
 *
 * @module
 */

import type { DeviceId, Entry, HeldEntry, Hlc } from "@tillmesh/kernel";
import type { CarryHead } from "../documents/carry-text.ts";
import type { MadeChange } from "../documents/change-plan.ts";
import {
  documentKey,
  formatDocumentName,
  type DocumentKey,
  type DocumentName,
} from "../documents/document-name.ts";
import { emptyPart, type EntryNode, type LedgerPart } from "../documents/ledger-part.ts";
import type { CarryRef } from "../documents/opened.ts";
import { emptyPublicationSet, type PublicationSet } from "../documents/publication-set.ts";
import { readKeptText, type SealedPart } from "../documents/sealed-part.ts";
import type { Signed } from "../documents/signed-text.ts";
import type { CoreEvent, ReplicaException } from "./events.ts";
import {
  emptyLedger,
  entriesDelivered,
  entriesFollowing,
  findFork,
  isRooted,
  toHeld,
  type Ledger,
  type ReadSealed,
} from "./ledger.ts";
import { createHorizon, type Horizon } from "./horizon-book.ts";
import { defaultLimits, type ReplicaLimits } from "./limits.ts";
import { acceptanceOf, type Revocations } from "./revocation.ts";
import type { CorePorts, CoreRecord } from "./ports.ts";

export interface CoreState {
  readonly ports: CorePorts;
  readonly limits: ReplicaLimits;
  /** A document that is replicated live, under its key. */
  readonly documents: Map<DocumentKey, OpenDocument>;
  readonly ledgers: Map<string, Ledger>;
  /** Parts sealed in memory whose file is still to be written. */
  readonly sealing: SealingJob[];
  /** Carries that came from a peer and are still to be read and written. */
  readonly takenCarries: TakenCarry[];
  /** By hash: carries that are on the disk and fit to start from, and those that are not. */
  readonly carriesRead: Map<string, CarryHead | "refused">;
  readonly exceptions: ReplicaException[];
  readonly listeners: Set<(event: CoreEvent) => void>;
  readonly readSealed: ReadSealed;
  /** Spares the next reader a part that was in memory just now. */
  readonly rememberSealed: (part: SealedPart, entries: readonly Signed<Entry>[]) => void;
  /** Per incarnation of this device: the entry up to which some other device holds all. */
  readonly acknowledged: Map<number, number>;
  /** How far entries have got: peers, relay, HQ. */
  readonly horizon: Horizon;
  /** By device. What follows from the publications that are here. */
  revocations: Revocations;
  /** Automerge actor of this run: random, never kept. */
  readonly actor: string;
  own: OwnLedger | undefined;
  /** The newest totals this device wrote down in its current incarnation. */
  ownCarry: OwnCarry | undefined;
  /** The next carry cannot be written; a person was told. */
  hasGivenUpCarry: boolean;
  /** Set once, by the first write that failed: nothing is acknowledged until a restart. */
  failure: { readonly operation: string; readonly code: string } | undefined;
}

/** A sealed part on its way to its file. */
export interface SealingJob {
  readonly part: SealedPart;
  readonly text: string;
  /** What the text says. */
  readonly entries: readonly Signed<Entry>[];
}

/** Bytes of a carry whose hash stands in an entry that the owner signed. */
export interface TakenCarry {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly ref: CarryRef;
  readonly bytes: Uint8Array;
}

/** The ledger this device writes. */
export interface OwnLedger {
  readonly incarnation: number;
  readonly part: LedgerPart;
  /** Somebody else writes it too: the next incarnation begins before anything else is recorded. */
  isShared: boolean;
}

export interface OwnCarry {
  /** Where its text is kept. */
  readonly name: string;
  readonly ref: CarryRef;
  readonly at: Hlc;
}

export type OpenDocument =
  | { readonly kind: "ledger"; readonly part: LedgerPart }
  | { readonly kind: "publications"; readonly set: PublicationSet };

export function createCoreState(
  ports: CorePorts,
  actor: string,
  limits: ReplicaLimits = defaultLimits,
): CoreState {
  const state: CoreState = {
    ports,
    limits,
    documents: new Map(),
    ledgers: new Map(),
    sealing: [],
    takenCarries: [],
    carriesRead: new Map(),
    exceptions: [],
    listeners: new Set(),
    ...cachedSealedReader(ports, (part) => wantAgain(state, part)),
    acknowledged: new Map(),
    horizon: createHorizon(),
    revocations: new Map(),
    actor,
    own: undefined,
    ownCarry: undefined,
    hasGivenUpCarry: false,
    failure: undefined,
  };
  return state;
}

export function keyOf(state: CoreState, name: DocumentName): DocumentKey {
  return documentKey(state.ports.organisation, name, state.ports.crypto);
}

export function documentName(document: OpenDocument): DocumentName {
  return document.kind === "ledger" ? document.part.name : document.set.name;
}

/** The open document of this name; made from its genesis if there is none. */
export function ensureDocument(state: CoreState, name: DocumentName): OpenDocument {
  const key = keyOf(state, name);
  const known = state.documents.get(key);
  if (known) return known;
  const document: OpenDocument =
    name.kind === "ledger"
      ? { kind: "ledger", part: emptyPart(name) }
      : { kind: "publications", set: emptyPublicationSet(name) };
  state.documents.set(key, document);
  if (document.kind === "ledger") {
    ledgerOf(state, document.part.name).open.set(document.part.name.part, document.part);
  }
  emit(state, { type: "document", key, name });
  return document;
}

export function ensurePart(state: CoreState, name: LedgerPart["name"]): LedgerPart {
  const document = ensureDocument(state, name);
  return (document as Extract<OpenDocument, { kind: "ledger" }>).part;
}

export function ledgerOf(
  state: CoreState,
  { device, incarnation }: { readonly device: DeviceId; readonly incarnation: number },
): Ledger {
  const id = `${device}/${incarnation}`;
  const known = state.ledgers.get(id);
  if (known) return known;
  const ledger = emptyLedger(device, incarnation);
  ledger.accepts = acceptanceOf(state, ledger);
  state.ledgers.set(id, ledger);
  return ledger;
}

/** A change as the log keeps it. */
export function changeRecord(name: DocumentName, change: MadeChange): CoreRecord {
  return { type: "change", document: formatDocumentName(name), change: change.bytes };
}

/** Hands on entries just admitted to an open part, and whatever they made complete. */
export function deliverNodes(
  state: CoreState,
  part: LedgerPart,
  { nodes, own }: { readonly nodes: readonly EntryNode[]; readonly own: boolean },
): void {
  const ledger = ledgerOf(state, part.name);
  if (ledger.handedOn) {
    deliverBranches(state, ledger, own);
  } else if (own || isRooted(ledger, part)) {
    for (const { signed } of nodes) {
      const isNow = signed.fact.sequence <= ledger.deliveredThrough + 1;
      if (isNow)
        handOn(state, ledger, { entries: [toHeld(ledger, signed.fact, signed.hash)], own });
    }
  }
  if (!own) deliver(state, ledger);
}

/**
 * Hands on the first part that a sealed text made complete; `deliverNext` the others. A year of a ledger that
 * becomes complete at once must not hold up a sale.
 */
export function deliverSealed(state: CoreState, part: SealedPart): void {
  const ledger = ledgerOf(state, part.name);
  if (ledger.handedOn) deliverBranches(state, ledger, false);
  deliverNext(state, part.name);
}

/** Hands on at most one part's worth of what is complete. Says whether there was any. */
export function deliverNext(
  state: CoreState,
  name: { readonly device: DeviceId; readonly incarnation: number },
): boolean {
  const ledger = ledgerOf(state, name);
  const entries = entriesFollowing(ledger, ledger.deliveredThrough, state.readSealed);
  if (entries.length > 0) handOn(state, ledger, { entries, own: false });
  return entries.length > 0;
}

/** Of a forked ledger: what is here and was not handed on, wherever it stands. */
function deliverBranches(state: CoreState, ledger: Ledger, own: boolean): void {
  const entries = entriesDelivered(ledger, ledger.forkedFrom, state.readSealed).filter(
    ({ hash }) => ledger.handedOn?.has(hash) !== true,
  );
  if (entries.length > 0) handOn(state, ledger, { entries, own });
}

/**
 * Looks for a fork at this part; what follows from one is raised once. `known` answers with the hashes that
 * were handed on before whatever brought the fork to light.
 */
export function noteFork(
  state: CoreState,
  { device, incarnation, part }: LedgerPart["name"],
  known: (ledger: Ledger) => ReadonlySet<string>,
): void {
  const ledger = ledgerOf(state, { device, incarnation });
  const sequence = Math.min(ledger.forkedFrom, findFork(ledger, part, state.readSealed));
  if (sequence === Number.POSITIVE_INFINITY) return;
  ledger.forkedFrom = sequence;
  ledger.handedOn ??= new Set(known(ledger));
  raise(state, { type: "Fork", device, incarnation, sequence });
  // Which branch counts can be told only now.
  if (ledger.accepts) emit(state, { type: "revoked", device });
}

/** Hands on what has become complete, in order. */
export function deliver(state: CoreState, ledger: Ledger): void {
  while (deliverNext(state, ledger)) continue;
}

function handOn(
  state: CoreState,
  ledger: Ledger,
  { entries, own }: { readonly entries: readonly HeldEntry[]; readonly own: boolean },
): void {
  for (const { entry, hash } of entries) {
    const isNewest = entry.sequence > ledger.deliveredThrough || hash > ledger.lastHash;
    if (entry.sequence >= ledger.deliveredThrough && isNewest) moveOn(ledger, entry, hash);
    ledger.handedOn?.add(hash);
  }
  emit(state, { type: "entries", entries, own });
}

function moveOn(ledger: Ledger, last: Entry, hash: string): void {
  ledger.deliveredThrough = last.sequence;
  ledger.lastHash = hash;
  ledger.lastAt = last.at;
}

export function emit(state: CoreState, event: CoreEvent): void {
  for (const listener of state.listeners) listener(event);
}

/** Keeps the newest thousand, each fact once. */
export function raise(state: CoreState, exception: ReplicaException): void {
  const text = JSON.stringify(exception);
  if (state.exceptions.some((known) => JSON.stringify(known) === text)) return;
  if (state.exceptions.length >= exceptionsMax) state.exceptions.shift();
  state.exceptions.push(exception);
  emit(state, { type: "exception", exception });
}

const exceptionsMax = 1_000;

/** Sealed parts are read rarely, and then often the same ones: the last few stay parsed. */
function cachedSealedReader(
  { sealed, crypto }: CorePorts,
  onUnreadable: (part: SealedPart) => void,
): Pick<CoreState, "readSealed" | "rememberSealed"> {
  const cache = new Map<string, ReturnType<ReadSealed>>();
  const rememberSealed: CoreState["rememberSealed"] = (part, entries) => {
    cache.set(part.sha256, entries);
    const [oldest] = cache.keys();
    if (cache.size > cachedPartsMax && oldest !== undefined) cache.delete(oldest);
  };
  const readSealed: ReadSealed = (part) => {
    const cached = cache.get(part.sha256);
    if (cached) return cached;
    const text = sealed.read(part);
    if (text === undefined) {
      onUnreadable(part);
      return [];
    }
    const entries = readKeptText(text, crypto);
    rememberSealed(part, entries);
    return entries;
  };
  return { readSealed, rememberSealed };
}

/** Neither copy is whole: peers may have the part, and a person is told. */
function wantAgain(state: CoreState, part: SealedPart): void {
  const ledger = ledgerOf(state, part.name);
  if (!ledger.sealed.delete(part.sha256)) return;
  ledger.wanted.set(part.sha256, part);
  const path = `sealed ${formatDocumentName(part.name)}`;
  raise(state, { type: "DamagedFile", path, isRepaired: false });
}

const cachedPartsMax = 3;

/**
 * Brings documents back that this replica admitted before. SPEC.md §6 (RE).
 *
 * What comes here was verified once and is protected by checksums since, so
 * signatures are not verified again; the chain and the derivation of every
 * change are, since the documents are built on them.
 *
 * @module
 */

import {
  canonicalJson,
  err,
  hex,
  ok,
  utf8,
  type DeviceId,
  type Entry,
  type Hlc,
  type Json,
  type Result,
} from "@tillmesh/kernel";
import {
  formatDocumentName,
  parseDocumentName,
  type DocumentKey,
  type DocumentName,
} from "../documents/document-name.ts";
import {
  admitEntryChange,
  emptyPart,
  peekEntry,
  type LedgerPart,
} from "../documents/ledger-part.ts";
import { genesisOf } from "../documents/genesis.ts";
import { readOpened } from "../documents/opened.ts";
import { admitPublicationChange } from "../documents/publication-set.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import {
  deliver,
  ensureDocument,
  keyOf,
  ledgerOf,
  noteFork,
  type CoreState,
} from "./core-state.ts";
import { judgeDevices } from "./judge.ts";
import { endBase } from "./carry-base.ts";
import { entriesDelivered, sealedAt, type Ledger, type LedgerBase } from "./ledger.ts";
import type { CoreRecord } from "./ports.ts";
import { noteOpened } from "./seal.ts";

/** Folds the changes of a document again; those it has already, and its genesis, are passed over. */
export function restoreChanges(
  state: CoreState,
  name: DocumentName,
  changes: readonly Uint8Array[],
): Result<void, RestoreError> {
  const document = ensureDocument(state, name);
  const { crypto: hashing } = state.ports;
  const crypto = { sha256: (bytes: Uint8Array) => hashing.sha256(bytes), verify: () => true };
  for (const bytes of changes) {
    if (isGenesis(name, bytes)) continue;
    const admitted =
      document.kind === "ledger"
        ? admitEntryChange(document.part, bytes, { crypto, publicKey: undefined })
        : admitPublicationChange(document.set, bytes, { crypto, hqKeyOf: () => new Uint8Array() });
    if (!admitted.ok) {
      return err({
        type: "Unrestorable",
        document: formatDocumentName(name),
        facts: admitted.error,
      });
    }
  }
  if (document.kind === "ledger") trustOwner(state, document.part.nodes[0]?.signed.fact);
  return ok(undefined);
}

/** A change of a document does not fit what the document holds: never silently passed over. */
export interface RestoreError {
  readonly type: "Unrestorable";
  readonly document: string;
  readonly facts: object;
}

/**
 * Folds the records of the log on top of the checkpoints. A part that is sealed gets no document again, unless the
 * log holds an entry that its sealed texts do not: a branch that came after the sealing.
 */
export function restoreRecords(
  state: CoreState,
  records: Iterable<CoreRecord>,
  onRestored: (name: DocumentName, change: Uint8Array) => void = () => undefined,
): Result<void, RestoreError> {
  const heldBack = new Map<DocumentKey, HeldBack>();
  const restore = (name: DocumentName, changes: readonly Uint8Array[]): typeof restored => {
    const one = restoreChanges(state, name, changes);
    if (one.ok) for (const change of changes) onRestored(name, change);
    return one;
  };
  let restored: Result<void, RestoreError> = ok(undefined);
  for (const { document, change } of records) {
    const name = parseDocumentName(document);
    if (!name) continue;
    if (isSealedAway(state, name)) holdBack(heldBack, keyOf(state, name), { name, change });
    else restored = restore(name, [change]);
    if (!restored.ok) return restored;
  }
  for (const { name, changes } of heldBack.values()) {
    const left = changesOfBranch(state, name, changes);
    if (left.length > 0) restored = restore(name, left);
    if (!restored.ok) return restored;
  }
  return ok(undefined);
}

interface HeldBack {
  readonly name: LedgerPart["name"];
  readonly changes: Uint8Array[];
}

function holdBack(
  heldBack: Map<DocumentKey, HeldBack>,
  key: DocumentKey,
  { name, change }: { readonly name: LedgerPart["name"]; readonly change: Uint8Array },
): void {
  const held = heldBack.get(key);
  if (held) held.changes.push(change);
  else heldBack.set(key, { name, changes: [change] });
}

/** What a checkpoint remembers of a ledger besides its documents. */
export type LedgerMark = {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly sealed: readonly SealedPart[];
  readonly wanted: readonly SealedPart[];
  readonly deliveredThrough: number;
  readonly lastHash: string;
  readonly lastAt: Hlc | null;
  /** Null without a fork. */
  readonly forkedFrom?: number | null;
  /** Absent unless the ledger stands on a carry. */
  readonly base?: LedgerBase;
};

export function ledgerMarks(state: CoreState): readonly LedgerMark[] {
  return [...state.ledgers.values()].map((ledger) => ({
    device: ledger.device,
    incarnation: ledger.incarnation,
    sealed: [...ledger.sealed.values()],
    wanted: [...ledger.wanted.values()],
    deliveredThrough: ledger.deliveredThrough,
    lastHash: ledger.lastHash,
    lastAt: ledger.lastAt ?? null,
    forkedFrom: Number.isFinite(ledger.forkedFrom) ? ledger.forkedFrom : null,
    ...(ledger.base && { base: ledger.base }),
  }));
}

export function restoreMarks(state: CoreState, marks: readonly LedgerMark[]): void {
  for (const mark of marks) {
    const ledger = ledgerOf(state, mark);
    for (const part of mark.sealed) ledger.sealed.set(part.sha256, part);
    for (const part of mark.wanted) ledger.wanted.set(part.sha256, part);
    ledger.forkedFrom = mark.forkedFrom ?? Number.POSITIVE_INFINITY;
    ledger.deliveredThrough = mark.deliveredThrough;
    ledger.lastHash = mark.lastHash;
    ledger.lastAt = mark.lastAt ?? undefined;
    ledger.base = mark.base;
  }
}

/**
 * Ledgers that once were complete up to an entry that is not here any more: a checkpoint was
 * damaged beyond repair. Another device's ledger starts over and comes back from the peers.
 */
export function ledgersCutShort(state: CoreState): readonly LedgerCut[] {
  return [...state.ledgers.values()].flatMap((ledger) => {
    const heldThrough = Math.max(
      ledger.base?.throughSequence ?? 0,
      ...[...ledger.sealed.values()].map((part) => part.lastSequence),
      ...[...ledger.open.values()].flatMap((part) => part.branches.map((one) => one.sequence)),
    );
    const { device, incarnation, deliveredThrough } = ledger;
    if (heldThrough >= deliveredThrough) return [];
    if (device !== state.ports.device) ledger.deliveredThrough = heldThrough;
    return [{ device, incarnation, heldThrough, expectedThrough: deliveredThrough }];
  });
}

export interface LedgerCut {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly heldThrough: number;
  readonly expectedThrough: number;
}

/** After the last change: finds parts to seal or to want, observes time, hands on what is complete. */
export function settleRestored(state: CoreState): void {
  judgeDevices(state, { isStart: true });
  for (const document of state.documents.values()) {
    if (document.kind !== "ledger") continue;
    for (const { signed } of document.part.nodes) {
      if (signed.fact.kind === "opened") noteOpened(state, signed.fact);
    }
    noteFork(state, document.part.name, () => new Set());
    const last = document.part.nodes.at(-1);
    if (last) state.ports.hlc.observe(last.signed.fact.at);
  }
  for (const ledger of state.ledgers.values()) {
    noteUnlinked(state, ledger);
    endBase(state, ledger);
    deliver(state, ledger);
    // Whoever watches from here on has read what is here.
    if (ledger.forkedFrom === Number.POSITIVE_INFINITY) continue;
    const entries = entriesDelivered(ledger, 1, state.readSealed);
    ledger.handedOn = new Set(entries.map(({ hash }) => hash));
    // A branch that came after the marks were written may end higher at the same number.
    const last = entries.at(-1);
    if (last) Object.assign(ledger, { lastHash: last.hash, lastAt: last.entry.at });
  }
}

/** The text before a sealed part may have been on its way to the disk when the process ended. */
function noteUnlinked(state: CoreState, { sealed }: Ledger): void {
  for (const part of sealed.values()) {
    if (!part.previous || sealed.has(part.previous)) continue;
    const [first] = state.readSealed(part);
    if (first) noteOpened(state, first.fact);
  }
}

function trustOwner(state: CoreState, first: Entry | undefined): void {
  if (!first || state.ports.trust.deviceOf(first.device)) return;
  const opened = readOpened(first);
  if (opened.ok) state.ports.trust.learn(opened.value.certificates);
}

/** The log may still hold changes of a part that was sealed and whose document is gone. */
function isSealedAway(state: CoreState, name: DocumentName): name is LedgerPart["name"] {
  if (name.kind !== "ledger" || state.documents.has(keyOf(state, name))) return false;
  return sealedAt(ledgerOf(state, name), name.part).length > 0;
}

/**
 * The changes of a sealed part's document that must be folded again. None if the sealed texts hold them all. Otherwise
 * the document came back whole after the sealing; what is left of its first life in the log may lack its beginning.
 */
function changesOfBranch(
  state: CoreState,
  name: LedgerPart["name"],
  changes: readonly Uint8Array[],
): readonly Uint8Array[] {
  const { crypto } = state.ports;
  const texts = sealedAt(ledgerOf(state, name), name.part);
  const sealed = new Set(texts.flatMap((part) => state.readSealed(part).map(({ hash }) => hash)));
  const isSealed = (bytes: Uint8Array): boolean => {
    const entry = peekEntry(bytes);
    return (
      entry !== undefined &&
      sealed.has(hex(crypto.sha256(utf8(canonicalJson(entry as unknown as Json)))))
    );
  };
  if (changes.every(isSealed)) return [];
  const part = emptyPart(name);
  const context = { crypto: { ...crypto, verify: () => true }, publicKey: undefined };
  return changes.filter((bytes) => {
    const admitted = admitEntryChange(part, bytes, context);
    return admitted.ok || admitted.error.type !== "MissingParent" || !isSealed(bytes);
  });
}

function isGenesis(name: DocumentName, bytes: Uint8Array): boolean {
  const { change } = genesisOf(name.kind);
  return bytes.length === change.length && bytes.every((byte, index) => byte === change[index]);
}

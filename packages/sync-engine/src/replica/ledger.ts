/**
 * A device's ledger in one incarnation: sealed parts, open parts, and how far it is complete. SPEC.md §5 (LE).
 *
 * @module
 */

import type { DeviceId, Entry, EntryFlag, HeldEntry, Hlc } from "@tillmesh/kernel";
import { forkedFrom, type EntryNode, type LedgerPart } from "../documents/ledger-part.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import { readOpened } from "../documents/opened.ts";
import type { Signed } from "../documents/signed-text.ts";

/** Mutable: owned by one replica. */
export interface Ledger {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly open: Map<number, LedgerPart>;
  /** By hash. Two of one part where clones sealed it apart. */
  readonly sealed: Map<string, SealedPart>;
  /** By hash: parts that a later part names and that are not here yet. */
  readonly wanted: Map<string, SealedPart>;
  /** The lowest sequence that two entries share; infinity without a fork. */
  forkedFrom: number;
  /** Once there is a fork: the hashes from there on that were handed on, since branches come late. */
  handedOn: Set<string> | undefined;
  /** Every entry up to this one is here and was handed on. */
  deliveredThrough: number;
  /** Hash and moment of that entry. */
  lastHash: string;
  lastAt: Hlc | undefined;
  /** Set while its device is revoked: whether an entry counts. */
  accepts: ((entry: Pick<Entry, "sequence">, hash: string) => boolean) | undefined;
  /** Set while the ledger stands on a carry: what came before is not here, or not all of it. */
  base: LedgerBase | undefined;
}

/** Where a ledger begins here. SPEC.md §5 (CW). */
export type LedgerBase = {
  /** Hash of the carry's text. */
  readonly carry: string;
  /** The rule by which it was kept. */
  readonly keeps: string;
  /** The part that ends with the last entry carried, and the hash of its sealed text. */
  readonly part: number;
  readonly sealed: string;
  readonly throughSequence: number;
  /** Hash of that entry. */
  readonly hash: string;
};

/** What a replica knows of a ledger. */
export interface LedgerState {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly part: number;
  /** The first entry here; above 1 what came before is in the carry, and on its way. */
  readonly heldFrom: number;
  /** Every entry from there up to this one is here. */
  readonly sequence: number;
  readonly hash: string;
  readonly at: Hlc | undefined;
  readonly isForked: boolean;
}

export function emptyLedger(device: DeviceId, incarnation: number): Ledger {
  return {
    device,
    incarnation,
    open: new Map(),
    sealed: new Map(),
    wanted: new Map(),
    forkedFrom: Number.POSITIVE_INFINITY,
    handedOn: undefined,
    deliveredThrough: 0,
    lastHash: "",
    lastAt: undefined,
    accepts: undefined,
    base: undefined,
  };
}

export function heldFrom({ base }: Ledger): number {
  return (base?.throughSequence ?? 0) + 1;
}

export function ledgerState(ledger: Ledger): LedgerState {
  const sealed = Array.from(ledger.sealed.values(), ({ name }) => name.part);
  return {
    device: ledger.device,
    incarnation: ledger.incarnation,
    part: Math.max(0, ...ledger.open.keys(), ...sealed),
    heldFrom: heldFrom(ledger),
    sequence: ledger.deliveredThrough,
    hash: ledger.lastHash,
    at: ledger.lastAt,
    isForked: ledger.forkedFrom !== Number.POSITIVE_INFINITY,
  };
}

/** Reads the entries of a sealed part; empty if its file is gone (verify reports that). */
export type ReadSealed = (part: SealedPart) => readonly Signed<Entry>[];

/** The sealed texts of one part: one, unless clones sealed it apart. */
export function sealedAt(ledger: Ledger, part: number): readonly SealedPart[] {
  return [...ledger.sealed.values()].filter(({ name }) => name.part === part);
}

/**
 * Entries after `after`, by sequence, then hash; at most about one part's worth. All branches of a fork are in
 * it: it ends where the first of the parts it starts from ends. A branch of which an earlier part is still wanted is left
 * out. While the ledger stands on a carry nothing is before it, and nothing comes that does not continue it.
 */
export function entriesFollowing(
  ledger: Ledger,
  after: number,
  readSealed: ReadSealed,
): readonly HeldEntry[] {
  if (after + 1 < heldFrom(ledger)) return [];
  const sealed = [...ledger.sealed.values()].filter(
    (part) => part.lastSequence > after && isRootedAt(ledger, part.sha256),
  );
  const open = [...ledger.open.values()].filter((part) => lastOf(part) > after);
  const ends = [
    ...sealed
      .filter((part) => part.firstSequence <= after + 1)
      .map(({ lastSequence }) => lastSequence),
    ...open
      .filter((part) => rootsOf(ledger, part).some((root) => sequenceOf(root) <= after + 1))
      .map(lastOf),
  ];
  if (ends.length === 0) return [];
  const through = Math.min(...ends);
  const byHash = new Map<string, Entry>();
  for (const part of sealed.filter(({ firstSequence }) => firstSequence <= through)) {
    for (const { fact, hash } of readSealed(part)) byHash.set(hash, fact);
  }
  for (const { signed } of open.flatMap((part) => rootedNodes(ledger, part))) {
    byHash.set(signed.hash, signed.fact);
  }
  return [...byHash]
    .filter(([, { sequence }]) => sequence > after && sequence <= through)
    .map(([hash, entry]) => toHeld(ledger, entry, hash))
    .toSorted(bySequenceThenHash);
}

/** An entry as folds receive it: flagged from the fork on, and where it does not count. */
export function toHeld(
  { forkedFrom: forkAt, accepts }: Ledger,
  entry: Entry,
  hash: string,
): HeldEntry {
  const flags: EntryFlag[] = entry.sequence >= forkAt ? ["fork"] : [];
  if (accepts && !accepts(entry, hash)) flags.push("revoked");
  return { entry, hash, flags };
}

/** All that is complete here from `first` on and was, or could have been, handed on. */
export function entriesDelivered(
  ledger: Ledger,
  first: number,
  readSealed: ReadSealed,
): readonly HeldEntry[] {
  const all: HeldEntry[] = [];
  for (let after = Math.max(first, heldFrom(ledger)) - 1; after < ledger.deliveredThrough;) {
    const entries = entriesFollowing(ledger, after, readSealed);
    all.push(...entries.filter(({ entry }) => entry.sequence <= ledger.deliveredThrough));
    const last = entries.at(-1);
    if (!last) break;
    after = last.entry.sequence;
  }
  return all;
}

/** Whether everything before this document's entries is here. Only clones make more than one beginning. */
export function isRooted(ledger: Ledger, part: LedgerPart): boolean {
  return rootsOf(ledger, part).length > 0;
}

/** Whether everything up to the end of this document was handed on. */
export function isCompleteTo({ deliveredThrough }: Ledger, part: LedgerPart): boolean {
  return lastOf(part) === deliveredThrough;
}

/**
 * Looks for a fork at one part: two entries of one number in its document and its sealed texts, or two texts of
 * which one goes on where the other ends.
 */
export function findFork(ledger: Ledger, part: number, readSealed: ReadSealed): number {
  const open = ledger.open.get(part);
  const sealed = sealedAt(ledger, part);
  if (sealed.length + (open ? 1 : 0) < 2) return open ? forkedFrom(open) : Number.POSITIVE_INFINITY;
  const inDocument = open?.nodes ?? [];
  const shared = lowestShared([
    ...sealed.flatMap(readSealed),
    ...inDocument.map(({ signed }) => signed),
  ]);
  if (shared !== Number.POSITIVE_INFINITY) return shared;
  const ends = sealed.map(({ lastSequence }) => lastSequence);
  const end = Math.min(...ends);
  const goesOn = ends.length > 1 || (open !== undefined && lastOf(open) > end);
  return goesOn ? end + 1 : shared;
}

/** The lowest number that two different entries have. */
function lowestShared(entries: readonly Signed<Entry>[]): number {
  const hashBySequence = new Map<number, string>();
  let lowest = Number.POSITIVE_INFINITY;
  for (const { fact, hash } of entries) {
    const other = hashBySequence.get(fact.sequence) ?? hash;
    if (other !== hash) lowest = Math.min(lowest, fact.sequence);
    hashBySequence.set(fact.sequence, other);
  }
  return lowest;
}

function bySequenceThenHash(a: HeldEntry, b: HeldEntry): number {
  return a.entry.sequence - b.entry.sequence || (a.hash < b.hash ? -1 : 1);
}

function sequenceOf({ signed }: EntryNode): number {
  return signed.fact.sequence;
}

/** The beginnings of a document that continue what is here. */
function rootsOf(ledger: Ledger, part: LedgerPart): readonly EntryNode[] {
  const candidates = part.branches.length > 1 ? part.nodes : part.nodes.slice(0, 1);
  return candidates.filter((node) => !node.parent && isRootHere(ledger, node));
}

function isRootHere(ledger: Ledger, { signed: { fact } }: EntryNode): boolean {
  const opened = readOpened(fact);
  const previous = opened.ok ? opened.value.previousPart : undefined;
  if (!previous) return ledger.base === undefined;
  if (isRootedAt(ledger, previous.sha256)) return true;
  const last = ledger.open.get(fact.part - 1)?.nodeByEntry.get(fact.previous);
  return last !== undefined && isRootHere(ledger, rootOf(last));
}

/** Whether what the ledger's carry stands for is here, down to the first entry. */
export function isHistoryHere(ledger: Ledger): boolean {
  const { base } = ledger;
  if (!base) return false;
  const alone = { ...ledger, base: undefined };
  if (isRootedAt(alone, base.sealed)) return true;
  // Its last part may be a document still.
  const next = sealedAt(ledger, base.part + 1).find(({ previous }) => previous === base.sealed);
  if (next) return isRootedAt(alone, next.sha256);
  const open = ledger.open.get(base.part + 1);
  const roots = open ? rootsOf(alone, open) : [];
  return roots.some(({ signed: { fact } }) => fact.previous === base.hash);
}

/** Whether the sealed part and all before it are here, or in the carry. */
function isRootedAt(ledger: Ledger, sha256: string): boolean {
  const { base } = ledger;
  if (sha256 === base?.sealed) return true;
  let part = ledger.sealed.get(sha256);
  while (part?.previous) {
    if (part.previous === base?.sealed) return true;
    const before = ledger.sealed.get(part.previous);
    if (!before) return isInDocument(ledger, part);
    part = before;
  }
  return part !== undefined && base === undefined;
}

/** The part before may still be a document. */
function isInDocument(ledger: Ledger, { name, previousEntry = "" }: SealedPart): boolean {
  const last = ledger.open.get(name.part - 1)?.nodeByEntry.get(previousEntry);
  return last !== undefined && isRootHere(ledger, rootOf(last));
}

function rootOf(node: EntryNode): EntryNode {
  let root = node;
  while (root.parent) root = root.parent;
  return root;
}

function rootedNodes(ledger: Ledger, part: LedgerPart): readonly EntryNode[] {
  if (part.branches.length === 1) return isRooted(ledger, part) ? part.nodes : [];
  const roots = new Set(rootsOf(ledger, part));
  return part.nodes.filter((node) => roots.has(rootOf(node)));
}

function lastOf({ branches }: LedgerPart): number {
  return Math.max(...branches.map(({ sequence }) => sequence));
}

/**
 * The chain of a ledger: each entry names the hash of the one before. SPEC.md §4 (HC).
 *
 * @module
 */

import {
  canonicalJson,
  type Entry,
  entryRefKey,
  type EntryRef,
  type HeldEntry,
  hex,
  type Json,
  utf8,
} from "@tillmesh/kernel";

export type Sha256 = (data: Uint8Array) => Uint8Array;

/** Hex SHA-256 of the entry's canonical JSON. */
export function entryHash(entry: Entry, sha256: Sha256): string {
  return hex(sha256(utf8(canonicalJson({ ...entry } as unknown as Json))));
}

/**
 * Everything wrong with the chains in `entries`, in any order and of any devices: stored hashes
 * that are not those of the entries, and entries whose `previous` is no held entry one number before.
 * Both branches of a fork are sound chains. Entry 1 of an incarnation begins a chain, and so does any entry
 * of `starts`, for a replica that holds a ledger from a carry on.
 */
export function verifyChain(
  entries: readonly HeldEntry[],
  sha256: Sha256,
  starts: readonly EntryRef[] = [],
): readonly ChainFault[] {
  const started = new Set(starts.map(entryRefKey));
  const hashesByRef = groupHashes(entries);
  return inLedgerOrder(entries).flatMap((held) => [
    ...hashFaults(held, sha256),
    ...(started.has(entryRefKey(held.entry)) ? [] : linkFaults(held, hashesByRef)),
  ]);
}

export type ChainFault =
  | {
      readonly type: "HashDiffers";
      readonly entry: EntryRef;
      readonly stored: string;
      readonly computed: string;
    }
  | { readonly type: "EntryMissing"; readonly entry: EntryRef; readonly missing: EntryRef }
  | {
      readonly type: "ChainBroken";
      readonly entry: EntryRef;
      readonly previous: string;
      readonly known: readonly string[];
    };

/** Two entries of one device with one number. `sequence` is the lowest of that incarnation. */
export interface Fork {
  readonly type: "Fork";
  readonly device: string;
  readonly incarnation: number;
  readonly sequence: number;
  /** Of the entries at `sequence`, sorted. */
  readonly hashes: readonly string[];
}

/** At most one fork per device and incarnation, where it begins. */
export function findForks(entries: readonly HeldEntry[]): readonly Fork[] {
  const hashesByRef = groupHashes(entries);
  const first = new Map<string, Fork>();
  for (const { entry } of inLedgerOrder(entries)) {
    const { device, incarnation, sequence } = entry;
    const hashes = hashesByRef.get(entryRefKey(entry)) ?? [];
    const key = `${device}/${incarnation}`;
    if (hashes.length < 2 || first.has(key)) continue;
    first.set(key, { type: "Fork", device, incarnation, sequence, hashes: hashes.toSorted() });
  }
  return [...first.values()];
}

/** Every entry from a fork on, on each branch, is flagged; none is dropped. */
export function flagForks(entries: readonly HeldEntry[]): readonly HeldEntry[] {
  const forkedFrom = new Map(
    findForks(entries).map((fork) => [`${fork.device}/${fork.incarnation}`, fork.sequence]),
  );
  return entries.map((held) => {
    const from = forkedFrom.get(`${held.entry.device}/${held.entry.incarnation}`);
    const isForked = from !== undefined && held.entry.sequence >= from;
    return isForked && !held.flags.includes("fork")
      ? { ...held, flags: [...held.flags, "fork" as const] }
      : held;
  });
}

/** By device, incarnation, sequence, hash: a total order. */
export function inLedgerOrder(entries: readonly HeldEntry[]): readonly HeldEntry[] {
  return entries.toSorted(
    (a, b) =>
      compareText(a.entry.device, b.entry.device) ||
      a.entry.incarnation - b.entry.incarnation ||
      a.entry.sequence - b.entry.sequence ||
      compareText(a.hash, b.hash),
  );
}

/** Where an entry stands, without the rest of it. */
export function refOf({ device, incarnation, sequence }: EntryRef): EntryRef {
  return { device, incarnation, sequence };
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function hashFaults({ entry, hash }: HeldEntry, sha256: Sha256): readonly ChainFault[] {
  const computed = entryHash(entry, sha256);
  return computed === hash
    ? []
    : [{ type: "HashDiffers", entry: refOf(entry), stored: hash, computed }];
}

function linkFaults(
  { entry }: HeldEntry,
  hashesByRef: ReadonlyMap<string, readonly string[]>,
): readonly ChainFault[] {
  if (entry.sequence === 1) return [];
  const before = { ...refOf(entry), sequence: entry.sequence - 1 };
  const known = hashesByRef.get(entryRefKey(before));
  if (known === undefined) return [{ type: "EntryMissing", entry: refOf(entry), missing: before }];
  return known.includes(entry.previous)
    ? []
    : [{ type: "ChainBroken", entry: refOf(entry), previous: entry.previous, known }];
}

function groupHashes(entries: readonly HeldEntry[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { entry, hash } of entries) {
    const key = entryRefKey(entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [hash]);
    else if (!group.includes(hash)) group.push(hash);
  }
  return groups;
}

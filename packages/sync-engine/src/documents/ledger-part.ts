/**
 * One part of a device's ledger: its admitted entries and where they end. SPEC.md §3 (LP).
 *
 * Single writer, append only. A change is admitted only if it is the one change
 * that can carry a well-formed, signed entry of the owner which continues the
 * chain (see change-plan.ts). Two entries may continue one: then the device was
 * cloned or restored, both branches are facts, and the part is forked.
 *
 * @module
 */

import {
  assert,
  err,
  ok,
  type Crypto,
  type Entry,
  type HeldEntry,
  type Result,
} from "@tillmesh/kernel";
import { readClaim } from "./change-claim.ts";
import type { MadeChange } from "./change-plan.ts";
import { incrementsOf } from "./counter-key.ts";
import type { LedgerPartName } from "./document-name.ts";
import { entryMaxLength, readEntry, type EntryFormatError } from "./entry-format.ts";
import { genesisOf } from "./genesis.ts";
import { advance, emptyBranch, isFull, makeEntryChange, type Branch } from "./ledger-branch.ts";
import { isSignedBy, openSignedText, type Signed, type SignedTextError } from "./signed-text.ts";

/** Mutable: owned by one replica, changed by `appendEntry`, `admitEntryChange` and `admitEntryText` only. */
export interface LedgerPart {
  readonly name: LedgerPartName;
  /** In order of arrival; a parent stands before its children. */
  readonly nodes: EntryNode[];
  readonly nodeByEntry: Map<string, EntryNode>;
  readonly nodeByChange: Map<string, EntryNode>;
  /** One, unless the ledger is forked. */
  readonly branches: Branch[];
  readonly actorSeqs: Map<string, string>;
  /** Characters of all entries. */
  textLength: number;
}

/** An admitted entry with the change that carries it. */
export interface EntryNode {
  readonly signed: Signed<Entry>;
  readonly change: MadeChange;
  /** The entry before it in this part; undefined for the first. */
  readonly parent: EntryNode | undefined;
}

/** How an admission verifies: keys by device, and hash functions. */
export interface AdmissionContext {
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
  /** The owner's raw public key. `undefined` skips signatures: only for what this replica admitted before. */
  readonly publicKey: Uint8Array | undefined;
}

export function emptyPart(name: LedgerPartName): LedgerPart {
  return {
    name,
    nodes: [],
    nodeByEntry: new Map(),
    nodeByChange: new Map(),
    branches: [emptyBranch()],
    actorSeqs: new Map(),
    textLength: 0,
  };
}

/** Admits a change, or says which rule it breaks. A change known already is answered with its node. */
export function admitEntryChange(
  part: LedgerPart,
  bytes: Uint8Array,
  context: AdmissionContext,
): Result<{ readonly node: EntryNode; readonly isNew: boolean }, EntryAdmissionError> {
  const read = readClaim(bytes, entryMaxLength, context.crypto);
  if (!read.ok) return err({ type: "NotAnEntryChange", reason: read.error.reason });
  const known = part.nodeByChange.get(read.value.hash);
  if (known) return ok({ node: known, isNew: false });

  const parent = part.nodeByChange.get(read.value.parent);
  if (!parent && read.value.parent !== genesisOf("ledger").hash) {
    return err({ type: "MissingParent", parent: read.value.parent });
  }
  const signed = readSignedEntry(read.value.text, part, context);
  if (!signed.ok) return signed;
  const chained = checkChain(part, parent, signed.value.fact);
  if (!chained.ok) return chained;
  return admitAt(
    part,
    { parent, signed: signed.value, changeHash: read.value.hash },
    context.crypto,
  );
}

/**
 * Admits an entry by its signed text alone: the change that carries it is made here, so none need travel. The
 * same rules, and the same part, as for the owner's change.
 */
export function admitEntryText(
  part: LedgerPart,
  text: string,
  context: AdmissionContext,
): Result<{ readonly node: EntryNode; readonly isNew: boolean }, EntryAdmissionError> {
  if (text.length > entryMaxLength) {
    return err({ type: "NotAnEntryChange", reason: `${text.length} characters` });
  }
  const signed = readSignedEntry(text, part, context);
  if (!signed.ok) return signed;
  const known = part.nodeByEntry.get(signed.value.hash);
  if (known) return ok({ node: known, isNew: false });
  const { previous, kind } = signed.value.fact;
  const parent = part.nodeByEntry.get(previous);
  if (!parent && kind !== "opened") return err({ type: "MissingParent", parent: previous });
  const chained = checkChain(part, parent, signed.value.fact);
  if (!chained.ok) return chained;
  return admitAt(part, { parent, signed: signed.value, changeHash: undefined }, context.crypto);
}

/** The entry a change claims to carry, unverified: to find out whose certificates it brings. */
export function peekEntry(bytes: Uint8Array): Entry | undefined {
  const read = readClaim(bytes, entryMaxLength, noHash);
  if (!read.ok) return undefined;
  const opened = openSignedText("entry", read.value.text, noHash);
  const entry = opened.ok ? readEntry(opened.value.fact) : opened;
  return entry.ok ? entry.value : undefined;
}

/** Appends an entry this device has just signed, at the end of the branch it continues. */
export function appendEntry(
  part: LedgerPart,
  signed: Signed<Entry>,
  change: MadeChange,
): EntryNode {
  const parent = part.nodeByEntry.get(signed.fact.previous);
  const branch = branchEndingAt(part, parent);
  assert(branch !== undefined, "an own entry continues the end of a branch");
  return addNode(part, branch, { signed, change, parent });
}

/** The change for an entry this device is about to append. Nothing is changed yet. */
export function planEntry(
  part: LedgerPart,
  signed: Signed<Entry>,
  crypto: Pick<Crypto, "sha256">,
): MadeChange {
  const branch = branchEndingAt(part, part.nodeByEntry.get(signed.fact.previous));
  assert(branch !== undefined, "an own entry continues the end of a branch");
  return makeEntryChange(branch, signed, crypto);
}

/** Sum over all entries per counter key, in thousandths. Both branches of a fork count. */
export function counterTotals(part: LedgerPart): ReadonlyMap<string, number> {
  const [only] = part.branches;
  if (part.branches.length === 1 && only) {
    return new Map([...only.counters].map(([key, counter]) => [key, counter.milli]));
  }
  const totals = new Map<string, number>();
  for (const { signed } of part.nodes) {
    for (const { key, milli } of incrementsOf(signed.fact)) {
      totals.set(key, (totals.get(key) ?? 0) + milli);
    }
  }
  return totals;
}

/** All entries by sequence, then hash; on a fork every entry from the fork on is flagged. */
export function heldEntries(part: LedgerPart): readonly HeldEntry[] {
  const forkAt = forkedFrom(part);
  return part.nodes
    .map(({ signed }): HeldEntry => {
      const flags = signed.fact.sequence >= forkAt ? (["fork"] as const) : [];
      return { entry: signed.fact, hash: signed.hash, flags };
    })
    .toSorted((a, b) => a.entry.sequence - b.entry.sequence || (a.hash < b.hash ? -1 : 1));
}

/** The lowest sequence that two entries share; infinity without a fork. */
export function forkedFrom(part: LedgerPart): number {
  if (part.branches.length === 1) return Number.POSITIVE_INFINITY;
  const seen = new Set<number>();
  let lowest = Number.POSITIVE_INFINITY;
  for (const { signed } of part.nodes) {
    const { sequence } = signed.fact;
    if (seen.has(sequence)) lowest = Math.min(lowest, sequence);
    seen.add(sequence);
  }
  return lowest;
}

export type EntryAdmissionError =
  | SignedTextError
  | EntryFormatError
  | { readonly type: "NotAnEntryChange"; readonly reason: string }
  | { readonly type: "MissingParent"; readonly parent: string }
  | { readonly type: "WrongDocument"; readonly device: string; readonly part: number }
  | { readonly type: "BadSignature"; readonly device: string; readonly sequence: number }
  | { readonly type: "BrokenChain"; readonly sequence: number; readonly expected: number }
  | { readonly type: "NotOpened"; readonly kind: string }
  | { readonly type: "PartFull"; readonly sequence: number }
  | { readonly type: "OtherChange"; readonly sequence: number }
  | { readonly type: "EntryTwice"; readonly sequence: number }
  | { readonly type: "ActorReused"; readonly actor: string; readonly sequence: number }
  | { readonly type: "TooManyBranches"; readonly limit: number };

/** More branches than clones anybody makes by accident; beyond, the rest is refused and shown. */
const branchesMax = 16;

const noHash = { sha256: () => new Uint8Array(32) };

function readSignedEntry(
  text: string,
  part: LedgerPart,
  { crypto, publicKey }: AdmissionContext,
): Result<Signed<Entry>, EntryAdmissionError> {
  const opened = openSignedText("entry", text, crypto);
  if (!opened.ok) return opened;
  const entry = readEntry(opened.value.fact);
  if (!entry.ok) return entry;
  const { device, incarnation, part: partNumber, sequence } = entry.value;
  const { name } = part;
  if (device !== name.device || incarnation !== name.incarnation || partNumber !== name.part) {
    return err({ type: "WrongDocument", device, part: partNumber });
  }
  if (publicKey && !isSignedBy(opened.value, publicKey, crypto)) {
    return err({ type: "BadSignature", device, sequence });
  }
  return ok({ fact: entry.value, text, hash: opened.value.hash });
}

/** The first entry opens the part; every other one continues its parent by number and hash. */
function checkChain(
  part: LedgerPart,
  parent: EntryNode | undefined,
  entry: Entry,
): Result<void, EntryAdmissionError> {
  if (!parent) {
    if (entry.kind !== "opened") return err({ type: "NotOpened", kind: entry.kind });
    const isNumbered = part.name.part > 1 || entry.sequence === 1;
    return isNumbered
      ? ok(undefined)
      : err({ type: "BrokenChain", sequence: entry.sequence, expected: 1 });
  }
  const expected = parent.signed.fact.sequence + 1;
  return entry.sequence === expected && entry.previous === parent.signed.hash
    ? ok(undefined)
    : err({ type: "BrokenChain", sequence: entry.sequence, expected });
}

interface Claim {
  readonly parent: EntryNode | undefined;
  readonly signed: Signed<Entry>;
  /** Of the change that was sent; undefined if only the text was. */
  readonly changeHash: string | undefined;
}

function admitAt(
  part: LedgerPart,
  { parent, signed, changeHash }: Claim,
  crypto: Pick<Crypto, "sha256">,
): Result<{ readonly node: EntryNode; readonly isNew: boolean }, EntryAdmissionError> {
  const { actor, sequence } = signed.fact;
  const end = branchEndingAt(part, parent);
  if (!end && part.branches.length >= branchesMax) {
    return err({ type: "TooManyBranches", limit: branchesMax });
  }
  const branch = end ?? replayBranch(parent);
  if (isFull(branch)) return err({ type: "PartFull", sequence });
  const change = makeEntryChange(branch, signed, crypto);
  if (changeHash !== undefined && change.hash !== changeHash) {
    return err({ type: "OtherChange", sequence });
  }
  if (part.nodeByEntry.has(signed.hash)) return err({ type: "EntryTwice", sequence });
  if (part.actorSeqs.has(actorSeqKey(branch, actor))) {
    return err({ type: "ActorReused", actor, sequence });
  }
  if (!end) part.branches.push(branch);
  return ok({ node: addNode(part, branch, { signed, change, parent }), isNew: true });
}

function addNode(part: LedgerPart, branch: Branch, node: EntryNode): EntryNode {
  const { signed, change } = node;
  part.actorSeqs.set(actorSeqKey(branch, signed.fact.actor), change.hash);
  advance(branch, signed, change.hash);
  part.nodes.push(node);
  part.nodeByEntry.set(signed.hash, node);
  part.nodeByChange.set(change.hash, node);
  part.textLength += signed.text.length;
  return node;
}

function branchEndingAt(part: LedgerPart, parent: EntryNode | undefined): Branch | undefined {
  const changeHash = parent?.change.hash ?? genesisOf("ledger").hash;
  return part.branches.find((branch) => branch.changeHash === changeHash);
}

/** The branch as it was right after `last`: the start of a fork. */
function replayBranch(last: EntryNode | undefined): Branch {
  const line: EntryNode[] = [];
  for (let node = last; node; node = node.parent) line.push(node);
  const branch = emptyBranch();
  for (const node of line.toReversed()) advance(branch, node.signed, node.change.hash);
  return branch;
}

function actorSeqKey(branch: Branch, actor: string): string {
  return `${actor}/${branch.actor === actor ? branch.actorSeq + 1 : 1}`;
}

/**
 * The end of one line of entries within a ledger part. SPEC.md §3 (BR).
 *
 * A branch knows all that the next change depends on: chain hash and sequence,
 * the change and operation numbers it continues, and the counters this line has
 * touched. Only a cloned or restored device makes a second branch in a part.
 *
 * @module
 */

import type { Crypto, Entry } from "@tillmesh/kernel";
import type { ChunkOp } from "./change-chunk.ts";
import { encodePlan, type MadeChange } from "./change-plan.ts";
import { incrementsOf, type Increment } from "./counter-key.ts";
import { genesisObjects, genesisOf } from "./genesis.ts";
import type { Signed } from "./signed-text.ts";

/** Mutable: owned by the part that holds it, changed by `advance` only. */
export interface Branch {
  sequence: number;
  /** Entries on this line since the start of the part, and their characters. */
  length: number;
  textLength: number;
  entryHash: string;
  changeHash: string;
  maxOp: number;
  lastElement: string;
  actor: string;
  actorSeq: number;
  readonly counters: Map<string, Counter>;
}

export interface Counter {
  /** Operation that created the counter on this branch; increments name it. */
  readonly op: string;
  milli: number;
}

/** The branch before the first entry of a part. */
export function emptyBranch(): Branch {
  const { hash, maxOp } = genesisOf("ledger");
  return {
    sequence: 0,
    length: 0,
    textLength: 0,
    entryHash: "",
    changeHash: hash,
    maxOp,
    lastElement: "_head",
    actor: "",
    actorSeq: 0,
    counters: new Map(),
  };
}

/** The change that carries `signed` at the end of `branch`; nothing is changed yet. */
export function makeEntryChange(
  branch: Branch,
  signed: Signed<Entry>,
  crypto: Pick<Crypto, "sha256">,
): MadeChange {
  const { actor } = signed.fact;
  const startOp = branch.maxOp + 1;
  const insert: ChunkOp = {
    action: "set",
    obj: genesisObjects.entries,
    elemId: branch.lastElement,
    value: signed.text,
    pred: [],
  };
  const ops = incrementsOf(signed.fact).map((increment) => incrementOp(branch, increment));
  const seq = nextActorSeq(branch, actor);
  return encodePlan({ actor, seq, startOp, parent: branch.changeHash }, [insert, ...ops], crypto);
}

/** Moves the branch past an entry that was admitted as the change `changeHash`. */
export function advance(branch: Branch, signed: Signed<Entry>, changeHash: string): void {
  const { fact: entry, hash } = signed;
  branch.actorSeq = nextActorSeq(branch, entry.actor);
  branch.actor = entry.actor;
  branch.sequence = entry.sequence;
  branch.length += 1;
  branch.textLength += signed.text.length;
  branch.entryHash = hash;
  branch.changeHash = changeHash;
  branch.maxOp += 1;
  branch.lastElement = `${branch.maxOp}@${entry.actor}`;
  for (const { key, milli } of incrementsOf(entry)) {
    branch.maxOp += 1;
    const counter = branch.counters.get(key);
    if (counter) counter.milli += milli;
    else branch.counters.set(key, { op: `${branch.maxOp}@${entry.actor}`, milli });
  }
}

/** A full line takes no more: a part is one quick step to seal, and nobody's memory is without end. */
export function isFull({ length, textLength, counters }: Branch): boolean {
  return (
    length >= partEntriesMax || textLength >= partTextMaxLength || counters.size >= partCountersMax
  );
}

/** Bounds of format 1. A device may begin the next part earlier. */
export const partEntriesMax = 1_000;
export const partTextMaxLength = 2_097_152;
/** 64 sub-maps of about 100 counters. */
export const partCountersMax = 6_400;

/** A run of a device writes under a random actor of its own, numbered from 1. */
function nextActorSeq(branch: Branch, actor: string): number {
  return branch.actor === actor ? branch.actorSeq + 1 : 1;
}

/** A key is created with its first increment as value and only incremented after that. */
function incrementOp(branch: Branch, { key, bucket, milli }: Increment): ChunkOp {
  const obj = genesisObjects.counterBucket(bucket);
  const counter = branch.counters.get(key);
  return counter
    ? { action: "inc", obj, key, value: milli, pred: [counter.op] }
    : { action: "set", obj, key, value: milli, datatype: "counter", pred: [] };
}

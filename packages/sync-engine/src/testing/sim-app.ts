/**
 * What an app on a simulated replica makes of what it reads and is told: entries, carries, history. SPEC.md §8.
 *
 * @module
 */

import { assert, type HeldEntry } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { createCarryReader, linesOf, type CarryTotal } from "../documents/carry-text.ts";
import type { CoreState } from "../replica/core-state.ts";
import type { CoreEvent } from "../replica/events.ts";
import { entriesFollowing, heldFrom, type Ledger } from "../replica/ledger.ts";
import type { SimDisk } from "./sim-replica.ts";

/** A carry that an app started from. */
export interface SimCarried {
  readonly throughSequence: number;
  readonly totals: readonly CarryTotal[];
  readonly kept: readonly HeldEntry[];
  /** The entries that it stands for, once they were told of. */
  readonly history: readonly HeldEntry[];
}

export interface SimApp {
  readonly disk: SimDisk;
  /** Everything handed on live, in order, since the process started; without what a carry stands for. */
  feed: HeldEntry[];
  /** What an app makes of carries, by ledger. */
  carried: Map<string, SimCarried>;
}

/** What an app does with what it is told. */
export function followEvent(node: SimApp, state: CoreState, event: CoreEvent): void {
  if (event.type === "entries") node.feed.push(...event.entries);
  if (event.type !== "carry" && event.type !== "history") return;
  const id = ledgerId(event);
  const ledger = state.ledgers.get(id);
  assert(ledger !== undefined, `${id} is told of and there`);
  if (event.type === "carry") {
    assert(!node.carried.has(id), `${id} starts from one carry`);
    node.carried.set(id, readCarried(ledger, node.disk));
    return;
  }
  const carried = node.carried.get(id);
  assert(carried !== undefined, `the history of ${id} comes after its carry`);
  if (event.isForked) {
    node.carried.delete(id);
    const others = node.feed.filter(({ entry }) => ledgerId(entry) !== id);
    node.feed = [...others, ...heldOf(state, ledger, 1)];
  } else {
    const history = heldOf(state, ledger, 1).filter(
      ({ entry }) => entry.sequence <= event.throughSequence,
    );
    node.carried.set(id, { ...carried, history });
  }
}

/** Every entry of every ledger that is complete here, as an app reads them after a start. */
export function heldBy(state: CoreState): readonly HeldEntry[] {
  return [...state.ledgers.values()]
    .toSorted(byLedger)
    .flatMap((ledger) => heldOf(state, ledger, heldFrom(ledger)));
}

function heldOf(state: CoreState, ledger: Ledger, from: number): readonly HeldEntry[] {
  const all: HeldEntry[] = [];
  for (let after = from - 1; after < ledger.deliveredThrough;) {
    const entries = entriesFollowing(ledger, after, state.readSealed).filter(
      ({ entry }) => entry.sequence <= ledger.deliveredThrough,
    );
    const last = entries.at(-1);
    assert(last !== undefined, `entries after ${after} of ${ledger.device} can be read`);
    all.push(...entries);
    after = last.entry.sequence;
  }
  return all;
}

/** The carries that ledgers stand on, as an app reads them after a start. */
export function carriedBy(state: CoreState, disk: SimDisk): Map<string, SimCarried> {
  const based = [...state.ledgers.values()].filter(({ base }) => base !== undefined);
  return new Map(based.map((ledger) => [ledgerId(ledger), readCarried(ledger, disk)]));
}

function readCarried({ device, incarnation, base }: Ledger, disk: SimDisk): SimCarried {
  const { carry = "", throughSequence = 0 } = base ?? {};
  const bytes = disk.carries.get(carry);
  assert(bytes !== undefined, `the carry of ${device}/${incarnation} is on the disk`);
  const crypto = testCrypto(1);
  const reader = createCarryReader(
    { device, incarnation, throughSequence },
    { crypto, publicKey: undefined },
  );
  const totals: CarryTotal[] = [];
  const kept: HeldEntry[] = [];
  for (const text of linesOf(bytes)) {
    const line = reader.take(text);
    assert(line.ok, `the carry of ${device}/${incarnation} can be read`);
    if (line.value?.type === "total") totals.push(line.value.total);
    if (line.value?.type === "kept") {
      const { fact: entry, hash } = line.value.kept;
      kept.push({ entry, hash, flags: [] });
    }
  }
  return { throughSequence, totals, kept, history: [] };
}

interface LedgerId {
  readonly device: string;
  readonly incarnation: number;
}

export function ledgerId({ device, incarnation }: LedgerId): string {
  return `${device}/${incarnation}`;
}

export function byLedger(a: LedgerId, b: LedgerId): number {
  if (a.device !== b.device) return a.device < b.device ? -1 : 1;
  return a.incarnation - b.incarnation;
}

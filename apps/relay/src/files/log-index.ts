/**
 * What the files backend knows of its logs without looking at the disk: where each envelope stands, and each chain.
 *
 * Per envelope it holds 28 bytes (place, size, chain sequence, chain offset), in lists that keep at most a third of
 * their space free: 28 to 42 bytes. The hash is kept for the newest envelope of each chain only.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { Lane } from "@tillmesh/sync-engine/relay-protocol";
import type { LogName } from "../log-store.ts";
import {
  addNumber,
  createNumberList,
  createSmallNumberList,
  dropNumbers,
  lengthOf,
  numberAt,
  searchNumber,
  setNumber,
  type NumberList,
} from "./number-list.ts";

export interface LogIndex {
  readonly name: LogName;
  readonly id: Uint8Array;
  first: number;
  next: number;
  /** Below it everything is durable, and may be read. */
  durableNext: number;
  /** SHA-256 of the envelope at `first - 1`. */
  borderHash: Uint8Array | undefined;
  /** Of offsets from `first` on, packed. */
  readonly places: NumberList;
  /** Of their records. */
  readonly sizes: NumberList;
  /** By publisher and run. */
  readonly chains: Map<string, Chain>;
  readonly watchers: Set<() => void>;
}

export interface Chain {
  readonly publisher: string;
  readonly run: Uint8Array;
  newest: number;
  newestOffset: number;
  newestHash: Uint8Array;
  /** Of envelopes that are still there. */
  readonly sequences: NumberList;
  readonly offsets: NumberList;
}

/** Where a record stands. */
export interface SegmentPlace {
  readonly ordinal: number;
  readonly at: number;
  /** Of the record. */
  readonly sizeBytes: number;
}

/** An envelope's place in its publisher's chain. */
export interface ChainLink {
  readonly publisher: string;
  readonly run: Uint8Array;
  readonly sequence: number;
  readonly hash: Uint8Array;
}

export type ChainAnswer =
  | { readonly type: "new" }
  | { readonly type: "fork"; readonly newest: number }
  /** The envelope at that offset has this place; `hash` undefined: it stands on the disk only. */
  | {
      readonly type: "taken";
      readonly newest: number;
      readonly offset: number;
      readonly hash: Uint8Array | undefined;
    };

/** Segments are below 128 MiB. */
export const segmentMaxSizeBytes: number = 2 ** 27;

export function createLogIndex(name: LogName, id: Uint8Array): LogIndex {
  return {
    name,
    id,
    first: 0,
    next: 0,
    durableNext: 0,
    borderHash: undefined,
    places: createNumberList(),
    sizes: createSmallNumberList(),
    chains: new Map(),
    watchers: new Set(),
  };
}

export function logKey({ organisation, channel, lane }: LogName): string {
  return `${organisation} ${quickHex(channel)} ${lane}`;
}

export function chainKey(publisher: string, run: Uint8Array): string {
  return `${publisher} ${quickHex(run)}`;
}

function quickHex({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("hex");
}

/** What stands at an envelope's place in its chain. */
export function findInChain(
  log: LogIndex,
  { publisher, run, sequence }: Omit<ChainLink, "hash">,
): ChainAnswer {
  const chain = log.chains.get(chainKey(publisher, run));
  if (chain === undefined || sequence > chain.newest) return { type: "new" };
  if (sequence === chain.newest) {
    return { type: "taken", newest: sequence, offset: chain.newestOffset, hash: chain.newestHash };
  }
  const index = searchNumber(chain.sequences, sequence);
  if (numberAt(chain.sequences, index) !== sequence) return { type: "fork", newest: chain.newest };
  const offset = numberAt(chain.offsets, index);
  assert(offset !== undefined, "a chain has an offset for each sequence");
  return { type: "taken", newest: chain.newest, offset, hash: undefined };
}

/** Enters an envelope at the log's next offset. */
export function enter(log: LogIndex, link: ChainLink, place: SegmentPlace): Chain {
  const { publisher, run, sequence, hash } = link;
  const key = chainKey(publisher, run);
  const chain = log.chains.get(key) ?? addChain(log, key, createChain(publisher, run));
  chain.newest = sequence;
  chain.newestOffset = log.next;
  chain.newestHash = hash;
  addNumber(chain.sequences, sequence);
  addNumber(chain.offsets, log.next);
  addNumber(log.places, pack(place));
  addNumber(log.sizes, place.sizeBytes);
  log.next += 1;
  return chain;
}

function addChain(log: LogIndex, key: string, chain: Chain): Chain {
  log.chains.set(key, chain);
  return chain;
}

export function createChain(publisher: string, run: Uint8Array): Chain {
  return {
    publisher,
    // A copy: it came as a view of its whole envelope.
    run: new Uint8Array(run),
    newest: 0,
    newestOffset: -1,
    newestHash: new Uint8Array(),
    sequences: createNumberList(),
    offsets: createNumberList(),
  };
}

export function placeOf(log: LogIndex, offset: number): SegmentPlace | undefined {
  const packed = offset < log.first ? undefined : numberAt(log.places, offset - log.first);
  if (packed === undefined) return undefined;
  return {
    ordinal: Math.floor(packed / segmentMaxSizeBytes),
    at: packed % segmentMaxSizeBytes,
    sizeBytes: numberAt(log.sizes, offset - log.first) ?? 0,
  };
}

/** The envelope was copied to another segment. */
export function movePlace(log: LogIndex, offset: number, place: SegmentPlace): void {
  setNumber(log.places, offset - log.first, pack(place));
}

/** Lets go of what is below `offset`; tells the place and publisher of each. */
export function releaseBelow(
  log: LogIndex,
  { offset, hash }: { readonly offset: number; readonly hash: Uint8Array | undefined },
  onGone: (place: SegmentPlace, publisher: string) => void,
): void {
  for (const chain of log.chains.values()) {
    const count = searchNumber(chain.offsets, offset);
    for (let index = 0; index < count; index += 1) {
      const place = placeOf(log, numberAt(chain.offsets, index) ?? -1);
      if (place) onGone(place, chain.publisher);
    }
    dropNumbers(chain.offsets, count);
    dropNumbers(chain.sequences, count);
  }
  dropNumbers(log.places, offset - log.first);
  dropNumbers(log.sizes, offset - log.first);
  log.first = offset;
  log.borderHash = hash;
  forgetOldChains(log);
}

/** Of a publisher's runs that have nothing left here, the newest are remembered. */
export const emptyChainsMax = 16;

function forgetOldChains(log: LogIndex): void {
  const empty = [...log.chains].filter(([, { offsets }]) => lengthOf(offsets) === 0);
  const byPublisher = Map.groupBy(empty, ([, { publisher }]) => publisher);
  for (const chains of byPublisher.values()) {
    const newestFirst = chains.toSorted(([, a], [, b]) => b.newestOffset - a.newestOffset);
    for (const [key] of newestFirst.slice(emptyChainsMax)) log.chains.delete(key);
  }
}

function pack({ ordinal, at }: Pick<SegmentPlace, "ordinal" | "at">): number {
  return ordinal * segmentMaxSizeBytes + at;
}

/** What a log is called, back from its key. */
export function keyToName(key: string): LogName {
  const [organisation = "", channel = "", lane = ""] = key.split(" ");
  return {
    organisation,
    channel: Uint8Array.from(channel.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
    lane: Number(lane) as Lane,
  };
}

/**
 * The envelopes that were appended last, in memory: readers at the end of a log need no disk. SPEC.md (FB).
 *
 * They stand in a ring of slabs that are made once and written over. An allocation for each envelope would leave the
 * heap in holes, since what is read leaves at once and what is kept stays for minutes.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { Stored } from "../log-store.ts";
import type { LogIndex } from "./log-index.ts";
import {
  addNumber,
  createNumberList,
  createSmallNumberList,
  dropNumbers,
  lengthOf,
  numberAt,
  searchNumber,
  type NumberList,
} from "./number-list.ts";

/** Mutable: owned by one store. */
export interface Recent {
  readonly slabSizeBytes: number;
  readonly slabsMax: number;
  readonly slabs: Slab[];
  /** Where the next one goes, counted from the first slab ever on as if none were written over. */
  end: number;
  readonly byLog: Map<LogIndex, RecentLog>;
  /** Small ones as they were read last, by their offset's last digits: twenty readers of one log share a copy. */
  readonly copies: (Copy | undefined)[];
}

interface Copy {
  readonly place: number;
  readonly stored: Stored;
}

interface Slab {
  readonly bytes: Uint8Array;
  /** With something in it. */
  readonly logs: Set<RecentLog>;
}

/** The newest of one log, without gaps. */
interface RecentLog {
  readonly log: LogIndex;
  first: number;
  readonly places: NumberList;
  readonly sizes: NumberList;
}

export interface Kept extends Stored {
  readonly log: LogIndex;
}

export function createRecent(sizeMaxBytes: number): Recent {
  const slabSizeBytes = Math.min(slabMaxSizeBytes, Math.floor(sizeMaxBytes / slabsMin));
  const slabsMax = slabSizeBytes === 0 ? 0 : Math.floor(sizeMaxBytes / slabSizeBytes);
  return { slabSizeBytes, slabsMax, slabs: [], end: 0, byLog: new Map(), copies: [] };
}

/** What is larger than a slab is not kept. */
const slabMaxSizeBytes = 262_144;
const slabsMin = 4;

export function keep(recent: Recent, { log, offset, hash, bytes }: Kept): void {
  const { byLog, slabSizeBytes } = recent;
  if (hash.length + bytes.length > slabSizeBytes) {
    // What stands before would no longer be without gaps.
    byLog.delete(log);
    return;
  }
  const { slab, at } = takeRoom(recent, hash.length + bytes.length);
  slab.bytes.set(hash, at);
  slab.bytes.set(bytes, at + hash.length);
  const known = byLog.get(log);
  const ofLog = known ?? {
    log,
    first: offset,
    places: createNumberList(),
    sizes: createSmallNumberList(),
  };
  if (!known) byLog.set(log, ofLog);
  slab.logs.add(ofLog);
  addNumber(ofLog.places, recent.end);
  addNumber(ofLog.sizes, bytes.length);
  recent.end += hash.length + bytes.length;
}

/** A copy: the slab is written over while a slow reader still has it. */
export function recentAt(recent: Recent, log: LogIndex, offset: number): Stored | undefined {
  const ofLog = recent.byLog.get(log);
  if (!ofLog || offset < ofLog.first) return undefined;
  const place = numberAt(ofLog.places, offset - ofLog.first);
  const sizeBytes = numberAt(ofLog.sizes, offset - ofLog.first);
  if (place === undefined || sizeBytes === undefined) return undefined;
  const known = recent.copies[offset % copiesMax];
  if (known?.place === place) return known.stored;
  const stored = copyOf(recent, { place, sizeBytes, offset });
  if (sizeBytes <= copyMaxSizeBytes) recent.copies[offset % copiesMax] = { place, stored };
  return stored;
}

const copiesMax = 64;
const copyMaxSizeBytes = 4_096;

interface CopyPlace {
  readonly place: number;
  readonly sizeBytes: number;
  readonly offset: number;
}

function copyOf(
  { slabs, slabSizeBytes, slabsMax }: Recent,
  { place, sizeBytes, offset }: CopyPlace,
): Stored {
  const slab = slabs[Math.floor(place / slabSizeBytes) % slabsMax];
  assert(slab !== undefined, "what is in the index stands in a slab");
  const at = place % slabSizeBytes;
  const both = slab.bytes.slice(at, at + hashSizeBytes + sizeBytes);
  return { offset, hash: both.subarray(0, hashSizeBytes), bytes: both.subarray(hashSizeBytes) };
}

export function recentSizeBytes({ slabs, slabSizeBytes }: Recent): number {
  return slabs.length * slabSizeBytes;
}

const hashSizeBytes = 32;

/** Room in one slab, from `recent.end` on; the oldest slab is written over if this one is full. */
function takeRoom(recent: Recent, sizeBytes: number): { readonly slab: Slab; readonly at: number } {
  const { slabSizeBytes, slabsMax, slabs } = recent;
  const at = recent.end % slabSizeBytes;
  const isNext = at === 0 || at + sizeBytes > slabSizeBytes;
  if (isNext) recent.end = Math.ceil(recent.end / slabSizeBytes) * slabSizeBytes;
  const index = Math.floor(recent.end / slabSizeBytes) % slabsMax;
  const known = slabs[index];
  if (known && isNext) empty(recent, known);
  const slab = known ?? { bytes: new Uint8Array(slabSizeBytes), logs: new Set() };
  slabs[index] = slab;
  return { slab, at: isNext ? 0 : at };
}

function empty(recent: Recent, { logs }: Slab): void {
  const oldest = recent.end - (recent.slabsMax - 1) * recent.slabSizeBytes;
  for (const ofLog of logs) {
    const gone = searchNumber(ofLog.places, oldest);
    dropNumbers(ofLog.places, gone);
    dropNumbers(ofLog.sizes, gone);
    ofLog.first += gone;
    const isCurrent = recent.byLog.get(ofLog.log) === ofLog;
    if (lengthOf(ofLog.places) === 0 && isCurrent) recent.byLog.delete(ofLog.log);
  }
  logs.clear();
}

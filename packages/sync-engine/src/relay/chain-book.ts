/**
 * The chains of envelopes in one lane of a channel: what a relay left out, doubled or exchanged shows. SPEC.md §8a (KC).
 *
 * @module
 */

import type { SeenPosition } from "../relay-protocol/bundle.ts";

/** Where a publisher's chain stands, as far as it was read. */
export interface ChainEnd {
  readonly sequence: number;
  /** Hex, of the envelope. */
  readonly hash: string;
}

/** Mutable: owned by one lane. */
export interface ChainBook {
  /** By `<publisher>/<run>`, the one heard of last at the end. */
  readonly ends: Map<string, ChainEnd>;
  /** What others have read and this device has not: since when that is known. */
  readonly named: Map<string, NamedPlace>;
}

interface NamedPlace {
  readonly sequence: number;
  readonly sinceMs: number;
  /** Who says so. */
  readonly by: string;
}

/** An envelope's place, as its header says. */
export interface ChainLink {
  readonly publisher: string;
  /** Base64url. */
  readonly run: string;
  readonly sequence: number;
  /** Hex. */
  readonly previous: string;
  readonly hash: string;
}

export type ChainFinding =
  | { readonly type: "next" }
  /** Envelopes between the last one and this one are not in the log. */
  | { readonly type: "gap"; readonly from: number; readonly through: number }
  /** Two envelopes have one place, or this one continues another. */
  | { readonly type: "fork"; readonly sequence: number }
  /** The log holds it a second time. */
  | { readonly type: "replay"; readonly sequence: number };

export function createChainBook(): ChainBook {
  return { ends: new Map(), named: new Map() };
}

/**
 * Takes an envelope into the book. `isFromStart`: the log was read from its first envelope, and nothing of it was
 * released, so every chain must begin with number 1.
 */
export function noteLink(book: ChainBook, link: ChainLink, isFromStart: boolean): ChainFinding {
  const key = chainKey(link);
  const end = book.ends.get(key);
  if (!end) {
    setEnd(book, key, link);
    const isWhole = link.sequence === 1 || !isFromStart;
    return isWhole ? next : { type: "gap", from: 1, through: link.sequence - 1 };
  }
  if (link.sequence <= end.sequence) {
    const isSame = link.sequence < end.sequence || link.hash === end.hash;
    return { type: isSame ? "replay" : "fork", sequence: link.sequence };
  }
  setEnd(book, key, link);
  if (link.sequence > end.sequence + 1) {
    return { type: "gap", from: end.sequence + 1, through: link.sequence - 1 };
  }
  return link.previous === end.hash ? next : { type: "fork", sequence: link.sequence };
}

/** Another device has read this far, it says. */
export function noteSeen(
  book: ChainBook,
  seen: SeenPosition,
  { by, nowMs }: { readonly by: string; readonly nowMs: number },
): void {
  const key = chainKey(seen);
  const end = book.ends.get(key);
  if (end && end.sequence >= seen.sequence) return;
  const known = book.named.get(key);
  if (known && known.sequence >= seen.sequence) return;
  book.named.delete(key);
  book.named.set(key, { sequence: seen.sequence, sinceMs: known?.sinceMs ?? nowMs, by });
  shorten(book.named);
}

/** What others read longer ago than `graceMs` and this log never showed. Each is told once. */
export function omissions(
  book: ChainBook,
  { nowMs, graceMs }: { readonly nowMs: number; readonly graceMs: number },
): readonly Omission[] {
  const found: Omission[] = [];
  for (const [key, { sequence, sinceMs, by }] of book.named) {
    const isHere = (book.ends.get(key)?.sequence ?? 0) >= sequence;
    if (!isHere && nowMs - sinceMs < graceMs) continue;
    book.named.delete(key);
    if (!isHere) found.push({ publisher: key.slice(0, key.lastIndexOf("/")), sequence, by });
  }
  return found;
}

export interface Omission {
  readonly publisher: string;
  readonly sequence: number;
  readonly by: string;
}

/** The log is read again, or is another. */
export function forgetChains({ ends, named }: ChainBook): void {
  ends.clear();
  named.clear();
}

export function chainKey({ publisher, run }: Pick<ChainLink, "publisher" | "run">): string {
  return `${publisher}/${run}`;
}

const next: ChainFinding = { type: "next" };
/** Runs that ended long ago are let go: a run is one start of a process. */
const chainsMax = 512;

function setEnd(book: ChainBook, key: string, { sequence, hash }: ChainLink): void {
  book.ends.delete(key);
  book.ends.set(key, { sequence, hash });
  shorten(book.ends);
  if ((book.named.get(key)?.sequence ?? Number.POSITIVE_INFINITY) <= sequence) {
    book.named.delete(key);
  }
}

function shorten(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > chainsMax && oldest !== undefined) map.delete(oldest);
}

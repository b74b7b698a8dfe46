/**
 * RULE lastWriterByHq: which of two publications that set a key is in force. SPEC.md §4 (PB).
 *
 * The one with the highest sequence; then the highest publisher id, then the highest publication id.
 * Nothing else counts: not the order of arrival, not a clock, not a value, not what a
 * publisher claims to have seen. The latter decides only whether headquarters is shown a conflict.
 *
 * @module
 */

import type { Hlc } from "@tillmesh/kernel";

/** Negative when `b` wins over `a`: a total order, 0 for one publication only. */
export function lastWriterByHq(a: PublicationRef, b: PublicationRef): number {
  if (a.sequence !== b.sequence) return a.sequence - b.sequence;
  if (a.publisher !== b.publisher) return a.publisher < b.publisher ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

export interface PublicationRef {
  readonly id: string;
  readonly sequence: number;
  readonly publisher: string;
  readonly at: Hlc;
}

/** A publication without its items. */
export interface Writer {
  readonly ref: PublicationRef;
  readonly seen: Readonly<Record<string, number>>;
}

/**
 * Had the publisher of `later` seen `earlier`? A claim to have seen what has no lower sequence is
 * untrue, since a sequence is one more than the highest seen; so what is in force was never seen.
 */
export function hasSeen(later: Writer, earlier: Writer): boolean {
  const { publisher, sequence } = earlier.ref;
  if (later.ref.sequence <= sequence) return false;
  if (later.ref.publisher === publisher) return true;
  return Object.hasOwn(later.seen, publisher) && (later.seen[publisher] ?? 0) >= sequence;
}

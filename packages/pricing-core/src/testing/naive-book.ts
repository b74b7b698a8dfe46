/**
 * The rule "last writer by HQ" written down without a thought for speed: the oracle of the book.
 *
 * @module
 */

import type { Json, Publication } from "@tillmesh/kernel";

export interface NaiveKey {
  readonly key: string;
  /** Null: withdrawn. */
  readonly value: Json;
  readonly publication: string;
  /** Ids of the open claims, the one in force first; one where there is no conflict. */
  readonly heads: readonly string[];
}

/** Every key that was ever set, sorted, from any pile of publications. */
export function naiveBook(pile: readonly Publication[]): readonly NaiveKey[] {
  const publications = [...new Map(pile.map((one) => [one.id, one])).values()];
  const keys = new Set(publications.flatMap(({ items }) => items.map(({ key }) => key)));
  return [...keys].toSorted().map((key) => naiveKey(key, publications));
}

function naiveKey(key: string, publications: readonly Publication[]): NaiveKey {
  const claims = publications
    .filter(({ items }) => items.some((item) => item.key === key))
    .toSorted(newestFirst);
  const heads = claims.filter((one) => !claims.some((other) => saw(other, one)));
  const winner = claims[0];
  const value = winner?.items.findLast((item) => item.key === key)?.value ?? null;
  return { key, value, publication: winner?.id ?? "", heads: heads.map(({ id }) => id) };
}

function newestFirst(a: Publication, b: Publication): number {
  if (a.sequence !== b.sequence) return b.sequence - a.sequence;
  if (a.publisher !== b.publisher) return a.publisher > b.publisher ? -1 : 1;
  return a.id > b.id ? -1 : 1;
}

function saw(later: Publication, earlier: Publication): boolean {
  const isLater = later.sequence > earlier.sequence;
  const isOwn = later.publisher === earlier.publisher;
  const seen = new Map(Object.entries(later.seen)).get(earlier.publisher) ?? 0;
  return isLater && (isOwn || seen >= earlier.sequence);
}

/**
 * Stock without a fold: everything again from the whole list, in the plainest way. The oracle of the folds.
 *
 * @module
 */

import type { HeldEntry, LocationId, Movement, Sku } from "@tillmesh/kernel";
import type { SeenByDevice } from "../count.ts";

export interface ReferenceCell {
  readonly location: LocationId;
  readonly sku: Sku;
  readonly totals: Readonly<Record<string, number>>;
  readonly levelMilli: number;
  /** Hash of the count in force. */
  readonly inForce: string | null;
  /** Hashes, sorted. */
  readonly concurrent: readonly string[];
  readonly inTransitMilli: number;
}

/** One SKU at one location, from `entries` in any order and however often repeated. */
export function referenceCell(
  entries: readonly HeldEntry[],
  location: LocationId,
  sku: Sku,
): ReferenceCell {
  const once = [...new Map(entries.map((held) => [held.hash, held])).values()];
  const totals = totalsOf(once, location, sku);
  const standing = standingCounts(once, location, sku);
  const [inForce, ...concurrent] = standing.map(({ hash }) => hash);
  const body = standing[0]?.body;
  const total = sum(Object.values(totals));
  const seen = sum(Object.values(body?.seen ?? {}).map(({ totalMilli }) => totalMilli));
  return {
    location,
    sku,
    totals,
    levelMilli: body === undefined ? total : body.countedMilli + total - seen,
    inForce: inForce ?? null,
    concurrent,
    inTransitMilli: inTransit(once, location, sku),
  };
}

/** Counted plus every movement that the count did not see, one by one. Only without clones and restores. */
export function referenceLevelByCut(
  entries: readonly HeldEntry[],
  location: LocationId,
  sku: Sku,
): number {
  const [count] = standingCounts(entries, location, sku);
  const outside = entries.filter(
    ({ entry }) => count === undefined || !isIn(count.body.seen, entry),
  );
  const moved = outside.flatMap(({ entry }) => at(entry.movements ?? [], location, sku));
  return (count?.body.countedMilli ?? 0) + sum(moved.map(({ quantityMilli }) => quantityMilli));
}

interface CountBody {
  readonly location: string;
  readonly sku: string;
  readonly countedMilli: number;
  readonly seen: SeenByDevice;
}

function totalsOf(
  entries: readonly HeldEntry[],
  location: LocationId,
  sku: Sku,
): Readonly<Record<string, number>> {
  const totals: Record<string, number> = {};
  for (const { entry } of entries) {
    for (const { quantityMilli } of at(entry.movements ?? [], location, sku)) {
      totals[entry.device] = (totals[entry.device] ?? 0) + quantityMilli;
    }
  }
  return totals;
}

function standingCounts(entries: readonly HeldEntry[], location: LocationId, sku: Sku) {
  const counts = entries
    .filter(({ entry }) => entry.kind === "count")
    .map(({ entry, hash }) => ({ entry, hash, body: entry.body as unknown as CountBody }))
    .filter(({ body }) => body.location === location && body.sku === sku);
  const standing = counts.filter(
    (count) => !counts.some((other) => other !== count && isIn(other.body.seen, count.entry)),
  );
  const candidates = standing.length > 0 ? standing : counts;
  return candidates.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
}

function isIn(
  seen: SeenByDevice,
  place: { readonly device: string; readonly incarnation: number; readonly sequence: number },
): boolean {
  const known = seen[place.device];
  if (known === undefined) return false;
  if (known.incarnation !== place.incarnation) return known.incarnation > place.incarnation;
  return known.sequence >= place.sequence;
}

function inTransit(entries: readonly HeldEntry[], location: LocationId, sku: Sku): number {
  const movements = entries.flatMap(({ entry }) => entry.movements ?? []);
  const own = movements.filter((movement) => movement.sku === sku);
  const transfers = [...new Set(own.flatMap(({ transfer }) => transfer ?? []))];
  const rests = transfers.map((transfer) => {
    const out = own.filter(
      (each) =>
        each.transfer === transfer && each.kind === "transfer-out" && each.counterpart === location,
    );
    const back = own.filter(
      (each) =>
        each.transfer === transfer && each.kind === "transfer-in" && each.location === location,
    );
    return -sum(out.map((m) => m.quantityMilli)) - sum(back.map((m) => m.quantityMilli));
  });
  return sum(rests.filter((rest) => rest > 0));
}

function at(movements: readonly Movement[], location: LocationId, sku: Sku): readonly Movement[] {
  return movements.filter((each) => each.location === location && each.sku === sku);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

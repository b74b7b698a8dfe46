/**
 * All entries of all ledgers, page by page, for a reader that must miss none.
 *
 * A place is a vector: how far each ledger was read. It does not depend on the order of arrival, so
 * it outlives this file and holds on any device of the shop. An entry of another branch that turns up
 * behind the place makes its ledger be read again from the fork: entries come at least once, and their hash
 * tells those that came before.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import { historyMissing, ledgerKey, type LedgerMark } from "./marks.ts";
import { heldOf, type Tables } from "./tables.ts";

/** By `ledgerKey`: the last number read, and how many branch entries were known then. */
export interface EntriesPlace {
  readonly v: Readonly<Record<string, readonly [sequence: number, extras: number]>>;
}

export interface EntriesPage {
  readonly entries: readonly HeldEntry[];
  readonly place: EntriesPlace;
  readonly isMore: boolean;
}

/** In the order of the ledgers' ids, each by number. */
export function entriesAfter(
  tables: Tables,
  place: EntriesPlace | undefined,
  limit: number,
): EntriesPage {
  const entries: HeldEntry[] = [];
  const vector = { ...validVector(place) };
  for (const mark of sortedMarks(tables)) {
    // From its first entry on or not at all: a reader must not believe that a gap was nothing.
    if (historyMissing(mark) > 0) continue;
    const key = ledgerKey(mark.device, mark.incarnation);
    const [sequence, extras] = vector[key] ?? [0, mark.extras];
    const isReread = extras < mark.extras && mark.forkedFrom !== null;
    const after = isReread ? Math.min(sequence, (mark.forkedFrom ?? 1) - 1) : sequence;
    const found = ofLedger(tables, mark, { after, limit: limit - entries.length });
    entries.push(...found);
    const last = found.at(-1)?.entry.sequence ?? after;
    vector[key] = [last, mark.extras];
    if (last < mark.sequence) return { entries, place: { v: vector }, isMore: true };
  }
  return { entries, place: { v: vector }, isMore: false };
}

/** Whole numbers only: both branches' entries of a number come in one page. */
function ofLedger(
  tables: Tables,
  { device, incarnation, forkedFrom }: LedgerMark,
  { after, limit }: { readonly after: number; readonly limit: number },
): readonly HeldEntry[] {
  if (limit <= 0) return [];
  const held = tables
    .sql(
      `SELECT hash, flags, entry FROM entries
       WHERE device = ? AND incarnation = ? AND sequence > ? ORDER BY sequence, hash LIMIT ?`,
    )
    .all(device, incarnation, after, limit + (forkedFrom === null ? 0 : branchesMax))
    .map(heldOf);
  if (held.length <= limit) return held;
  const last = held[limit - 1]?.entry.sequence ?? after;
  return held.filter(({ entry }) => entry.sequence <= last);
}

const branchesMax = 16;

function sortedMarks(tables: Tables): readonly LedgerMark[] {
  return [...tables.marks.values()].toSorted(
    (a, b) =>
      Number(a.device > b.device) - Number(a.device < b.device) || a.incarnation - b.incarnation,
  );
}

/** Cursors come from outside: what is not two numbers is read from the start. */
function validVector(place: EntriesPlace | undefined): EntriesPlace["v"] {
  return Object.fromEntries(
    Object.entries(place?.v ?? {}).filter(
      ([, pair]) =>
        Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isSafeInteger(n)),
    ),
  );
}

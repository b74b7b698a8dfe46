/**
 * Begins a ledger with its carry instead of its first entry.
 *
 * In many short transactions, since a carry may hold tens of thousands of sums. Until the last of them the ledger counts as
 * not read at all; a service that ends before it makes the projection anew.
 *
 * @module
 */

import { countFactOf } from "@tillmesh/crdt-inventory";
import type { HeldEntry } from "@tillmesh/kernel";
import type { LedgerCarry } from "@tillmesh/sync-engine/node";
import { nothingTouched, type Applier, type Touched } from "./apply.ts";
import { deriveExceptions } from "./derive.ts";
import type { Raised } from "./exceptions.ts";
import type { Applied } from "./projection.ts";
import { levelKey, type Tables } from "./tables.ts";

/** The projection, as long as it is the one that was begun with. */
export interface BeginTarget {
  readonly tables: Tables;
  readonly applier: Applier;
  /** One transaction. */
  readonly within: <T>(work: () => T) => T;
  readonly tell: (applied: readonly Applied[], raised: readonly Raised[]) => void;
  /** The projection was made anew or closed meanwhile. */
  readonly isOver: () => boolean;
}

/** Resolves when the ledger is begun, or the projection is over. */
export async function beginLedger(target: BeginTarget, carry: LedgerCarry): Promise<void> {
  const { tables, applier, within } = target;
  const { device, incarnation, location, throughSequence, hash, at } = carry;
  within(() => tables.sql(noteBegun).run());
  const touched = nothingTouched();
  const fresh: HeldEntry[] = [];
  for await (const { totals, kept } of carry.slices) {
    if (target.isOver()) return;
    const applied = within(() => {
      for (const total of totals) applier.addTotal(carry, total, touched);
      return kept.flatMap((held): readonly Applied[] => {
        const n = applier.applyCarried(held, touched);
        return n === undefined ? [] : [{ n, held }];
      });
    });
    fresh.push(...kept);
    if (applied.length > 0) target.tell(applied, deriveNow(target, nothingTouched(), kept));
  }
  for (const some of inPieces(touched)) {
    await new Promise((resolve) => setImmediate(resolve));
    if (target.isOver()) return;
    const raised = deriveNow(target, some, fresh.filter(isAt(some)));
    if (raised.length > 0) target.tell([], raised);
  }
  within(() => {
    const place = { device, incarnation, location, sequence: throughSequence, hash, at };
    applier.setMark({ ...place, extras: 0, forkedFrom: null, base: throughSequence, history: 0 });
    tables.sql("DELETE FROM meta WHERE name = 'begun'").run();
  });
}

function deriveNow(
  { tables, within }: BeginTarget,
  touched: Touched,
  fresh: readonly HeldEntry[],
): readonly Raised[] {
  return within(() => deriveExceptions(tables, touched, fresh));
}

/** Whether an entry counted or moved goods at one of the levels touched. */
function isAt({ levels }: Touched): (held: HeldEntry) => boolean {
  return (held) => {
    const count = countFactOf(held);
    const cells = [...(count === null ? [] : [count]), ...(held.entry.movements ?? [])];
    return cells.some(({ location, sku }) => levels.has(levelKey(location, sku)));
  };
}

const noteBegun = "INSERT OR REPLACE INTO meta (name, value) VALUES ('begun', '')";

/** The service ended while a ledger was begun: some of its sums are there and some are not. */
export function isHalfBegun(tables: Pick<Tables, "sql">): boolean {
  return tables.sql("SELECT 1 FROM meta WHERE name = 'begun'").get() !== undefined;
}

function* inPieces({ levels, ...others }: Touched): Generator<Touched> {
  yield { ...others, levels: new Set() };
  const all = [...levels];
  for (let from = 0; from < all.length; from += levelsPerPiece) {
    yield { ...nothingTouched(), levels: new Set(all.slice(from, from + levelsPerPiece)) };
  }
}

const levelsPerPiece = 64;

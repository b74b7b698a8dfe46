/**
 * The entries that a carry stood for, once the replica has them: for lists and reports; their movements are counted.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import type { Replica } from "../till/replica.ts";
import { pageMax } from "./backlog.ts";
import { historyMissing, ledgerKey, type LedgerMark, type Marks } from "./marks.ts";
import { DamagedError, type Tables } from "./tables.ts";

type LedgerState = ReturnType<Replica["ledgers"]>[number];

/** A ledger of which the replica has more than the tables, before what they began with. */
export function nextHistory(replica: Replica, marks: Marks): LedgerMark | undefined {
  return settled(replica, marks).find(({ ledger }) => !ledger.isForked)?.mark;
}

/**
 * Branches came to light below a carry, and not all that it stands for is read: nobody can tell any more what it
 * stands for. Read from the first entry all is well.
 */
export function isSuperseded(replica: Replica, marks: Marks): boolean {
  return settled(replica, marks).some(({ ledger }) => ledger.isForked);
}

export interface HistoryPage {
  readonly mark: LedgerMark;
  readonly entries: readonly HeldEntry[];
}

export function readHistory(replica: Replica, mark: LedgerMark): HistoryPage {
  const { device, incarnation, history, base } = mark;
  const page = replica.entries({ device, incarnation, after: history, limit: pageMax });
  return { mark, entries: page.filter(({ entry }) => entry.sequence <= base) };
}

/**
 * All that a carry stood for is read. Throws if that adds up to something else: whoever wrote the carry lied or erred,
 * and everything is read again from the entries.
 */
export function closeCarry(tables: Pick<Tables, "sql">, { device, incarnation }: LedgerMark): void {
  const wrong = tables
    .sql(
      `SELECT sku FROM carry_rests
       WHERE device = ? AND incarnation = ? AND rest_milli <> 0 LIMIT 1`,
    )
    .get(device, incarnation);
  const ledger = ledgerKey(device, incarnation);
  if (wrong !== undefined)
    throw new DamagedError(`${ledger} adds up to another sum than its carry`);
  tables
    .sql("DELETE FROM carry_rests WHERE device = ? AND incarnation = ?")
    .run(device, incarnation);
}

/** Entries before those that this device shows. */
export function missingBefore(replica: Replica, marks: ReadonlyMap<string, LedgerMark>): number {
  return replica.ledgers().reduce((sum, ledger) => {
    const mark = marks.get(ledgerKey(ledger.device, ledger.incarnation));
    return sum + Math.max(ledger.heldFrom - 1, historyMissing(mark));
  }, 0);
}

function settled(
  replica: Replica,
  marks: Marks,
): readonly { readonly mark: LedgerMark; readonly ledger: LedgerState }[] {
  const waiting = [...marks.values()].filter((mark) => historyMissing(mark) > 0);
  if (waiting.length === 0) return [];
  const ledgers = new Map(
    replica.ledgers().map((ledger) => [ledgerKey(ledger.device, ledger.incarnation), ledger]),
  );
  return waiting.flatMap((mark) => {
    const ledger = ledgers.get(ledgerKey(mark.device, mark.incarnation));
    return ledger?.heldFrom === 1 ? [{ mark, ledger }] : [];
  });
}

/**
 * How far each ledger has been read into the projection.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { DeviceId, HeldEntry, Hlc, LocationId } from "@tillmesh/kernel";
import type { Replica } from "../till/replica.ts";
import { DamagedError } from "./tables.ts";

export interface LedgerMark {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly location: LocationId;
  readonly sequence: number;
  readonly hash: string;
  readonly at: Hlc;
  /** Entries beyond one for each number: those of other branches. */
  readonly extras: number;
  /** The lowest number that was seen twice. */
  readonly forkedFrom: number | null;
  /** The last entry that a carry stood for when this ledger was begun; 0 for one that was read from its first. */
  readonly base: number;
  /** How many of those have been read since, from the first on. */
  readonly history: number;
}

/** Entries that the replica has, or will have, and that are not in the tables: a carry stands for them. */
export function historyMissing(mark: LedgerMark | undefined): number {
  return mark === undefined ? 0 : mark.base - mark.history;
}

export type Marks = Map<string, LedgerMark>;

export function ledgerKey(device: string, incarnation: number): string {
  return `${device}/${incarnation}`;
}

export function readMarks(db: DatabaseSync): Marks {
  const rows = db.prepare("SELECT * FROM ledgers ORDER BY device, incarnation").all();
  return new Map(
    rows.map((row) => {
      const mark = {
        device: row["device"] as DeviceId,
        incarnation: Number(row["incarnation"]),
        location: row["location"] as LocationId,
        sequence: Number(row["sequence"]),
        hash: String(row["hash"]),
        at: row["at"] as Hlc,
        extras: Number(row["extras"]),
        forkedFrom: row["forked_from"] === null ? null : Number(row["forked_from"]),
        base: Number(row["base"]),
        history: Number(row["history"]),
      };
      return [ledgerKey(mark.device, mark.incarnation), mark];
    }),
  );
}

/** The mark once an entry that is new here has been applied. */
export function nextMark(mark: LedgerMark | undefined, { entry, hash }: HeldEntry): LedgerMark {
  const { device, incarnation, location, sequence, at } = entry;
  if (mark !== undefined && sequence <= mark.sequence) {
    const forkedFrom = Math.min(mark.forkedFrom ?? sequence, sequence);
    return { ...mark, extras: mark.extras + 1, forkedFrom };
  }
  const { extras = 0, forkedFrom = null, base = 0, history = 0 } = mark ?? {};
  const place = { device, incarnation, location, sequence, hash, at };
  return { ...place, extras, forkedFrom, base, history };
}

/**
 * Is the projection of this replica's past? Not if it is ahead, or ends with another entry: the directory
 * was restored or exchanged. Where the replica is ahead, the first entry that follows tells.
 */
export function isPastOf(replica: Replica, marks: Marks): boolean {
  const ledgers = new Map(
    replica.ledgers().map((ledger) => [ledgerKey(ledger.device, ledger.incarnation), ledger]),
  );
  return [...marks].every(([key, mark]) => {
    const ledger = ledgers.get(key);
    if (ledger === undefined || ledger.sequence < mark.sequence) return false;
    // It began anew with a later carry: between the two there is a gap.
    if (ledger.heldFrom > mark.sequence + 1) return false;
    const isSame = ledger.sequence > mark.sequence || ledger.hash === mark.hash;
    return isSame || ledger.isForked || mark.forkedFrom !== null;
  });
}

/** Throws where a page does not continue what was read: the replica has another past. */
export function checkContinues(mark: LedgerMark | undefined, page: readonly HeldEntry[]): void {
  const following = page.filter(({ entry }) => entry.sequence === (mark?.sequence ?? 0) + 1);
  if (mark === undefined || mark.forkedFrom !== null || following.length === 0) return;
  const continues = following.some(({ entry }) => entry.previous === mark.hash);
  if (!continues)
    throw new DamagedError(`${ledgerKey(mark.device, mark.incarnation)} has another past`);
}

/**
 * Ledgers of which the replica has more than the tables, and reading on in them.
 *
 * @module
 */

import type { DeviceId, HeldEntry } from "@tillmesh/kernel";
import type { Replica } from "../till/replica.ts";
import { checkContinues, ledgerKey, type Marks } from "./marks.ts";

export interface LedgerPlace {
  readonly device: DeviceId;
  readonly incarnation: number;
}

/** A ledger of which entries were missed. */
export interface Behind extends LedgerPlace {
  /** Where reading goes on; undefined: after the mark. */
  after: number | undefined;
  /** Read from the replica, which reads whole parts, and not applied yet. */
  page: readonly HeldEntry[];
}

export interface Backlog {
  /** Forgets what was missed, and looks for it anew. */
  find(): void;
  /** Entries of this ledger were missed. */
  fall(device: DeviceId, incarnation: number): void;
  has(key: string): boolean;
  /** This device's own ledgers first. None that waits for its carry. */
  next(whose: "own" | "any"): Behind | undefined;
  /** What comes next of it, at most so many entries. Throws if it does not continue what was read. */
  read(behind: Behind, limit: number): readonly HeldEntry[];
  /** These were applied. */
  settle(behind: Behind, applied: readonly HeldEntry[]): void;
  /** A ledger that begins with a carry which is not read yet. */
  nextCarry(): LedgerPlace | undefined;
  /** How many were missed. */
  entries(): number;
}

/** As many entries as a part has. */
export const pageMax = 1000;

export function createBacklog(replica: Replica, marks: () => Marks): Backlog {
  const behinds = new Map<string, Behind>();
  const fall = (device: DeviceId, incarnation: number, after?: number) => {
    const key = ledgerKey(device, incarnation);
    if (!behinds.has(key)) behinds.set(key, { device, incarnation, after, page: [] });
  };
  const unbegun = () =>
    replica.ledgers().filter((ledger) => ledger.heldFrom > 1 && !marks().has(keyOf(ledger)));
  return {
    find: () => {
      behinds.clear();
      for (const ledger of replica.ledgers()) {
        const mark = marks().get(keyOf(ledger));
        const isUpToDate = mark?.sequence === ledger.sequence && mark.hash === ledger.hash;
        const { device, incarnation, heldFrom } = ledger;
        if (ledger.isForked) fall(device, incarnation, heldFrom - 1);
        else if (!isUpToDate) fall(device, incarnation);
      }
    },
    fall,
    has: (key) => behinds.has(key),
    next: (whose) => {
      const own = replica.device.id;
      for (const behind of behinds.values()) if (behind.device === own) return behind;
      if (whose === "own" || behinds.size === 0) return undefined;
      const waiting = new Set(unbegun().map(keyOf));
      return [...behinds].find(([key]) => !waiting.has(key))?.[1];
    },
    read: (behind, limit) => {
      if (behind.page.length === 0) behind.page = readPage(replica, marks(), behind);
      return behind.page.slice(0, limit);
    },
    settle: (behind, applied) => {
      behind.page = behind.page.slice(applied.length);
      // A page ends where a part does; the end is where the replica's ledger has its own.
      if (applied.length === 0 || isRead(replica, marks(), behind)) behinds.delete(keyOf(behind));
    },
    nextCarry: () => unbegun()[0],
    entries: () =>
      replica.ledgers().reduce((sum, ledger) => {
        if (!behinds.has(keyOf(ledger))) return sum;
        const read = marks().get(keyOf(ledger))?.sequence ?? ledger.heldFrom - 1;
        return sum + Math.max(0, ledger.sequence - read);
      }, 0),
  };
}

function keyOf({ device, incarnation }: LedgerPlace): string {
  return ledgerKey(device, incarnation);
}

function readPage(replica: Replica, marks: Marks, behind: Behind): readonly HeldEntry[] {
  const { device, incarnation } = behind;
  const mark = marks.get(keyOf(behind));
  const after = behind.after ?? mark?.sequence ?? 0;
  const page = replica.entries({ device, incarnation, after, limit: pageMax });
  const last = page.at(-1)?.entry.sequence ?? after;
  if (behind.after === undefined) {
    checkContinues(mark, page);
    return page;
  }
  // A full page may end between two branches' entries of one number.
  behind.after = page.length < pageMax ? last : Math.max(after + 1, last - 1);
  return page;
}

function isRead(replica: Replica, marks: Marks, { after, page, ...place }: Behind): boolean {
  if (after !== undefined || page.length > 0) return false;
  const mark = marks.get(keyOf(place));
  return replica
    .ledgers()
    .some((ledger) => keyOf(ledger) === keyOf(place) && ledger.sequence === mark?.sequence);
}

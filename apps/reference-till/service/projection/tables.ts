/**
 * What read models need of the projection: prepared statements and how far ledgers are known.
 *
 * @module
 */

import { hash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Entry, EntryFlag, HeldEntry } from "@tillmesh/kernel";
import type { LedgerMark } from "./marks.ts";
import type { ToldTransfers } from "./told-transfers.ts";

export interface Tables {
  /** Prepared once per text. */
  sql(text: string): StatementSync;
  /** By `ledgerKey`. */
  readonly marks: ReadonlyMap<string, LedgerMark>;
  /** Scopes that have exceptions, and levels that were counted: most have none, and need no look. */
  readonly known: Known;
  /** Shipments to here of which the ledger may not be held. */
  readonly told: ToldTransfers;
  /**
   * Whether every ledger that moves goods there is held: headquarters has all, a till those of its own location. Of
   * another place it cannot say a level.
   */
  isWhole(location: string): boolean;
}

export type Row = Readonly<Record<string, unknown>>;

/** A row of `entries` as the replica gave it; throws if the file no longer holds what was written. */
export function heldOf(row: Row): HeldEntry {
  const text = String(row["entry"]);
  const found = String(row["hash"]);
  if (hash("sha256", text) !== found) throw new DamagedError(`entry ${found}`);
  const flags = String(row["flags"]);
  return {
    entry: JSON.parse(text) as Entry,
    hash: found,
    flags: flags === "" ? [] : (flags.split(",") as EntryFlag[]),
  };
}

/** The projection's file is not what was written; it has to be made anew. */
export class DamagedError extends Error {}

/** Did reading fail because of the file, and not because of the program? */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof DamagedError ||
    (error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")
  );
}

export interface Known {
  readonly exceptionScopes: Set<string>;
  /** By `levelKey`. */
  readonly countedLevels: Set<string>;
  /** Where anything was ever moved. */
  readonly locations: Set<string>;
}

export function readKnown(db: DatabaseSync): Known {
  const scopes = db.prepare("SELECT DISTINCT scope FROM exceptions").all();
  const counted = db.prepare("SELECT DISTINCT location, sku FROM count_lines").all();
  const locations = db.prepare("SELECT location FROM stock_locations").all();
  return {
    locations: new Set(locations.map((row) => String(row["location"]))),
    exceptionScopes: new Set(scopes.map((row) => String(row["scope"]))),
    countedLevels: new Set(
      counted.map((row) => levelKey(String(row["location"]), String(row["sku"]))),
    ),
  };
}

/** Joins what names a level; no id and no SKU holds a line break. */
export function levelKey(location: string, sku: string): string {
  return `${location}\n${sku}`;
}

/** Before and after the first of it. */
export function splitOnce(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

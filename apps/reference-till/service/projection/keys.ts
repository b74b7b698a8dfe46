/**
 * Own entries by the idempotency keys of the requests that made them.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import { heldOf, type Tables } from "./tables.ts";

export interface KeyedEntry {
  readonly bodyHash: string;
  readonly held: HeldEntry;
}

export function findKeyed(tables: Pick<Tables, "sql">, key: string): KeyedEntry | undefined {
  const row = tables
    .sql("SELECT body_hash, hash, flags, entry FROM keys JOIN entries USING (n) WHERE key = ?")
    .get(key);
  return row && { bodyHash: String(row["body_hash"]), held: heldOf(row) };
}

/**
 * Under which revocations the read models were made: flags of entries follow from them.
 *
 * @module
 */

import type { Replica } from "../till/replica.ts";
import type { Tables } from "./tables.ts";

type Reading = Pick<Tables, "sql">;

/** What is read so far is as the replica flags it now. */
export function noteRevision(tables: Reading, replica: Pick<Replica, "revision">): void {
  const save = "INSERT OR REPLACE INTO meta (name, value) VALUES ('revision', ?)";
  tables.sql(save).run(replica.revision());
}

export function isOfOtherRevision(tables: Reading, replica: Pick<Replica, "revision">): boolean {
  const row = tables.sql("SELECT value FROM meta WHERE name = 'revision'").get();
  return row !== undefined && row["value"] !== replica.revision();
}

/**
 * The fold over this device's own entries, kept with the tables and checked when it is read.
 *
 * @module
 */

import { hash } from "node:crypto";
import { DamagedError, splitOnce, type Tables } from "./tables.ts";

/** Undefined before the first own entry was applied. */
export function readOwnState(tables: Pick<Tables, "sql">): unknown {
  const row = tables.sql("SELECT value FROM meta WHERE name = 'own'").get();
  if (row === undefined) return undefined;
  const [sum, text = ""] = splitOnce(String(row["value"]), " ");
  if (hash("sha256", text) !== sum) throw new DamagedError("the state of the till");
  return JSON.parse(text) as unknown;
}

export function saveOwnState(tables: Pick<Tables, "sql">, state: unknown): void {
  const save = "INSERT OR REPLACE INTO meta (name, value) VALUES ('own', ?)";
  const text = JSON.stringify(state);
  tables.sql(save).run(`${hash("sha256", text)} ${text}`);
}

/**
 * Exceptions as rows: each has an id that its cause gives, and a scope it is derived from.
 *
 * @module
 */

import { canonicalJson, type JsonObject } from "@tillmesh/kernel";
import type { Row, Tables } from "./tables.ts";

export interface Raised {
  readonly type: string;
  /** Which one of its type. */
  readonly key: string;
  readonly facts: JsonObject;
  readonly at: string;
}

export interface ListedException {
  readonly n: number;
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly facts: JsonObject;
}

/** The exceptions of a scope from now on. One that stays keeps its place and moment; new ones are returned. */
export function replaceExceptions(
  tables: Tables,
  scope: string,
  raised: readonly Raised[],
): readonly Raised[] {
  if (raised.length === 0 && !tables.known.exceptionScopes.has(scope)) return [];
  const known = new Map(
    tables
      .sql("SELECT id, facts FROM exceptions WHERE scope = ?")
      .all(scope)
      .map((row) => [String(row["id"]), String(row["facts"])]),
  );
  const fresh: Raised[] = [];
  const ids = new Set<string>();
  for (const one of raised) {
    const id = `${one.type}/${one.key}`;
    if (ids.has(id)) continue;
    ids.add(id);
    const facts = canonicalJson(one.facts);
    if (!known.has(id)) {
      fresh.push(one);
      tables.sql(insert).run(id, scope, one.type, one.at, facts);
    } else if (known.get(id) !== facts) {
      tables.sql("UPDATE exceptions SET facts = ? WHERE id = ?").run(facts, id);
    }
  }
  if (ids.size === 0) tables.known.exceptionScopes.delete(scope);
  else tables.known.exceptionScopes.add(scope);
  for (const id of known.keys()) {
    if (!ids.has(id)) tables.sql("DELETE FROM exceptions WHERE id = ?").run(id);
  }
  return fresh;
}

/** Oldest first. */
export function listExceptions(
  tables: Tables,
  { after, limit }: { readonly after: number; readonly limit: number },
): readonly ListedException[] {
  const rows = tables
    .sql("SELECT * FROM exceptions WHERE n > ? ORDER BY n LIMIT ?")
    .all(after, limit);
  return rows.map((row: Row) => ({
    n: Number(row["n"]),
    id: String(row["id"]),
    type: String(row["type"]),
    at: String(row["at"]),
    facts: JSON.parse(String(row["facts"])) as JsonObject,
  }));
}

const insert = `INSERT INTO exceptions (id, scope, type, n, at, facts)
  VALUES (?, ?, ?, (SELECT coalesce(max(n), 0) + 1 FROM exceptions), ?, ?)
  ON CONFLICT DO NOTHING`;

/**
 * Which exceptions follow from what a batch of entries touched.
 *
 * Levels, sales and transfers are states, so their exceptions come and go. What is wrong with an
 * entry itself stays.
 *
 * @module
 */

import {
  entryExceptions,
  lateMovements,
  standingCounts,
  type CellKey,
  type LateMovement,
  type Level,
} from "@tillmesh/crdt-inventory";
import {
  entryRefKey,
  type HeldEntry,
  type JsonObject,
  type LocationId,
  type Sku,
} from "@tillmesh/kernel";
import { entryFaults, readEntry, saleExceptions } from "@tillmesh/sales-ledger";
import type { Touched } from "./apply.ts";
import { replaceExceptions, type Raised } from "./exceptions.ts";
import { saleState } from "./sales.ts";
import { countFacts, levelAt, overReceived, unseenEntries } from "./stock.ts";
import type { Known, Tables } from "./tables.ts";

/** Runs in the batch's transaction; answers with the exceptions that are new. */
export function deriveExceptions(
  tables: Tables,
  touched: Touched,
  fresh: readonly HeldEntry[],
): readonly Raised[] {
  const at = fresh.at(-1)?.entry.at ?? "";
  const ofEntries = fresh.flatMap((held) => deriveEntry(tables, held));
  const ofSales = [...touched.sales].flatMap((sale) => deriveSale(tables, sale, at));
  const ofLevels = [...touched.levels].flatMap((text) => {
    const [location = "", sku = ""] = text.split("\n");
    const key = { location: location as LocationId, sku: sku as Sku };
    return deriveLevel(tables, key, { at, fresh });
  });
  const ofTransfers = [...touched.transfers].flatMap((transfer) => {
    const raised = overReceived(tables, transfer).map(({ type, ...facts }) => {
      return { type, key: `${transfer}/${facts.sku}/${facts.destination}`, facts, at };
    });
    return replaceExceptions(tables, `transfer/${transfer}`, raised);
  });
  const ofForks = [...touched.forks].flatMap((ledger) => deriveFork(tables, ledger, at));
  return [...ofEntries, ...ofSales, ...ofLevels, ...ofTransfers, ...ofForks];
}

/** Transfers that something is raised about. */
export function raisedTransfers({ exceptionScopes }: Known): readonly string[] {
  return [...exceptionScopes].flatMap((scope) => /^transfer\/(.+)$/s.exec(scope)?.[1] ?? []);
}

function deriveEntry(tables: Tables, held: HeldEntry): readonly Raised[] {
  const { entry, hash, flags } = held;
  const raised = (type: string, facts: JsonObject): Raised => {
    return {
      type,
      key: `${entryRefKey(entry)}/${hash}`,
      facts: { entry: refOf(held), ...facts },
      at: entry.at,
    };
  };
  const faults = entryFaults(held).map((fault) => ({ ...fault }));
  const moved = entryExceptions(held).flatMap((one) => one.faults.map((fault) => ({ ...fault })));
  const all = [
    ...(faults.length > 0 ? [raised("EntryFaulty", { kind: entry.kind, faults })] : []),
    ...(moved.length > 0 ? [raised("MovementsFaulty", { faults: moved })] : []),
    ...(flags.includes("revoked") ? [raised("EntryRevoked", {})] : []),
    ...(readEntry(held).kind === "unknown-kind"
      ? [raised("EntryUnknownKind", { kind: entry.kind })]
      : []),
  ];
  return all.length === 0 ? [] : replaceExceptions(tables, `entry/${hash}`, all);
}

function deriveSale(tables: Tables, sale: string, at: string): readonly Raised[] {
  // A sale that nothing was given back of has no exceptions, unless it came twice.
  const facts = tables
    .sql(
      `SELECT (SELECT count(*) FROM sales WHERE sale = ?1) AS sales,
        (SELECT count(*) FROM refunds WHERE sale = ?1) AS refunds`,
    )
    .get(sale);
  if (facts?.["sales"] === 1 && facts["refunds"] === 0) return [];
  const raised = saleExceptions(saleState(tables, sale)).map(({ type, ...rest }) => {
    const key = "lineId" in rest ? `${sale}/${rest.lineId}` : sale;
    return { type, key, facts: rest as unknown as JsonObject, at };
  });
  return replaceExceptions(tables, `sale/${sale}`, raised);
}

interface Batch {
  readonly at: string;
  readonly fresh: readonly HeldEntry[];
}

function deriveLevel(tables: Tables, key: CellKey, batch: Batch): readonly Raised[] {
  const { location, sku } = key;
  if (!tables.isWhole(location)) return [];
  const name = `${location}/${sku}`;
  const level = levelAt(tables, key);
  const raised = [...oversell(name, key, level), ...recount(name, key, level)];
  const ofLevel = replaceExceptions(
    tables,
    `level/${name}`,
    raised.map((one) => ({ ...one, at: batch.at })),
  );
  return level.inForce === null ? ofLevel : [...ofLevel, ...deriveLate(tables, key, batch)];
}

function oversell(
  key: string,
  cell: CellKey,
  { levelMilli }: Level,
): readonly Omit<Raised, "at">[] {
  if (levelMilli >= 0) return [];
  return [{ type: "OversellRaised", key, facts: { ...cell, levelMilli } }];
}

function recount(
  key: string,
  cell: CellKey,
  { inForce, concurrent }: Level,
): readonly Omit<Raised, "at">[] {
  if (inForce === null || concurrent.length === 0) return [];
  const counts = [inForce, ...concurrent].map(({ entry, at, countedMilli }) => {
    return { entry: { ...entry }, at, countedMilli };
  });
  return [{ type: "RecountNeeded", key, facts: { ...cell, counts } }];
}

/** Movements of before a count that stands, whichever of the two arrived first. */
function deriveLate(tables: Tables, key: CellKey, { fresh }: Batch): readonly Raised[] {
  const hashes = new Set(fresh.map(({ hash }) => hash));
  const standing = standingCounts(countFacts(tables, key));
  const keep = new Set(standing.map(({ entry }) => entryRefKey(entry)));
  const scope = `late/${key.location}/${key.sku}`;
  const known = knownLate(tables, scope).filter(({ facts }) => keep.has(countKey(facts)));
  const found = standing.flatMap((count) =>
    lateMovements(count, hashes.has(count.hash) ? unseenEntries(tables, count) : fresh),
  );
  return replaceExceptions(tables, scope, [...known, ...found.map(lateRaised)]);
}

function lateRaised({ type, ...late }: LateMovement): Raised {
  const { count, entry, movedAt: at } = late;
  const key = `${entryRefKey(count)}/${entryRefKey(entry)}/${late.kind}`;
  return { type, key, facts: { ...late, count: { ...count }, entry: { ...entry } }, at };
}

function knownLate(tables: Tables, scope: string): readonly Raised[] {
  const rows = tables.sql("SELECT * FROM exceptions WHERE scope = ?").all(scope);
  return rows.map((row) => {
    const type = String(row["type"]);
    const facts = JSON.parse(String(row["facts"])) as JsonObject;
    return { type, key: String(row["id"]).slice(type.length + 1), facts, at: String(row["at"]) };
  });
}

function countKey(facts: JsonObject): string {
  return entryRefKey(facts["count"] as unknown as HeldEntry["entry"]);
}

function deriveFork(tables: Tables, ledger: string, at: string): readonly Raised[] {
  const mark = tables.marks.get(ledger);
  if (mark === undefined || mark.forkedFrom === null) return [];
  const { device, incarnation, forkedFrom: sequence } = mark;
  const facts = { device, incarnation, sequence };
  return replaceExceptions(tables, `fork/${ledger}`, [{ type: "Fork", key: ledger, facts, at }]);
}

function refOf({ entry }: HeldEntry): JsonObject {
  const { device, incarnation, sequence } = entry;
  return { device, incarnation, sequence };
}

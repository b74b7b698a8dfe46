/**
 * One entry into the tables: its place, its movements and what its kind adds.
 *
 * Applying an entry twice changes nothing; order between devices does not matter.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  canonicalJson,
  isQuantityMilli,
  type Json,
  type Entry,
  type HeldEntry,
  type JsonObject,
  type Movement,
} from "@tillmesh/kernel";
import { readEntry, type ReadEntry } from "@tillmesh/sales-ledger";
import type { CarryTotal, LedgerCarry } from "@tillmesh/sync-engine/node";
import { invoicePlace } from "../fiscal/invoice-note.ts";
import { createFiscalApplier } from "./fiscal-apply.ts";
import { ledgerKey, nextMark, type LedgerMark, type Marks } from "./marks.ts";
import { levelKey, type Known } from "./tables.ts";

/** What entries touched, for what is derived from several of them. */
export interface Touched {
  /** By `levelKey`. */
  readonly levels: Set<string>;
  readonly sales: Set<string>;
  readonly transfers: Set<string>;
  /** By `ledgerKey`; only those with a new branch. */
  readonly forks: Set<string>;
}

export function nothingTouched(): Touched {
  return { levels: new Set(), sales: new Set(), transfers: new Set(), forks: new Set() };
}

export interface Applier {
  /** The arrival number; undefined when the entry was here already. */
  apply(held: HeldEntry, touched: Touched): number | undefined;
  /** The same for an entry whose movements are in sums that a carry brought. */
  applyCarried(held: HeldEntry, touched: Touched): number | undefined;
  /** A sum that a carry brings. */
  addTotal(place: CarryPlace, total: CarryTotal, touched: Touched): void;
  setMark(mark: LedgerMark): void;
}

export type CarryPlace = Pick<LedgerCarry, "device" | "incarnation" | "throughSequence">;

/** `marks` and `known` are kept in step with the tables. */
export interface Kept {
  readonly marks: Marks;
  readonly known: Known;
  /** Recorded by this device since these tables were opened. */
  readonly isFresh: (held: HeldEntry) => boolean;
}

export function createApplier(db: DatabaseSync, own: string, kept: Kept): Applier {
  const { marks, known, isFresh } = kept;
  const statements = prepare(db);
  const fiscal = createFiscalApplier(db);
  return {
    apply: (held, touched) => {
      const n = insertEntry(statements, held);
      if (n === undefined) return undefined;
      const { entry } = held;
      const key = ledgerKey(entry.device, entry.incarnation);
      const mark = nextMark(marks.get(key), held);
      if (mark.extras > (marks.get(key)?.extras ?? 0)) touched.forks.add(key);
      marks.set(key, mark);
      saveMark(statements, mark);
      if (entry.device === own && entry.key !== undefined) {
        statements.key.run(entry.key, entry.bodyHash ?? "", n);
      }
      if (!held.flags.includes("revoked")) {
        applyFacts(statements, held, { n, touched, known, isCarried: false });
        fiscal.apply(held, n, isFresh(held));
      }
      return n;
    },
    applyCarried: (held, touched) => {
      const n = insertEntry(statements, held);
      if (n === undefined) return n;
      applyFacts(statements, held, { n, touched, known, isCarried: true });
      fiscal.apply(held, n, false);
      return n;
    },
    addTotal: (
      { device, incarnation, throughSequence },
      { location, sku, totalMilli },
      touched,
    ) => {
      statements.move.run(location, sku, device, incarnation, throughSequence, totalMilli);
      statements.rest.run(device, incarnation, location, sku, totalMilli);
      noteLevel(statements, { location, sku }, { touched, known });
    },
    setMark: (mark) => {
      marks.set(ledgerKey(mark.device, mark.incarnation), mark);
      saveMark(statements, mark);
    },
  };
}

/** What a stock entry refers to when it brings in what lay there before the till did. */
export const openingStockReference = "opening-stock";

interface Arrival {
  readonly n: number;
  /** What it moved is in sums that a carry brought. */
  readonly isCarried: boolean;
  readonly touched: Touched;
  readonly known: Known;
}

type Statements = Readonly<Record<keyof typeof sql, StatementSync>>;

const sql = {
  entry: `INSERT INTO entries (device, incarnation, sequence, hash, flags, kind, entry)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  mark: `INSERT OR REPLACE INTO ledgers
    (device, incarnation, location, sequence, hash, at, extras, forked_from, base, history)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  key: `INSERT INTO keys (key, body_hash, n) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
  move: `INSERT INTO stock (location, sku, device, incarnation, sequence, total_milli)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET total_milli = total_milli + excluded.total_milli,
      sequence = CASE WHEN excluded.incarnation > incarnation THEN excluded.sequence
        WHEN excluded.incarnation = incarnation THEN max(sequence, excluded.sequence)
        ELSE sequence END,
      incarnation = max(incarnation, excluded.incarnation)`,
  rest: `INSERT INTO carry_rests (device, incarnation, location, sku, rest_milli)
    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET rest_milli = rest_milli + excluded.rest_milli`,
  location: `INSERT INTO stock_locations (location) VALUES (?) ON CONFLICT DO NOTHING`,
  transfer: `INSERT INTO transfers
    (transfer, sku, destination, source, shipped_milli, received_milli, shipped_at, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET source = max(source, excluded.source),
      shipped_milli = shipped_milli + excluded.shipped_milli,
      received_milli = received_milli + excluded.received_milli,
      shipped_at = coalesce(min(shipped_at, excluded.shipped_at), shipped_at, excluded.shipped_at),
      received_at =
        coalesce(min(received_at, excluded.received_at), received_at, excluded.received_at)`,
  sale: `INSERT INTO sales (sale, n, receipt, business_date, at) VALUES (?, ?, ?, ?, ?)`,
  refund: `INSERT INTO refunds (sale, n, id) VALUES (?, ?, ?)`,
  copied: `INSERT INTO fiscal_copies (receipt, copies) VALUES (?, 1)
    ON CONFLICT DO UPDATE SET copies = copies + 1`,
  invoiced: `INSERT INTO fiscal_invoices (sale, number, n) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
  openingStock: `INSERT INTO opening_stock (location, sku) VALUES (?, ?) ON CONFLICT DO NOTHING`,
  countLine: `INSERT INTO count_lines (location, sku, count, n) VALUES (?, ?, ?, ?)`,
  countOpened: `INSERT INTO counts (count, opened_n) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET opened_n = excluded.opened_n`,
  countClosed: `INSERT INTO counts (count, closed_n) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET closed_n = excluded.closed_n`,
} as const;

function prepare(db: DatabaseSync): Statements {
  const names = Object.keys(sql) as (keyof typeof sql)[];
  return Object.fromEntries(names.map((name) => [name, db.prepare(sql[name])])) as Statements;
}

function insertEntry(
  statements: Statements,
  { entry, hash, flags }: HeldEntry,
): number | undefined {
  const { device, incarnation, sequence, kind } = entry;
  // Canonical, so that its hash tells whether it is still what was written.
  const text = canonicalJson(entry as unknown as Json);
  const place = [device, incarnation, sequence, hash] as const;
  const inserted = statements.entry.run(...place, flags.join(","), kind, text);
  return inserted.changes === 0 ? undefined : Number(inserted.lastInsertRowid);
}

function saveMark(statements: Statements, mark: LedgerMark): void {
  const { device, incarnation, location, sequence, hash, at, extras, forkedFrom } = mark;
  const place = [device, incarnation, location, sequence] as const;
  statements.mark.run(...place, hash, at, extras, forkedFrom, mark.base, mark.history);
}

/** A wrong sign still counts, as its till's counter has it; what is no quantity cannot. */
function applyFacts(statements: Statements, held: HeldEntry, arrival: Arrival): void {
  for (const movement of held.entry.movements ?? []) {
    if (isQuantityMilli(movement.quantityMilli))
      move(statements, held.entry, { ...arrival, movement });
  }
  applyKind(statements, readEntry(held), arrival);
}

function move(statements: Statements, entry: Entry, moved: Moved): void {
  const { movement, isCarried } = moved;
  const { location, sku, quantityMilli } = movement;
  const { device, incarnation, sequence } = entry;
  if (!isCarried) statements.move.run(location, sku, device, incarnation, sequence, quantityMilli);
  else statements.rest.run(device, incarnation, location, sku, -quantityMilli);
  noteLevel(statements, { location, sku }, moved);
  if (movement.kind === "transfer-out") ship(statements, entry, moved);
  if (movement.kind === "transfer-in") receive(statements, entry, moved);
}

function noteLevel(
  statements: Statements,
  { location, sku }: Pick<CarryTotal, "location" | "sku">,
  { touched, known }: Pick<Arrival, "touched" | "known">,
): void {
  if (!known.locations.has(location)) {
    statements.location.run(location);
    known.locations.add(location);
  }
  touched.levels.add(levelKey(location, sku));
}

interface Moved extends Arrival {
  readonly movement: Movement;
}

function ship(statements: Statements, { at }: Entry, { movement, touched }: Moved): void {
  const { transfer, counterpart, location, sku, quantityMilli } = movement;
  if (transfer === undefined || counterpart === undefined) return;
  statements.transfer.run(transfer, sku, counterpart, location, -quantityMilli, 0, at, null);
  touched.transfers.add(transfer);
}

function receive(statements: Statements, { at }: Entry, { movement, touched }: Moved): void {
  const { transfer, counterpart = "", location, sku, quantityMilli } = movement;
  if (transfer === undefined) return;
  statements.transfer.run(transfer, sku, location, counterpart, 0, quantityMilli, null, at);
  touched.transfers.add(transfer);
}

function applyKind(statements: Statements, read: ReadEntry, arrival: Arrival): void {
  const { n, touched } = arrival;
  if (read.kind === "sale") {
    const { saleId, receiptNumber } = read.body;
    statements.sale.run(saleId, n, receiptNumber, read.entry.businessDate, read.entry.at);
    touched.sales.add(saleId);
  } else if (read.kind === "refund") {
    statements.refund.run(read.body.saleId, n, read.body.refundId);
    touched.sales.add(read.body.saleId);
  } else if (read.kind === "reversal") {
    statements.refund.run(read.body.saleId, n, read.body.reversalId);
    touched.sales.add(read.body.saleId);
  } else {
    applyStockKind(statements, read, arrival);
  }
}

function applyFiscalKind(statements: Statements, body: JsonObject, n: number): void {
  const { copyOf } = body;
  if (typeof copyOf === "string") statements.copied.run(copyOf);
  const invoice = invoicePlace(body);
  if (invoice !== undefined) statements.invoiced.run(invoice.sale, invoice.number, n);
}

function applyStockKind(
  statements: Statements,
  read: ReadEntry,
  { n, touched, known }: Arrival,
): void {
  if (read.kind === "fiscal") {
    applyFiscalKind(statements, read.body, n);
  } else if (read.kind === "stock" && read.body.reference === openingStockReference) {
    for (const { location, sku } of read.entry.movements ?? []) {
      statements.openingStock.run(location, sku);
    }
  } else if (read.kind === "count") {
    const { location, sku, countId } = read.body;
    statements.countLine.run(location, sku, countId, n);
    touched.levels.add(levelKey(location, sku));
    known.countedLevels.add(levelKey(location, sku));
  } else if (read.kind === "count-opened") {
    statements.countOpened.run(read.body.countId, n);
  } else if (read.kind === "count-closed") {
    statements.countClosed.run(read.body.countId, n);
  }
}

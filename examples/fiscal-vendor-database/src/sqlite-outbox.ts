/**
 * The outbox port on the vendor's tables.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import {
  newOutboxItem,
  type OutboxChange,
  type OutboxItem,
  type OutboxStore,
  type SealedDocument,
  type StreamDelivery,
  type Waiting,
} from "@tillmesh/fiscal-queue";
import { inTransaction } from "./schema.ts";

export function createSqliteOutbox(database: DatabaseSync, initial: StreamDelivery): OutboxStore {
  const rows = (where: string, ...values: readonly (string | number)[]): readonly Waiting[] =>
    database
      .prepare(`SELECT document, item FROM fiscal_documents WHERE stream = ? AND ${where}`)
      .all(...values)
      .map(toWaiting);
  return {
    delivery: async (stream) => {
      const row = database
        .prepare("SELECT delivery FROM fiscal_deliveries WHERE stream = ?")
        .get(stream);
      return row === undefined ? initial : (JSON.parse(String(row["delivery"])) as StreamDelivery);
    },
    page: async (stream, { limit, nowMs }) => {
      const due = "state = 'queued' AND not_before_ms <= ? ORDER BY sequence LIMIT ?";
      const waiting = rows(due, stream, nowMs, limit);
      const { count, next } = summary(database, stream);
      const isNone = waiting.length === 0 && next !== undefined;
      return { waiting, waitingCount: count, ...(isNone ? { nextMs: next } : {}) };
    },
    find: async (stream, sequence) => rows("sequence = ?", stream, sequence).at(0),
    inflight: async (stream) =>
      rows("state = 'inflight' ORDER BY sequence", stream).map(({ item }) => item),
    apply: async (change) => inTransaction(database, () => write(database, change)),
  };
}

/** Part of the transaction that sells. */
export function addToOutbox(database: DatabaseSync, document: SealedDocument): void {
  const item = newOutboxItem(document);
  database
    .prepare("INSERT INTO fiscal_documents VALUES (?, ?, ?, ?, ?, ?)")
    .run(
      document.stream,
      document.sequence,
      JSON.stringify(document),
      item.state,
      item.notBeforeMs,
      JSON.stringify(item),
    );
}

function write(database: DatabaseSync, { delivery, items, record, stream }: OutboxChange): void {
  const update = database.prepare(
    "UPDATE fiscal_documents SET state = ?, not_before_ms = ?, item = ? WHERE stream = ? AND sequence = ?",
  );
  for (const item of items) {
    update.run(item.state, item.notBeforeMs, JSON.stringify(item), stream, item.sequence);
  }
  if (delivery !== undefined) {
    database
      .prepare("INSERT OR REPLACE INTO fiscal_deliveries VALUES (?, ?)")
      .run(stream, JSON.stringify(delivery));
  }
  if (record !== undefined) {
    database.prepare("INSERT INTO fiscal_records VALUES (?)").run(JSON.stringify(record));
  }
}

function summary(
  database: DatabaseSync,
  stream: string,
): { readonly count: number; readonly next: number | undefined } {
  const row = database
    .prepare(
      "SELECT count(*) AS count, min(not_before_ms) AS next FROM fiscal_documents WHERE stream = ? AND state = 'queued'",
    )
    .get(stream);
  const next = row?.["next"];
  return { count: Number(row?.["count"] ?? 0), next: next === null ? undefined : Number(next) };
}

function toWaiting(row: Readonly<Record<string, unknown>>): Waiting {
  return {
    document: JSON.parse(String(row["document"])) as SealedDocument,
    item: JSON.parse(String(row["item"])) as OutboxItem,
  };
}

/**
 * The outbox in the till's own tables. Answers go into the ledger first, and from there they come back on any device.
 *
 * @module
 */

import type {
  FiscalRecord,
  OutboxItem,
  OutboxStore,
  StreamDelivery,
  Waiting,
} from "@tillmesh/fiscal-queue";
import type { Row, Tables } from "../projection/tables.ts";
import { outboxDocument } from "./outbox-rows.ts";

export interface OutboxTables extends Pick<Tables, "sql"> {
  /** Applies what this device recorded. */
  sync(): void;
  /** One transaction, on disk when it returns. */
  write<T>(work: () => T): T;
}

export interface OutboxPorts {
  readonly tables: OutboxTables;
  /** Throws where nothing could be recorded. */
  readonly commit: (record: FiscalRecord) => Promise<void>;
  readonly initial: StreamDelivery;
}

export function createSqliteOutbox({ tables, commit, initial }: OutboxPorts): OutboxStore {
  const rows = (text: string, ...values: readonly (string | number)[]): readonly Row[] => {
    tables.sync();
    return tables.sql(text).all(...values);
  };
  return {
    delivery: async (stream) => {
      const [row] = rows("SELECT delivery FROM fiscal_deliveries WHERE stream = ?", stream);
      const text = row?.["delivery"];
      return typeof text === "string" ? (JSON.parse(text) as StreamDelivery) : initial;
    },
    page: async (stream, { limit, nowMs }) => {
      const due = rows(
        `SELECT * FROM fiscal_outbox WHERE stream = ? AND state = 'queued' AND not_before_ms <= ?
         ORDER BY sequence LIMIT ?`,
        stream,
        nowMs,
        limit,
      );
      const [all] = rows(
        `SELECT count(*) AS n, min(not_before_ms) AS next FROM fiscal_outbox
         WHERE stream = ? AND state = 'queued'`,
        stream,
      );
      const waitingCount = Number(all?.["n"] ?? 0);
      const waiting = due.map((row) => waitingOf(tables, row));
      const isSoon = due.length === 0 && waitingCount > 0;
      return { waiting, waitingCount, ...(isSoon ? { nextMs: Number(all?.["next"]) } : {}) };
    },
    find: async (stream, sequence) => {
      const [row] = rows(
        "SELECT * FROM fiscal_outbox WHERE stream = ? AND sequence = ? AND n IS NOT NULL",
        stream,
        sequence,
      );
      return row && waitingOf(tables, row);
    },
    inflight: async (stream) =>
      rows(
        "SELECT item FROM fiscal_outbox WHERE stream = ? AND state = 'inflight' ORDER BY sequence",
        stream,
      ).map(itemOf),
    apply: async ({ stream, items, delivery, record }) => {
      if (record !== undefined) await commit(record);
      tables.sync();
      tables.write(() => {
        for (const item of items) putItem(tables, stream, item);
        if (delivery !== undefined) putDelivery(tables, stream, delivery);
      });
    },
  };
}

function waitingOf(tables: Pick<Tables, "sql">, row: Row): Waiting {
  return { document: outboxDocument(tables, row).document, item: itemOf(row) };
}

function itemOf(row: Row): OutboxItem {
  return JSON.parse(String(row["item"])) as OutboxItem;
}

function putItem(tables: OutboxTables, stream: string, item: OutboxItem): void {
  tables
    .sql(
      `UPDATE fiscal_outbox SET state = ?, not_before_ms = ?, item = ?
       WHERE stream = ? AND sequence = ?`,
    )
    .run(item.state, item.notBeforeMs, JSON.stringify(item), stream, item.sequence);
}

function putDelivery(tables: OutboxTables, stream: string, delivery: StreamDelivery): void {
  tables
    .sql(
      `INSERT INTO fiscal_deliveries (stream, delivery, hand_overs) VALUES (?, ?, '[]')
       ON CONFLICT DO UPDATE SET delivery = excluded.delivery`,
    )
    .run(stream, JSON.stringify(delivery));
}

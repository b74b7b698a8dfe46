/**
 * An outbox in one SQLite file: what waits stays on disk, and a page of it is all that is ever in memory.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import {
  newOutboxItem,
  type OutboxItem,
  type OutboxPage,
  type OutboxStore,
  type SealedDocument,
  type StreamDelivery,
  type Waiting,
} from "@tillmesh/fiscal-queue";

export interface FiscalOutbox extends OutboxStore {
  add(documents: AsyncIterable<SealedDocument>): Promise<void>;
  countOf(state: OutboxItem["state"]): number;
  /** All of them, from the first each time, a page in memory. */
  documents(): AsyncIterable<SealedDocument>;
  close(): void;
}

const tables = `
  create table if not exists documents (sequence integer primary key, text text not null) strict;
  create table if not exists items (
    sequence integer primary key, state text not null, dueMs integer not null, text text not null
  ) strict;
  create index if not exists waiting on items (state, sequence);
  create table if not exists delivery (id integer primary key check (id = 1), text text not null) strict;
`;

/** Of one stream. */
export function openFiscalOutbox(path: string, initial: StreamDelivery): FiscalOutbox {
  const database = new DatabaseSync(path);
  database.exec("pragma journal_mode = wal");
  database.exec(tables);
  const rows = statements(database);
  const put = (item: OutboxItem): void => {
    rows.putItem.run(item.sequence, item.state, item.notBeforeMs, JSON.stringify(item));
  };
  return {
    add: async (documents) => {
      database.exec("begin");
      for await (const document of documents) {
        rows.putDocument.run(document.sequence, JSON.stringify(document));
        put(newOutboxItem(document));
      }
      database.exec("commit");
    },
    countOf: (state) => Number(rows.count.get(state)?.["count"]),
    documents: () => ({ [Symbol.asyncIterator]: () => documentsIn(rows) }),
    close: () => database.close(),
    delivery: async () => (read(rows.delivery.get()) as StreamDelivery | undefined) ?? initial,
    page: async (_, query) => pageOf(rows, query),
    find: async (_, sequence) => waitingOf(rows.find.get(sequence)),
    inflight: async () => rows.inflight.all().map((row) => read(row) as OutboxItem),
    apply: async ({ items, delivery }) => {
      database.exec("begin");
      for (const item of items) put(item);
      if (delivery !== undefined) rows.putDelivery.run(JSON.stringify(delivery));
      database.exec("commit");
    },
  };
}

type Rows = ReturnType<typeof statements>;
type Row = Readonly<Record<string, unknown>> | undefined;

function statements(database: DatabaseSync) {
  const both = `select i.text as item, d.text as document from items i join documents d using (sequence)`;
  const prepare = (sql: string) => database.prepare(sql);
  return {
    putDocument: prepare("insert or replace into documents values (?, ?)"),
    putItem: prepare("insert or replace into items values (?, ?, ?, ?)"),
    putDelivery: prepare("insert or replace into delivery values (1, ?)"),
    delivery: prepare("select text from delivery"),
    count: prepare("select count(*) as count from items where state = ?"),
    next: prepare("select min(dueMs) as dueMs from items where state = 'queued'"),
    after: prepare("select text from documents where sequence > ? order by sequence limit ?"),
    find: prepare(`${both} where i.sequence = ?`),
    inflight: prepare("select text from items where state = 'inflight' order by sequence"),
    page: prepare(`${both} where i.state = 'queued' and i.dueMs <= ? order by i.sequence limit ?`),
  };
}

const documentsMax = 500;

async function* documentsIn(rows: Rows): AsyncGenerator<SealedDocument> {
  for (let after = 0; ;) {
    const page = rows.after.all(after, documentsMax).map((row) => read(row) as SealedDocument);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.sequence;
  }
}

function pageOf(
  rows: Rows,
  { limit, nowMs }: { readonly limit: number; readonly nowMs: number },
): OutboxPage {
  const waiting = rows.page.all(nowMs, limit).flatMap((row) => waitingOf(row) ?? []);
  const waitingCount = Number(rows.count.get("queued")?.["count"]);
  const nextMs = waiting.length > 0 ? null : rows.next.get()?.["dueMs"];
  return { waiting, waitingCount, ...(typeof nextMs === "number" && { nextMs }) };
}

function waitingOf(row: Row): Waiting | undefined {
  if (row === undefined) return undefined;
  return {
    document: JSON.parse(String(row["document"])) as SealedDocument,
    item: JSON.parse(String(row["item"])) as OutboxItem,
  };
}

function read(row: Row): unknown {
  return row === undefined ? undefined : JSON.parse(String(row["text"]));
}

/**
 * The vendor's tables: its own orders, and beside them what the queue asks to be written.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS orders (
      id TEXT PRIMARY KEY,
      total_minor INTEGER NOT NULL CHECK (total_minor <> 0),
      receipt_number TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE IF NOT EXISTS fiscal_streams (
      stream TEXT PRIMARY KEY,
      config TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      head TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS fiscal_deliveries (
      stream TEXT PRIMARY KEY,
      delivery TEXT NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS fiscal_documents (
      stream TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      document TEXT NOT NULL,
      state TEXT NOT NULL,
      not_before_ms INTEGER NOT NULL,
      item TEXT NOT NULL,
      PRIMARY KEY (stream, sequence)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS fiscal_waiting ON fiscal_documents (stream, state, sequence);
    CREATE TABLE IF NOT EXISTS fiscal_records (record TEXT NOT NULL) STRICT;
  `);
  return database;
}

/** All of `work` or nothing. */
export function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    work();
    database.exec("COMMIT");
  } catch (cause) {
    database.exec("ROLLBACK");
    throw cause;
  }
}

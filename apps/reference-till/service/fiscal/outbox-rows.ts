/**
 * Rows of the outbox with the documents they stand for, which lie in the entries.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { FiscalRecord, SealedDocument, StreamConfig } from "@tillmesh/fiscal-queue";
import { heldOf, type Row, type Tables } from "../projection/tables.ts";
import { keptDocument, sealIn } from "./kept-seal.ts";

/** Of `fiscal_outbox`. */
export type OutboxRow = Row;

export interface OutboxDocument {
  readonly document: SealedDocument;
  readonly config: StreamConfig;
  readonly device: string;
}

export function outboxDocument(tables: Pick<Tables, "sql">, row: OutboxRow): OutboxDocument {
  const found = tables
    .sql("SELECT hash, flags, entry FROM entries WHERE n = ?")
    .get(Number(row["n"]));
  assert(found !== undefined, "a row of the outbox has its entry");
  const held = heldOf(found);
  const { device, incarnation, sequence } = held.entry;
  const stream = tables
    .sql(
      `SELECT config FROM fiscal_streams
       WHERE device = ? AND incarnation = ? AND sequence < ? ORDER BY sequence DESC LIMIT 1`,
    )
    .get(device, incarnation, sequence);
  assert(stream !== undefined, "a document belongs to a stream");
  const config = JSON.parse(String(stream["config"])) as StreamConfig;
  const seal = sealIn(held.entry.body);
  if (seal !== undefined) return { document: keptDocument(held, seal, config), config, device };
  const record = held.entry.body as unknown as Extract<FiscalRecord, { readonly type: "sealed" }>;
  return { document: record.document, config, device };
}

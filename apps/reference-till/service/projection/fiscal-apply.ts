/**
 * Fiscal documents that go to an authority, and what was said of them, into their tables.
 *
 * A verdict may come before its document: another device delivered it, and that one's ledger arrived first.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { HeldEntry } from "@tillmesh/kernel";
import {
  configAfter,
  initialDelivery,
  newOutboxItem,
  outboxItemAfterRecord,
  sequencesOf,
  streamIdOf,
  unknownOutboxItem,
  type Deposited,
  type FiscalRecord,
  type OutboxItem,
  type SealedDocument,
  type StreamConfig,
  type StreamDelivery,
} from "@tillmesh/fiscal-queue";
import { isReceipt, keptDocument, sealIn } from "../fiscal/kept-seal.ts";
import { regimeNamed } from "../fiscal/regimes.ts";

export interface FiscalApplier {
  /** `isFresh`: nobody can have sent what it seals yet. */
  apply(held: HeldEntry, n: number, isFresh: boolean): void;
}

export function createFiscalApplier(db: DatabaseSync): FiscalApplier {
  const statements = prepare(db);
  return {
    apply: (held, n, isFresh) => {
      const { entry } = held;
      if (entry.kind === "fiscal") {
        const record = entry.body as unknown as FiscalRecord;
        if (record.type === "sealed") putDocument(statements, record.document, { n, isFresh });
        else if (record.type === "deposited") keepDeposit(statements, record, { held, n });
        else applyRecord(statements, held, record);
        return;
      }
      const seal = isReceipt(entry.kind) ? sealIn(entry.body) : undefined;
      if (seal?.regime === undefined) return;
      const { device, incarnation, sequence } = entry;
      const row = statements.streamAt.get(device, incarnation, sequence);
      if (row === undefined) return;
      const config = JSON.parse(String(row["config"])) as StreamConfig;
      putDocument(statements, keptDocument({ entry }, seal, config), { n, isFresh });
    },
  };
}

type Statements = Readonly<Record<keyof typeof sql, StatementSync>>;

const sql = {
  open: `INSERT INTO fiscal_streams (device, incarnation, sequence, stream, config, closed)
    VALUES (?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING`,
  close: `UPDATE fiscal_streams SET closed = ? WHERE stream = ?`,
  config: `SELECT config FROM fiscal_streams WHERE stream = ?`,
  rekey: `UPDATE fiscal_streams SET config = ? WHERE stream = ?`,
  streamAt: `SELECT config FROM fiscal_streams
    WHERE device = ? AND incarnation = ? AND sequence < ? ORDER BY sequence DESC LIMIT 1`,
  find: `SELECT n, at_ms, item, told FROM fiscal_outbox WHERE stream = ? AND sequence = ?`,
  put: `INSERT OR REPLACE INTO fiscal_outbox
    (stream, sequence, n, at_ms, state, not_before_ms, item, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  entry: `SELECT entry FROM entries WHERE n = ?`,
  delivery: `SELECT delivery, hand_overs FROM fiscal_deliveries WHERE stream = ?`,
  deposit: `INSERT INTO fiscal_deposits (device, stream, recipient, n, sealed) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET n = excluded.n, sealed = excluded.sealed WHERE excluded.n > n`,
  deliver: `INSERT OR REPLACE INTO fiscal_deliveries (stream, delivery, hand_overs) VALUES (?, ?, ?)`,
} as const;

function prepare(db: DatabaseSync): Statements {
  const names = Object.keys(sql) as (keyof typeof sql)[];
  return Object.fromEntries(names.map((name) => [name, db.prepare(sql[name])])) as Statements;
}

interface Arrived {
  readonly n: number;
  readonly isFresh: boolean;
}

function putDocument(
  statements: Statements,
  document: SealedDocument,
  { n, isFresh }: Arrived,
): void {
  if (regimeNamed(document.regime)?.delivery === undefined) return;
  const { stream, sequence, at, hash } = document;
  const row = statements.find.get(stream, sequence);
  // The other branch of a fork: the first stays, and the chain's own check tells of it.
  if (row?.["n"] !== undefined && row["n"] !== null) return;
  const told = JSON.parse(String(row?.["told"] ?? "[]")) as readonly FiscalRecord[];
  const first =
    isFresh && told.length === 0 ? newOutboxItem(document) : unknownOutboxItem(document);
  const item = told.reduce((one, record) => outboxItemAfterRecord(one, record, { hash }), first);
  const { state, notBeforeMs } = item;
  statements.put.run(
    stream,
    sequence,
    n,
    at.epochMs,
    state,
    notBeforeMs,
    JSON.stringify(item),
    "[]",
  );
}

function applyRecord(
  statements: Statements,
  { entry }: HeldEntry,
  record: Exclude<FiscalRecord, { readonly type: "sealed" | "deposited" }>,
): void {
  if (record.type === "opened") {
    const { device, incarnation, sequence } = entry;
    const { config } = record;
    const text = JSON.stringify(config);
    statements.open.run(device, incarnation, sequence, streamIdOf(config), text);
  } else if (record.type === "rekeyed") {
    rekey(statements, record);
  } else if (record.type === "closed") {
    statements.close.run(record.reason, record.stream);
  } else if (record.type === "handed-over") {
    const { delivery, handOvers } = deliveryOf(statements, record.stream);
    const all = JSON.stringify([...handOvers, record]);
    statements.deliver.run(record.stream, delivery && JSON.stringify(delivery), all);
  } else {
    if (record.type === "answered") keepThrottle(statements, record);
    for (const sequence of sequencesOf(record)) tell(statements, sequence, record);
  }
}

/** Under the device that recorded it: nobody deposits for another's stream. */
function keepDeposit(
  statements: Statements,
  { stream, to, sealed }: Deposited,
  { held, n }: { readonly held: HeldEntry; readonly n: number },
): void {
  statements.deposit.run(held.entry.device, stream, to, n, sealed);
}

/** The entry stands behind the opening, in the same ledger. */
function rekey(
  statements: Statements,
  record: Extract<FiscalRecord, { readonly type: "rekeyed" }>,
): void {
  const row = statements.config.get(record.stream);
  if (row === undefined) return;
  const config = configAfter(JSON.parse(String(row["config"])) as StreamConfig, record);
  statements.rekey.run(JSON.stringify(config), record.stream);
}

type Told = Extract<
  FiscalRecord,
  { readonly type: "answered" | "parked" | "released" | "corrected" }
>;

function tell(statements: Statements, sequence: number, record: FiscalRecord): void {
  const { stream } = record as Told;
  const row = statements.find.get(stream, sequence);
  const n = row?.["n"] ?? null;
  if (row === undefined || n === null) {
    const told = JSON.parse(String(row?.["told"] ?? "[]")) as readonly FiscalRecord[];
    const all = JSON.stringify([...told, record].slice(-toldMax));
    statements.put.run(stream, sequence, null, 0, "", 0, null, all);
    return;
  }
  const item = JSON.parse(String(row["item"])) as OutboxItem;
  const hash = hashAt(statements, Number(n));
  const after = outboxItemAfterRecord(item, record, { hash });
  const atMs = Number(row["at_ms"]);
  const text = JSON.stringify(after);
  statements.put.run(stream, sequence, Number(n), atMs, after.state, after.notBeforeMs, text, "[]");
}

/** Far more than a document is ever told while it is on its way here. */
const toldMax = 20;

function hashAt(statements: Statements, n: number): string {
  const entry = JSON.parse(String(statements.entry.get(n)?.["entry"])) as HeldEntry["entry"];
  const record = entry.body as unknown as Extract<FiscalRecord, { readonly type: "sealed" }>;
  return sealIn(entry.body)?.hash ?? record.document.hash;
}

interface KnownDelivery {
  readonly delivery: StreamDelivery | null;
  readonly handOvers: readonly FiscalRecord[];
}

function deliveryOf(statements: Statements, stream: string): KnownDelivery {
  const row = statements.delivery.get(stream);
  const text = row?.["delivery"] ?? null;
  return {
    delivery: text === null ? null : (JSON.parse(String(text)) as StreamDelivery),
    handOvers: JSON.parse(String(row?.["hand_overs"] ?? "[]")) as readonly FiscalRecord[],
  };
}

/** What the authority asked last, whoever was told. */
function keepThrottle(
  statements: Statements,
  { stream, throttle }: Extract<FiscalRecord, { readonly type: "answered" }>,
): void {
  const { delivery, handOvers } = deliveryOf(statements, stream);
  const known = delivery ?? initialDelivery(throttle);
  if (known.throttle.lastSentMs > throttle.lastSentMs) return;
  const text = JSON.stringify({ ...known, throttle });
  statements.deliver.run(stream, text, JSON.stringify(handOvers));
}

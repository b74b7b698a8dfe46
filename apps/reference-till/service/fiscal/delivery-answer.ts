/**
 * How delivery stands: counts, deadlines, and each document with what the authority said.
 *
 * @module
 */

import {
  deadlineLevel,
  deadlineMs,
  type Calendar,
  type DeadlineLevel,
  type OutboxItem,
  type SealedDocument,
  type StreamConfig,
  type StreamDelivery,
} from "@tillmesh/fiscal-queue";
import type { Json, JsonObject } from "@tillmesh/kernel";
import { deviceNamed } from "../till/names.ts";
import type { Till } from "../till/till.ts";
import { outboxDocument, type OutboxRow } from "./outbox-rows.ts";
import { regimeNamed } from "./regimes.ts";

export const outboxStates = ["waiting", "parked", "rejected", "flagged", "accepted"] as const;

export type AskedState = (typeof outboxStates)[number];

/** What each word of the API stands for. */
const statesOf: Readonly<Record<AskedState, readonly string[]>> = {
  waiting: ["queued", "inflight"],
  parked: ["parked", "conflict"],
  rejected: ["rejected"],
  flagged: ["flagged"],
  accepted: ["accepted", "corrected"],
};

export function deliveryAnswer(till: Till): JsonObject {
  const { projection, fiscal, clock } = till;
  const { stream } = fiscal.state;
  const regime = stream === null ? undefined : regimeNamed(stream.config.regime);
  const rows = projection
    .sql("SELECT state, count(*) AS n FROM fiscal_outbox WHERE n IS NOT NULL GROUP BY state")
    .all();
  const counts = new Map(rows.map((row) => [String(row["state"]), Number(row["n"])]));
  const of = (...states: readonly string[]) =>
    states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  const known = stream === null ? undefined : deliveryOf(till, stream.head.stream);
  return {
    isSent: regime?.delivery !== undefined,
    waiting: of("queued"),
    inflight: of("inflight"),
    accepted: of("accepted"),
    flagged: of("flagged"),
    rejected: of("rejected"),
    parked: of("parked", "conflict"),
    corrected: of("corrected"),
    ...waitingAnswer(till, clock.nowMs()),
    notBefore: notBeforeOf(known, clock.nowMs()),
    paused: known?.paused === undefined ? null : pausedAnswer(known.paused),
    skewMs: known?.skewMs ?? null,
  };
}

/** The oldest thousand that wait: enough to know whether somebody has to hurry. */
function waitingAnswer(till: Till, nowMs: number): JsonObject {
  const rows = till.projection
    .sql(
      `SELECT * FROM fiscal_outbox WHERE state IN ('queued', 'inflight')
       ORDER BY at_ms LIMIT ${hurriedMax}`,
    )
    .all();
  const levels = { warning: 0, alarm: 0, late: 0 };
  let lastError: Json = null;
  for (const row of rows) {
    const level = levelOf(outboxDocument(till.projection, row), nowMs)?.level;
    if (level !== undefined && level !== "in-time") levels[level] += 1;
    lastError ??= (JSON.parse(String(row["item"])) as OutboxItem).detail ?? null;
  }
  const oldest = rows[0]?.["at_ms"];
  return {
    oldestWaiting: oldest === undefined ? null : new Date(Number(oldest)).toISOString(),
    deadlines: levels,
    lastError,
  };
}

const hurriedMax = 1000;

export interface DocumentPlace {
  readonly atMs: number;
  readonly stream: string;
  readonly sequence: number;
}

export interface DocumentsQuery {
  readonly state: AskedState;
  readonly after: DocumentPlace | undefined;
  readonly limit: number;
}

export interface ListedDocument {
  readonly place: DocumentPlace;
  readonly answer: JsonObject;
}

/** Oldest first. */
export function listDocuments(till: Till, query: DocumentsQuery): readonly ListedDocument[] {
  const { after = { atMs: -1, stream: "", sequence: 0 }, limit } = query;
  const states = statesOf[query.state];
  const rows = till.projection
    .sql(
      `SELECT * FROM fiscal_outbox
       WHERE state IN (SELECT value FROM json_each(?1)) AND (at_ms, stream, sequence) > (?2, ?3, ?4)
       ORDER BY at_ms, stream, sequence LIMIT ?5`,
    )
    .all(JSON.stringify(states), after.atMs, after.stream, after.sequence, limit);
  return rows.map((row) => ({
    place: {
      atMs: Number(row["at_ms"]),
      stream: String(row["stream"]),
      sequence: Number(row["sequence"]),
    },
    answer: documentAnswer(till, row),
  }));
}

export function documentAnswer(till: Till, row: OutboxRow): JsonObject {
  const found = outboxDocument(till.projection, row);
  const { document, device } = found;
  const item = JSON.parse(String(row["item"])) as OutboxItem;
  const due = levelOf(found, till.clock.nowMs());
  const { stream, sequence, number, kind, at } = document;
  return {
    device: { ...deviceNamed(till, device) },
    stream,
    sequence,
    number,
    kind,
    at: new Date(at.epochMs).toISOString(),
    state: item.state,
    attempts: item.attempts,
    code: item.code ?? null,
    detail: item.detail ?? null,
    due: due === undefined ? null : new Date(due.dueMs).toISOString(),
    level: due?.level ?? null,
    receiptId: item.receiptId ?? null,
  };
}

interface Due {
  readonly dueMs: number;
  readonly level: DeadlineLevel;
}

function levelOf(
  { document, config }: { readonly document: SealedDocument; readonly config: StreamConfig },
  nowMs: number,
): Due | undefined {
  const dueMs = deadlineMs(document, { timeZone: config.timeZone, calendar: weekdays });
  return dueMs === undefined ? undefined : { dueMs, level: deadlineLevel(document, dueMs, nowMs) };
}

/** No holidays are known here, so that a deadline is rather too early than too late. */
const weekdays: Calendar = {
  isBusinessDay: (date) => ![0, 6].includes(new Date(`${date}T12:00:00Z`).getUTCDay()),
};

function deliveryOf(till: Till, stream: string): StreamDelivery | undefined {
  const row = till.projection
    .sql("SELECT delivery FROM fiscal_deliveries WHERE stream = ?")
    .get(stream);
  const text = row?.["delivery"] ?? null;
  return text === null ? undefined : (JSON.parse(String(text)) as StreamDelivery);
}

function notBeforeOf(known: StreamDelivery | undefined, nowMs: number): Json {
  const atMs = Math.max(known?.notBeforeMs ?? 0, known?.throttle.notBeforeMs ?? 0);
  return atMs > nowMs ? new Date(atMs).toISOString() : null;
}

function pausedAnswer({ code, detail, sinceMs }: NonNullable<StreamDelivery["paused"]>): Json {
  return { code, detail, since: new Date(sinceMs).toISOString() };
}

/**
 * An authority that behaves as a script says. A regime brings its protocol; the harness brings the books, the misbehaviour and
 * a real HTTP server. SPEC.md §6 (FDE).
 *
 * @module
 */

import type { Transport, WireAnswer, WireRequest } from "../ports.ts";
import {
  createAuthorityBooks,
  type AuthorityBooks,
  type AuthorityRecord,
  type KeptRecord,
  type RecordFate,
} from "./authority-books.ts";

/** What a regime's fake authority is made of: reading requests and writing answers as the real one does. */
export interface AuthorityProtocol {
  readonly name: string;
  /** The records of a request in their order; a question for one; or what an unreadable request is answered. */
  read(request: WireRequest): AuthorityReading;
  answer(fates: readonly RecordFate[], context: AnswerContext): AuthorityAnswer;
  /** By the authority's own rules, asked as the record's turn comes; what was kept before it stands in the books. */
  refuses?(record: AuthorityRecord): { readonly code: string; readonly detail: string } | undefined;
  /** Where the authority can be asked what it has. */
  answerLookup?(found: KeptRecord | undefined, context: AnswerContext): AuthorityAnswer;
  /** "Not so fast"; by default 429 with `retry-after` in seconds. */
  throttled?(waitMs: number, context: AnswerContext): AuthorityAnswer;
}

export type AuthorityReading =
  | { readonly type: "records"; readonly records: readonly AuthorityRecord[] }
  | { readonly type: "lookup"; readonly id: string }
  | { readonly type: "refused"; readonly answer: AuthorityAnswer };

export interface AuthorityAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AnswerContext {
  readonly request: WireRequest;
  readonly nowMs: number;
}

/** What becomes of one request. Records of a request are always processed whole, in order, and at once. */
export type Behaviour =
  | { readonly type: "accept" }
  /** Stored; the reply never comes. */
  | { readonly type: "drop-reply" }
  | { readonly type: "throttle"; readonly waitMs: number }
  /** The record at `index` (of those that are there) is refused, the others are judged. */
  | {
      readonly type: "reject-one";
      readonly index: number;
      readonly code?: string;
      readonly detail?: string;
    }
  /** Stored; the answer comes after so long. In memory: longer than anybody waits. */
  | { readonly type: "late"; readonly delayMs: number }
  /** The request arrives twice; the second answer is the one that comes back. */
  | { readonly type: "twice" }
  | { readonly type: "garbage"; readonly isStored: boolean; readonly body?: string }
  | { readonly type: "error"; readonly status: number; readonly isStored: boolean }
  /** Nobody answers, nothing is stored. */
  | { readonly type: "down" }
  /** The record at `index` is told to be there with another hash. */
  | { readonly type: "other-hash"; readonly index: number };

export interface ScriptedAuthority {
  readonly books: AuthorityBooks;
  /** The behaviours of the next requests, in order; afterwards `accept`. Look-ups take one too. */
  script(...behaviours: readonly Behaviour[]): void;
  /** The behaviour of every request until `undefined`; comes after what was scripted. */
  always(behaviour: Behaviour | undefined): void;
  /** Every request that arrived, before anything was made of it. */
  received(): readonly WireRequest[];
  handle(request: WireRequest): Handled;
  /** Without sockets: for many runs. */
  readonly transport: Transport;
}

export type Handled =
  | { readonly type: "answer"; readonly answer: AuthorityAnswer; readonly delayMs: number }
  | { readonly type: "dropped" }
  | { readonly type: "down" };

/** `nowMs` is the authority's own clock: it stands in `Date` headers and in what it keeps. */
export function createScriptedAuthority(
  protocol: AuthorityProtocol,
  { nowMs = () => 0 }: { readonly nowMs?: () => number } = {},
): ScriptedAuthority {
  const books = createAuthorityBooks();
  const received: WireRequest[] = [];
  let scripted: readonly Behaviour[] = [];
  let always = accept;
  const handle = (request: WireRequest): Handled => {
    const [behaviour = always, ...rest] = scripted;
    scripted = rest;
    received.push(request);
    return handled(behaviour, { protocol, books, context: { request, nowMs: nowMs() } });
  };
  return {
    books,
    script: (...behaviours) => {
      scripted = [...scripted, ...behaviours];
    },
    always: (behaviour = accept) => {
      always = behaviour;
    },
    received: () => received,
    handle,
    transport: { send: (request) => Promise.resolve(wireAnswer(handle(request), nowMs())) },
  };
}

/** `Date` as HTTP writes it. */
export function dateHeader(atMs: number): string {
  return new Date(atMs).toUTCString();
}

const accept: Behaviour = { type: "accept" };

interface Desk {
  readonly protocol: AuthorityProtocol;
  readonly books: AuthorityBooks;
  readonly context: AnswerContext;
}

function handled(behaviour: Behaviour, desk: Desk): Handled {
  if (behaviour.type === "down") return { type: "down" };
  if (behaviour.type === "throttle") return answered(throttled(desk, behaviour.waitMs));
  if (behaviour.type === "garbage" || behaviour.type === "error") return broken(behaviour, desk);
  if (behaviour.type === "twice") processed(desk);
  const answer = processed(desk, behaviour);
  if (behaviour.type === "drop-reply") return { type: "dropped" };
  return { ...answered(answer), delayMs: behaviour.type === "late" ? behaviour.delayMs : 0 };
}

function broken(behaviour: Extract<Behaviour, { type: "garbage" | "error" }>, desk: Desk): Handled {
  if (behaviour.isStored) processed(desk);
  if (behaviour.type === "error") return answered({ status: behaviour.status, body: "" });
  return answered({ status: 200, body: behaviour.body ?? "<html>\u0000 %% not an answer" });
}

function processed({ books, context, protocol }: Desk, behaviour = accept): AuthorityAnswer {
  const reading = protocol.read(context.request);
  if (reading.type === "refused") return reading.answer;
  if (reading.type === "lookup") {
    const found = books.find(reading.id);
    return protocol.answerLookup?.(found, context) ?? { status: 404, body: "" };
  }
  const at = "index" in behaviour ? behaviour.index % reading.records.length : -1;
  const fates = reading.records.map((record, index) =>
    index === at
      ? singledOut(record, behaviour, books)
      : judged(record, { protocol, books, context }),
  );
  return protocol.answer(fates, context);
}

function judged(record: AuthorityRecord, { books, context, protocol }: Desk): RecordFate {
  const reason = protocol.refuses?.(record);
  return reason === undefined ? books.judge(record, context.nowMs) : books.reject(record, reason);
}

function singledOut(
  record: AuthorityRecord,
  behaviour: Behaviour,
  books: AuthorityBooks,
): RecordFate {
  if (behaviour.type === "reject-one") {
    const { code = "TEST", detail = "refused by the script" } = behaviour;
    const known = books.find(record.id);
    if (known !== undefined) return { type: "duplicate", record, kept: known };
    return books.reject(record, { code, detail });
  }
  const kept = { ...record, hash: otherHash(record.hash), receiptId: "OTHER", atMs: 0 };
  return { type: "duplicate", record, kept };
}

/** Another text of the same shape, or nearly. */
function otherHash(hash: string): string {
  return `${hash.slice(1)}${hash.startsWith("A") ? "B" : "A"}`;
}

function throttled({ context, protocol }: Desk, waitMs: number): AuthorityAnswer {
  const headers = { "retry-after": String(Math.ceil(waitMs / 1000)) };
  return protocol.throttled?.(waitMs, context) ?? { status: 429, headers, body: "" };
}

function answered(answer: AuthorityAnswer): Extract<Handled, { type: "answer" }> {
  return { type: "answer", answer, delayMs: 0 };
}

function wireAnswer(outcome: Handled, nowMs: number): WireAnswer {
  if (outcome.type === "down") return { type: "unsent", reason: "nobody listens" };
  if (outcome.type === "dropped") return { type: "lost", reason: "the connection was closed" };
  if (outcome.delayMs > 0) return { type: "lost", reason: "no answer in time" };
  const { body, headers = {}, status } = outcome.answer;
  return { type: "answer", status, headers: { date: dateHeader(nowMs), ...headers }, body };
}

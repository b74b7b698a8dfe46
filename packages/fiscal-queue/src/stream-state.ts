/**
 * A stream as its records tell it: a pure fold that finds gaps and forks, and never takes a chain for begun without an opening.
 * SPEC.md §7 (FHO).
 *
 * @module
 */

import { assert, err, ok, unreachable, type Result } from "@tillmesh/kernel";
import { streamIdOf, type Head, type SealedDocument, type StreamConfig } from "./document.ts";
import { emptyHead, faultOfNext, headAfter } from "./head.ts";
import type { Intent } from "./intent.ts";
import type { ClosedReason, FiscalRecord, HandedOver } from "./records.ts";
import { configAfter, keysInUse } from "./rekey.ts";

export interface StreamState {
  /** With the keys and settings of now, and all keys of before. */
  readonly config: StreamConfig;
  /** Stops before the first gap and at a fork. */
  readonly head: Head;
  /** Came before one that must come first; at most `heldMax`, in sequence. */
  readonly held: readonly SealedDocument[];
  /** Quarantined: nothing is sealed until the epoch is closed and a new one opened. */
  readonly fork?: Fork;
  readonly closed?: ClosedReason;
  readonly intent?: Intent;
  readonly handOvers: readonly HandedOver[];
}

export type Fork = { readonly sequence: number; readonly hashes: readonly [string, string] };

export type StreamFinding =
  | { readonly type: "NotOpened"; readonly stream: string }
  | { readonly type: "OpenedTwice"; readonly stream: string }
  | {
      readonly type: "Gap";
      readonly stream: string;
      readonly missing: number;
      readonly found: number;
    }
  | ({ readonly type: "Fork"; readonly stream: string } & Fork)
  | { readonly type: "AfterClosing"; readonly stream: string; readonly sequence: number };

export interface StreamStep {
  readonly state: StreamState | undefined;
  readonly findings: readonly StreamFinding[];
}

/** Hashes of documents that were taken before, by sequence: a fork may lie far behind the head. */
export type HashAt = (sequence: number) => string | undefined;

/** A document, wherever its record stands. A stream that was not opened stays unopened. */
export function streamAfterDocument(
  state: StreamState | undefined,
  document: SealedDocument,
  hashAt: HashAt,
): StreamStep {
  const { sequence, stream } = document;
  if (state === undefined) return { state, findings: [{ type: "NotOpened", stream }] };
  const known = sequence <= state.head.sequence ? hashAt(sequence) : heldHash(state, sequence);
  // A read that failed must never look like a document that fits.
  assert(known !== undefined || sequence > state.head.sequence, `hash of ${sequence} is known`);
  if (known === document.hash) return { state, findings: [] };
  if (known !== undefined) return forked(state, sequence, [known, document.hash]);
  if (state.closed !== undefined) {
    return { state, findings: [{ type: "AfterClosing", stream, sequence }] };
  }
  if (state.fork !== undefined) return { state, findings: [] };
  return drained(hold(state, document));
}

/** Any record but the documents of sales. */
export function streamAfterRecord(
  state: StreamState | undefined,
  record: FiscalRecord,
  hashAt: HashAt,
): StreamStep {
  if (record.type === "opened") return opened(state, record);
  if (record.type === "sealed") return streamAfterDocument(state, record.document, hashAt);
  return { state: state === undefined ? state : told(state, record), findings: [] };
}

/** May the till seal? Only on an opened stream whose documents are all there, once each. */
export function sealableHead(state: StreamState | undefined): Result<Head, NotSealable> {
  if (state === undefined) return err({ type: "NotSealable", reason: "not-opened" });
  if (state.closed !== undefined) return err({ type: "NotSealable", reason: "closed" });
  if (state.fork !== undefined) return err({ type: "NotSealable", reason: "fork" });
  if (state.held.length > 0) return err({ type: "NotSealable", reason: "gap" });
  return ok(state.head);
}

export type NotSealable = {
  readonly type: "NotSealable";
  readonly reason: "not-opened" | "closed" | "fork" | "gap";
};

/**
 * The stream that follows a closed one. After a fork or a lost head the numbers of the old series are not certain, so a new series
 * is asked for; no number is ever given twice.
 */
export function nextEpoch(
  state: StreamState,
  {
    series = state.config.series,
    till = state.config.till,
  }: { series?: string; till?: string } = {},
): Result<StreamConfig, EpochFault> {
  const { closed, config, head } = state;
  if (closed === undefined) return err({ type: "EpochFault", reason: "not-closed" });
  const isDoubtful = closed === "fork" || closed === "lost-head";
  if (isDoubtful && series === config.series) {
    return err({ type: "EpochFault", reason: "series-in-doubt" });
  }
  const numbersFrom = series === config.series ? head.lastNumber : 0;
  const { change: _, ...begun } = config;
  const keys = keysInUse(config);
  return ok({ ...begun, keys, series, till, epoch: config.epoch + 1, numbersFrom });
}

export type EpochFault = {
  readonly type: "EpochFault";
  readonly reason: "not-closed" | "series-in-doubt";
};

/** A peer or backup remembers a later head than the stream has: the disk was put back, and the epoch must close. */
export function isBehind(head: Head, remembered: Pick<Head, "sequence" | "hash">): boolean {
  if (remembered.sequence > head.sequence) return true;
  return remembered.sequence === head.sequence && remembered.hash !== head.hash;
}

const heldMax = 1000;

function opened(
  state: StreamState | undefined,
  { config, state: start }: Extract<FiscalRecord, { type: "opened" }>,
): StreamStep {
  if (state !== undefined) {
    return { state, findings: [{ type: "OpenedTwice", stream: streamIdOf(config) }] };
  }
  const head = emptyHead(config, start);
  return { state: { config, head, held: [], handOvers: [] }, findings: [] };
}

function hold(state: StreamState, document: SealedDocument): StreamState {
  const held = [...state.held, document].toSorted((a, b) => a.sequence - b.sequence);
  return { ...state, held: held.slice(0, heldMax) };
}

/** Takes what follows the head, in one pass. */
function drained(state: StreamState): StreamStep {
  let { head } = state;
  let taken = 0;
  for (const document of state.held) {
    const fault = faultOfNext(document, head);
    if (fault?.code === "chain") {
      return forked({ ...state, head }, head.sequence, [document.previous, head.hash]);
    }
    if (fault !== undefined) break;
    head = headAfter(document, head);
    taken += 1;
  }
  const held = state.held.slice(taken);
  const next = settled({ ...state, head, held });
  const [first] = held;
  const { stream } = head;
  if (first === undefined) return { state: next, findings: [] };
  const missing = head.sequence + 1;
  return { state: next, findings: [{ type: "Gap", stream, missing, found: first.sequence }] };
}

/** An intent is over when its document is there. */
function settled(state: StreamState): StreamState {
  const isOver = state.intent !== undefined && state.intent.sequence <= state.head.sequence;
  return isOver ? withoutIntent(state) : state;
}

function withoutIntent(state: StreamState): StreamState {
  const { intent: _, ...rest } = state;
  return rest;
}

function forked(
  state: StreamState,
  sequence: number,
  branches: readonly [string, string],
): StreamStep {
  const [a, b] = branches;
  const fork: Fork = { sequence, hashes: a < b ? [a, b] : [b, a] };
  const finding = { type: "Fork", stream: state.head.stream, ...fork } as const;
  return { state: { ...state, fork: state.fork ?? fork, held: [] }, findings: [finding] };
}

function told(
  state: StreamState,
  record: Exclude<FiscalRecord, { type: "opened" | "sealed" }>,
): StreamState {
  if (isOfDelivery(record)) return state;
  switch (record.type) {
    case "closed":
      return { ...state, closed: record.reason };
    case "rekeyed":
      return { ...state, config: configAfter(state.config, record) };
    case "intended":
      return { ...state, intent: record.intent };
    case "withdrawn":
      return withoutIntent(state);
    case "handed-over":
      return { ...state, handOvers: [...state.handOvers, record] };
    default:
      return unreachable(record);
  }
}

type DeliveryRecord = Extract<
  FiscalRecord,
  { type: "answered" | "parked" | "released" | "corrected" | "deposited" }
>;

/** What becomes of documents that are sealed: the chain is as it was. */
function isOfDelivery(record: FiscalRecord): record is DeliveryRecord {
  return deliveryTypes.has(record.type);
}

const deliveryTypes: ReadonlySet<string> = new Set<DeliveryRecord["type"]>([
  "answered",
  "parked",
  "released",
  "corrected",
  "deposited",
]);

function heldHash(state: StreamState, sequence: number): string | undefined {
  return state.held.find((document) => document.sequence === sequence)?.hash;
}

/**
 * Where this device's fiscal stream stands: a fold over its own entries.
 *
 * Plain JSON, kept and checked with the rest of the till's own state. What does not follow on the document before is not
 * mended and not skipped: it stays as a fault, and nothing more is sealed into that stream.
 *
 * @module
 */

import type { HeldEntry } from "@tillmesh/kernel";
import {
  configAfter,
  emptyHead,
  faultOfNext,
  headAfter,
  type ClosedReason,
  type FiscalCrypto,
  type FiscalRecord,
  type Head,
  type SealedDocument,
  type StreamConfig,
} from "@tillmesh/fiscal-queue";
import type { ClockConfirmed } from "./clock-check.ts";
import { documentOf, isReceipt, sealIn } from "./kept-seal.ts";
import { regimeNamed } from "./regimes.ts";

export type FiscalState = {
  /** The stream opened last; null before the first. */
  readonly stream: OpenStream | null;
  /** The highest epoch of each (regime, taxpayer, till), joined by a line break. */
  readonly epochs: Readonly<Record<string, number>>;
};

export type OpenStream = {
  readonly incarnation: number;
  /** The entry that opened it. */
  readonly openedAt: number;
  readonly openedAtMs: number;
  /** The sequence of the document before which somebody confirmed the clock. */
  readonly confirmedFor?: number;
  /** With the keys and settings of now. */
  readonly config: StreamConfig;
  readonly head: Head;
  /** Why it was closed. */
  readonly closed?: ClosedReason;
  /** What did not follow. */
  readonly fault?: StreamFault;
};

export type StreamFault = {
  readonly sequence: number;
  readonly code: string;
  readonly detail: string;
};

/** What an entry of kind "fiscal" holds. */
export type TillRecord = FiscalRecord | ClockConfirmed;

export const noFiscal: FiscalState = { stream: null, epochs: {} };

/** Entries of one device, in their order. */
export function foldFiscal(state: FiscalState, held: HeldEntry, crypto: FiscalCrypto): FiscalState {
  return stepFiscal(state, held, crypto).state;
}

export interface FiscalStep {
  readonly state: FiscalState;
  /** What the entry sealed into `state.stream`. */
  readonly document?: SealedDocument;
}

/** As `foldFiscal`, and the document that the entry holds. */
export function stepFiscal(
  state: FiscalState,
  { entry }: HeldEntry,
  crypto: FiscalCrypto,
): FiscalStep {
  const { stream } = state;
  if (entry.kind === "fiscal") return stepRecord(state, entry, entry.body as unknown as TillRecord);
  const seal = isReceipt(entry.kind) ? sealIn(entry.body) : undefined;
  if (seal === undefined || stream === null || stream.fault !== undefined) return { state };
  const regime = regimeNamed(stream.config.regime);
  if (regime === undefined) return { state };
  const context = { config: stream.config, secrets: {}, crypto };
  const document = documentOf({ entry }, seal, { regime, context, head: stream.head });
  return { state: { ...state, stream: withDocument(stream, document) }, document };
}

export function epochKey({
  regime,
  taxpayer,
  till,
}: Pick<StreamConfig, "regime" | "taxpayer" | "till">): string {
  return [regime, taxpayer, till].join("\n");
}

/** The stream with the document that comes next, or with what is wrong with it. */
export function withDocument(stream: OpenStream, document: SealedDocument): OpenStream {
  const fault = faultOfNext(document, stream.head);
  if (fault === undefined) return { ...stream, head: headAfter(document, stream.head) };
  const { code, detail } = fault;
  return { ...stream, fault: { sequence: document.sequence, code, detail } };
}

function stepRecord(
  state: FiscalState,
  { incarnation, sequence: openedAt }: HeldEntry["entry"],
  record: TillRecord,
): FiscalStep {
  const { stream } = state;
  if (record.type === "opened") {
    const { config } = record;
    const key = epochKey(config);
    const epochs = { ...state.epochs, [key]: Math.max(state.epochs[key] ?? 0, config.epoch) };
    const head = emptyHead(config, record.state);
    const openedAtMs = record.atMs;
    return { state: { stream: { incarnation, openedAt, openedAtMs, config, head }, epochs } };
  }
  if (stream === null) return { state };
  if (record.type === "sealed" && stream.fault === undefined) {
    const { document } = record;
    return { state: { ...state, stream: withDocument(stream, document) }, document };
  }
  return { state: { ...state, stream: streamAfter(stream, record) } };
}

/** What a record that seals nothing changes in its stream. */
function streamAfter(stream: OpenStream, record: TillRecord): OpenStream {
  if (!("stream" in record) || record.stream !== stream.head.stream) return stream;
  if (record.type === "clock-confirmed") return { ...stream, confirmedFor: record.sequence };
  if (record.type === "rekeyed") return { ...stream, config: configAfter(stream.config, record) };
  return record.type === "closed" ? { ...stream, closed: record.reason } : stream;
}

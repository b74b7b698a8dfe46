/**
 * Where the outbox is kept: a port with five methods. SPEC.md §6 (FDE).
 *
 * What it holds beside the ledger (what is in flight, counts of attempts) may be lost: whatever has no recorded answer is then
 * queued as perhaps delivered.
 *
 * @module
 */

import type { SealedDocument } from "./document.ts";
import type { Throttle } from "./delivery.ts";
import type { OutboxItem } from "./outbox.ts";
import type { FiscalRecord } from "./records.ts";

export interface OutboxStore {
  delivery(stream: string): Promise<StreamDelivery>;
  /** Queued documents whose time has come, by sequence, at most `limit`. */
  page(
    stream: string,
    query: { readonly limit: number; readonly nowMs: number },
  ): Promise<OutboxPage>;
  /** Of one document, whatever its state. */
  find(stream: string, sequence: number): Promise<Waiting | undefined>;
  /** Everything in flight, in sequence. */
  inflight(stream: string): Promise<readonly OutboxItem[]>;
  /** All of it or nothing, and durable when it ends. */
  apply(change: OutboxChange): Promise<void>;
}

/** What is known of delivering a stream, besides its documents. */
export type StreamDelivery = {
  readonly throttle: Throttle;
  /** Requests in a row that brought nothing. */
  readonly failures: number;
  /** Back-off of the whole stream; the throttle counts besides. */
  readonly notBeforeMs: number;
  /** Set-up is wrong: nothing is sent until somebody resumes. */
  readonly paused?: { readonly code: string; readonly detail: string; readonly sinceMs: number };
  /** The authority's clock less ours, when it last told. */
  readonly skewMs?: number;
};

export interface OutboxPage {
  readonly waiting: readonly Waiting[];
  /** Queued, due or not. */
  readonly waitingCount: number;
  /** When the next becomes due, if none is. */
  readonly nextMs?: number;
}

export interface Waiting {
  readonly document: SealedDocument;
  readonly item: OutboxItem;
}

export interface OutboxChange {
  readonly stream: string;
  readonly items: readonly OutboxItem[];
  readonly delivery?: StreamDelivery;
  /** What the ledger should say of it, in the same act where the store has one. */
  readonly record?: FiscalRecord;
}

export function initialDelivery(throttle: Throttle): StreamDelivery {
  return { throttle, failures: 0, notBeforeMs: 0 };
}

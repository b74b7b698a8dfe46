/**
 * An outbox in memory: the model for others, and it may lose power between any two writes.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { SealedDocument } from "../document.ts";
import { newOutboxItem, type OutboxItem } from "../outbox.ts";
import type { OutboxChange, OutboxPage, OutboxStore, StreamDelivery } from "../outbox-store.ts";
import type { FiscalRecord } from "../records.ts";

export interface MemoryOutbox extends OutboxStore {
  /** What sealing does in its own transaction. */
  add(document: SealedDocument, item?: OutboxItem): void;
  items(stream: string): readonly OutboxItem[];
  records(): readonly FiscalRecord[];
  /** The most documents that one page has held. */
  pageMax(): number;
}

export interface MemoryOutboxOptions {
  readonly initial: StreamDelivery;
  /** Called before each write; what it throws is the power cut, and nothing of the write is kept. */
  readonly beforeWrite?: (change: OutboxChange) => void;
}

export function createMemoryOutbox({ beforeWrite, initial }: MemoryOutboxOptions): MemoryOutbox {
  const streams = new Map<string, Map<number, { document: SealedDocument; item: OutboxItem }>>();
  const deliveries = new Map<string, StreamDelivery>();
  const records: FiscalRecord[] = [];
  let pageMax = 0;
  const rows = (stream: string) =>
    [...(streams.get(stream)?.values() ?? [])].toSorted(
      (a, b) => a.item.sequence - b.item.sequence,
    );
  const queued = (stream: string) => rows(stream).filter(({ item }) => item.state === "queued");
  return {
    add: (document, item = newOutboxItem(document)) => {
      const ofStream = streams.get(document.stream) ?? new Map();
      streams.set(document.stream, ofStream);
      ofStream.set(document.sequence, { document, item });
    },
    items: (stream) => rows(stream).map(({ item }) => item),
    records: () => records,
    pageMax: () => pageMax,
    delivery: async (stream) => deliveries.get(stream) ?? initial,
    page: async (stream, { limit, nowMs }) => {
      const all = queued(stream);
      const page = pageOf(all, { limit, nowMs });
      pageMax = Math.max(pageMax, page.waiting.length);
      return page;
    },
    find: async (stream, sequence) => streams.get(stream)?.get(sequence),
    inflight: async (stream) =>
      rows(stream)
        .map(({ item }) => item)
        .filter(({ state }) => state === "inflight"),
    apply: async (change) => {
      beforeWrite?.(change);
      for (const item of change.items) {
        const row = streams.get(change.stream)?.get(item.sequence);
        assert(row !== undefined, `document ${item.sequence} is in the outbox`);
        row.item = item;
      }
      if (change.delivery !== undefined) deliveries.set(change.stream, change.delivery);
      if (change.record !== undefined) records.push(change.record);
    },
  };
}

function pageOf(
  queued: readonly { readonly document: SealedDocument; readonly item: OutboxItem }[],
  { limit, nowMs }: { readonly limit: number; readonly nowMs: number },
): OutboxPage {
  const due = queued.filter(({ item }) => item.notBeforeMs <= nowMs);
  const waiting = due.slice(0, limit).map(({ document, item }) => ({ document, item }));
  const next = due.length > 0 || queued.length === 0 ? {} : { nextMs: nextOf(queued) };
  return { waiting, waitingCount: queued.length, ...next };
}

function nextOf(queued: readonly { readonly item: OutboxItem }[]): number {
  return queued.reduce(
    (soonest, { item }) => Math.min(soonest, item.notBeforeMs),
    Number.MAX_SAFE_INTEGER,
  );
}

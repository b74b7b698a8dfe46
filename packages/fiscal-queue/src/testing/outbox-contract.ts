/**
 * What every `OutboxStore` must do. Give it the runner's `test` and a way to make an empty store. SPEC.md §6 (FDE).
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import { outboxItemAfter, type OutboxEvent, type OutboxItem } from "../outbox.ts";
import { initialDelivery, type OutboxStore, type StreamDelivery } from "../outbox-store.ts";
import type { SealedDocument } from "../document.ts";

export interface OutboxScene {
  readonly store: OutboxStore;
  /** Puts a sealed document into the outbox, as the sealing transaction does. */
  add(document: SealedDocument): void | Promise<void>;
  /** The same store after a restart, from what was durable. */
  reopen(): OutboxStore | Promise<OutboxStore>;
}

export interface OutboxContract {
  readonly test: (title: string, run: () => Promise<void>) => void;
  /** A store that knows no document; `initial` is what it says of the delivery of any stream. */
  readonly scene: (initial: StreamDelivery) => OutboxScene | Promise<OutboxScene>;
  /** At least six documents of one stream, in sequence. */
  readonly documents: () => Promise<readonly SealedDocument[]>;
}

export function outboxContract({ documents, scene, test }: OutboxContract): void {
  const filled = async (): Promise<Filled> => {
    const all = await documents();
    const made = await scene(initialDelivery(throttle));
    // The order of arrival must not matter.
    for (const document of all.toReversed()) await made.add(document);
    const [first] = all;
    assert(first !== undefined && all.length >= 6, "six documents or more");
    return { ...made, all, stream: first.stream };
  };

  test("[FDE19] a page holds what is queued and due, by sequence, and counts what waits", async () => {
    const { all, store, stream } = await filled();
    const page = await store.page(stream, { limit: 3, nowMs: 0 });
    equal(
      page.waiting.map(({ document }) => document.sequence),
      [1, 2, 3],
    );
    equal(
      page.waiting.map(({ document }) => document),
      all.slice(0, 3),
    );
    equal([page.waitingCount, page.nextMs], [all.length, undefined]);
    equal((await store.page("another", { limit: 3, nowMs: 0 })).waiting, []);
  });

  test("[FDE19] what is not due yet stays out of the page, and the soonest is told once nothing is", async () => {
    const { all, store, stream } = await filled();
    const items = await itemsOf(store, stream, all.length);
    const later = items.map((item, at) => outboxItemAfter(item, retry(100 + at)));
    await store.apply({ stream, items: later });
    const none = await store.page(stream, { limit: 9, nowMs: 99 });
    equal([none.waiting.length, none.waitingCount, none.nextMs], [0, all.length, 100]);
    const some = await store.page(stream, { limit: 9, nowMs: 101 });
    equal(
      some.waiting.map(({ item }) => item),
      later.slice(0, 2),
    );
  });

  test("[FDE19] a change is kept over a restart: items, delivery, and what is in flight", async () => {
    const made = await filled();
    const { all, store, stream } = made;
    const [one, two] = await itemsOf(store, stream, 2);
    assert(one !== undefined && two !== undefined, "two are there");
    const delivery = { throttle: { ...throttle, notBeforeMs: 7 }, failures: 2, notBeforeMs: 5 };
    const accepted = outboxItemAfter(one, { type: "accepted", receiptId: "R1" });
    const inflight = outboxItemAfter(two, { type: "sent" });
    await store.apply({ stream, items: [accepted, inflight], delivery });
    const again = await made.reopen();
    equal(await again.delivery(stream), delivery);
    equal(await again.inflight(stream), [inflight]);
    equal((await again.find(stream, 1))?.item, accepted);
    const page = await again.page(stream, { limit: 1, nowMs: 0 });
    equal(
      page.waiting.map(({ document }) => document),
      all.slice(2, 3),
    );
  });

  test("[FDE19] an unknown document is not found, and an unknown stream has the first throttle", async () => {
    const { store, stream } = await filled();
    equal(await store.find(stream, 1_000_000), undefined);
    equal(await store.delivery("another"), initialDelivery(throttle));
    equal(await store.inflight("another"), []);
  });
}

interface Filled extends OutboxScene {
  readonly all: readonly SealedDocument[];
  readonly stream: string;
}

const throttle = { notBeforeMs: 3, waitMs: 2, lastSentMs: 1 };

function retry(notBeforeMs: number): OutboxEvent {
  return { type: "retry", reason: "test", mayBeDuplicate: true, notBeforeMs };
}

async function itemsOf(
  store: OutboxStore,
  stream: string,
  limit: number,
): Promise<readonly OutboxItem[]> {
  const { waiting } = await store.page(stream, { limit, nowMs: 0 });
  return waiting.map(({ item }) => item);
}

/** The runner's `expect` is not ours to choose. */
function equal(found: unknown, expected: unknown): void {
  const [a, b] = [sorted(found), sorted(expected)];
  if (a !== b) throw new Error(`found ${a}, expected ${b}`);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member !== null && typeof member === "object" && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/**
 * What a page keeps over a reload: its basket and its unanswered requests.
 *
 * Two pages of one browser must not share a basket, and a browser that crashed must find its own
 * again. So there are a few numbered slots, each held by a lock that ends with its page.
 *
 * @module
 */

import type { Unanswered } from "../api/outbox.ts";
import type { BasketLine } from "./basket.ts";
import { noOrderTerms, type OrderTerms } from "./terms.ts";

export interface Slot {
  readonly readLines: () => readonly BasketLine[];
  readonly writeLines: (lines: readonly BasketLine[]) => void;
  readonly readOrder: () => OrderTerms;
  readonly writeOrder: (order: OrderTerms) => void;
  readonly readUnanswered: () => readonly Unanswered[];
  readonly writeUnanswered: (requests: readonly Unanswered[]) => void;
}

type TextStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export const slotsMax = 8;

/** Slots to try: this page's own, those with something to settle, those with a basket, the rest. */
export function slotOrder(store: TextStore, own: number | undefined): readonly number[] {
  const numbers = Array.from({ length: slotsMax }, (_, number) => number);
  const rank = (number: number) => {
    if (number === own) return 0;
    const slot = openSlot(store, number);
    if (slot.readUnanswered().length > 0) return 1;
    return slot.readLines().length > 0 ? 2 : 3;
  };
  return numbers.toSorted((a, b) => rank(a) - rank(b) || a - b);
}

export function openSlot(store: TextStore, number: number): Slot {
  const name = (what: string) => `tillmesh/${number}/${what}`;
  const write = (what: string, list: readonly unknown[]) =>
    list.length === 0
      ? store.removeItem(name(what))
      : store.setItem(name(what), JSON.stringify(list));
  return {
    readLines: () => readList(store, name("basket")).filter(isLine).map(withKey),
    writeLines: (lines) => write("basket", lines),
    readOrder: () => readList(store, name("order")).find(isOrder) ?? noOrderTerms,
    writeOrder: (order) => write("order", Object.keys(order).length === 0 ? [] : [order]),
    readUnanswered: () => readList(store, name("unanswered")).filter(isUnanswered),
    writeUnanswered: (requests) => write("unanswered", requests),
  };
}

/** Takes the first free slot and holds it for the life of the page. */
export async function takeSlot(locks: LockManager | undefined): Promise<Slot> {
  const remembered = sessionStorage.getItem(ownName);
  const own = remembered === null ? undefined : Number(remembered);
  // Without locks (no secure context) a page keeps to itself.
  if (locks === undefined) return openSlot(sessionStorage, 0);
  for (const number of slotOrder(localStorage, own)) {
    if (await hold(locks, `tillmesh/${number}`, number === own ? 300 : 0)) {
      sessionStorage.setItem(ownName, String(number));
      return openSlot(localStorage, number);
    }
  }
  return openSlot(sessionStorage, 0);
}

const ownName = "tillmesh/slot";

/** A page that reloads may have to wait a moment for its former self. */
function hold(locks: LockManager, name: string, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = waitMs === 0 ? { ifAvailable: true } : { signal: AbortSignal.timeout(waitMs) };
    const held = locks.request(name, options, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>(() => undefined);
    });
    held.catch(() => resolve(false));
  });
}

function readList(store: TextStore, name: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(store.getItem(name) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

function isLine(value: unknown): value is BasketLine {
  const line = value as Partial<BasketLine> | null;
  return typeof line?.sku === "string" && Number.isSafeInteger(line.quantityMilli);
}

/** What an older page kept had no keys. */
function withKey(line: BasketLine): BasketLine {
  return { ...line, key: line.key ?? line.sku };
}

function isOrder(value: unknown): value is OrderTerms {
  return typeof value === "object" && value !== null;
}

function isUnanswered(value: unknown): value is Unanswered {
  const one = value as Partial<Unanswered> | null;
  return typeof one?.key === "string" && typeof one.path === "string" && one.body !== null;
}

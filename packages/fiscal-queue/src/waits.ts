/**
 * Waits that a wrong clock left behind: taken anew from now, never until that clock's time. SPEC.md §6 (FDE).
 *
 * @module
 */

import type { BackOff } from "./back-off.ts";
import type { OutboxPage, OutboxStore, StreamDelivery } from "./outbox-store.ts";

/** The same value where the clock is no reason to change it; another one is to be written before anybody waits by it. */
export function rebasedDelivery(
  known: StreamDelivery,
  nowMs: number,
  { maxMs }: BackOff,
): StreamDelivery {
  const { notBeforeMs, throttle } = known;
  const isSentLater = throttle.lastSentMs > nowMs;
  const isWaitTooLong = notBeforeMs > nowMs + maxMs;
  if (!isSentLater && !isWaitTooLong) return known;
  return {
    ...known,
    notBeforeMs: isWaitTooLong ? 0 : notBeforeMs,
    throttle: isSentLater
      ? { ...throttle, lastSentMs: nowMs, notBeforeMs: nowMs + throttle.waitMs }
      : throttle,
  };
}

/** What is due; and if all that waits waits longer than any back-off is, that too. */
export async function duePage(
  store: OutboxStore,
  stream: string,
  query: { readonly limit: number; readonly nowMs: number; readonly backOff: BackOff },
): Promise<OutboxPage> {
  const { backOff, limit, nowMs } = query;
  const page = await store.page(stream, { limit, nowMs });
  // A document waits for the stream's back-off and its own.
  const isRelic = page.nextMs !== undefined && page.nextMs > nowMs + 2 * backOff.maxMs;
  return isRelic ? store.page(stream, { limit, nowMs: page.nextMs ?? nowMs }) : page;
}

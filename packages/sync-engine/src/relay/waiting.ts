/**
 * Items that came before what they depend on: kept for a while, within bounds. SPEC.md §8a (WL).
 *
 * The saved position of a lane never passes an envelope that something still waits in, so what is lost here with the
 * process is read again.
 *
 * @module
 */

import type { BundleItem } from "../relay-protocol/bundle-item.ts";
import type { Envelope } from "../relay-protocol/envelope.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";

export interface WaitingItem {
  /** An item, or an envelope that cannot be opened yet. */
  readonly what: BundleItem | Envelope;
  readonly publisher: string;
  /** Names the channel and lane. */
  readonly lane: string;
  /** Of the envelope it came in. */
  readonly at: LogPosition;
  readonly sinceMs: number;
  readonly sizeBytes: number;
}

/** Oldest first. */
export type Waiting = readonly WaitingItem[];

export interface WaitingLimits {
  readonly bytesMax: number;
  readonly itemsMax: number;
}

export const defaultWaitingLimits: WaitingLimits = { bytesMax: 16_777_216, itemsMax: 4_096 };

/** Adds one; of the publisher that has most waiting the oldest go if there is no room. */
export function addWaiting(
  waiting: Waiting,
  item: WaitingItem,
  limits: WaitingLimits = defaultWaitingLimits,
): { readonly waiting: Waiting; readonly dropped: Waiting } {
  let kept: Waiting = [...waiting, item];
  const dropped: WaitingItem[] = [];
  while (sizeOf(kept) > limits.bytesMax || kept.length > limits.itemsMax) {
    const greedy = greediest(kept);
    const oldest = kept.find(({ publisher }) => publisher === greedy)!;
    dropped.push(oldest);
    kept = kept.filter((one) => one !== oldest);
  }
  return { waiting: kept, dropped };
}

/** The first place in a lane that something still waits in. */
export function firstWaiting(waiting: Waiting, lane: string): LogPosition | undefined {
  return waiting
    .filter((one) => one.lane === lane)
    .map(({ at }) => at)
    .toSorted((a, b) => a.offset - b.offset)[0];
}

function sizeOf(waiting: Waiting): number {
  return waiting.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function greediest(waiting: Waiting): string {
  const bytes = new Map<string, number>();
  for (const { publisher, sizeBytes } of waiting) {
    bytes.set(publisher, (bytes.get(publisher) ?? 0) + sizeBytes);
  }
  const most = [...bytes].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0];
  return most?.[0] ?? "";
}

/**
 * What has been said about how far entries have got. SPEC.md §5 (HZ).
 *
 * @module
 */

import type { Span } from "./spans.ts";

/** Mutable: owned by one replica. */
export interface Horizon {
  /** By ledger, then by device. */
  readonly holders: Map<string, Map<string, Holder>>;
  /** By who says so (own log of the relay, or a peer), then by ledger. */
  readonly atRelay: Map<string, Map<string, readonly Span[]>>;
  /** By ledger: HQ's newest word on it, to be passed on as it is. */
  readonly hqWords: Map<string, HqWord>;
}

/** What an HQ device has signed to have on its disk. */
export type HqWord = {
  readonly summary: { readonly device: string; readonly ledgers: readonly LedgerClaim[] };
  readonly signature: string;
};

export type LedgerClaim = {
  readonly device: string;
  readonly incarnation: number;
  readonly sequence: number;
  readonly hash: string;
};

/** How far a device holds a ledger. */
export interface Holder {
  readonly isHq: boolean;
  /** Every entry up to this one is on its disk, and is one of those here. */
  provenThrough: number;
  /** What it said last: not here yet, so nothing can be said about it. */
  claimed: { readonly sequence: number; readonly hash: string } | undefined;
}

export function createHorizon(): Horizon {
  return { holders: new Map(), atRelay: new Map(), hqWords: new Map() };
}

/**
 * What a regime that transmits adds to the port. SPEC.md §6 (FDE).
 *
 * @module
 */

import type { FiscalTime, SealedDocument, StreamConfig } from "./document.ts";
import type { DocumentRequest } from "./regime.ts";
import type { Receipt } from "./receipt.ts";
import type { WireAnswer, WireRequest } from "./ports.ts";

/** Flow control as the authority has it: state of (authority, installation), kept over restarts. */
export type Throttle = {
  /** Nothing is sent before. */
  readonly notBeforeMs: number;
  /** The wait the authority asked for last. */
  readonly waitMs: number;
  readonly lastSentMs: number;
};

export interface RegimeDelivery {
  readonly initialThrottle: Throttle;
  /**
   * What goes out next: documents in the order of the stream, a prefix or a pick of `pending`, which holds at most `pendingMax`;
   * or until when to wait. A late group is apart from one in time.
   */
  plan(pending: readonly SealedDocument[], input: PlanInput): DeliveryPlan;
  readonly pendingMax: number;
  /** The same bytes for the same group, whenever asked; lateness is part of the group. */
  encode(group: DeliveryGroup, config: StreamConfig): WireRequest;
  /** One verdict a document, in the order of the group. Any answer at all is understood; what is unreadable is `retry`. */
  interpret(
    group: DeliveryGroup,
    answer: WireAnswer,
    input: { readonly config: StreamConfig; readonly nowMs: number; readonly throttle: Throttle },
  ): Interpreted;
  /** Asks the authority what it has of a document. */
  lookup?(document: SealedDocument, config: StreamConfig): WireRequest;
  /** What a look-up says: the record's hash, that there is none, or that nothing is known. */
  readLookup?(document: SealedDocument, answer: WireAnswer): LookupAnswer;
  /** A new document that puts a rejected or flagged one right. */
  correct?(input: {
    readonly document: SealedDocument;
    readonly verdict: Verdict;
    readonly fix: Receipt | undefined;
  }): DocumentRequest | undefined;
}

export interface PlanInput {
  readonly now: FiscalTime;
  readonly throttle: Throttle;
  /** Documents that wait, in all. */
  readonly waitingCount: number;
  readonly config: StreamConfig;
}

export type DeliveryPlan =
  | { readonly type: "send"; readonly group: DeliveryGroup }
  | { readonly type: "wait"; readonly untilMs: number };

export interface DeliveryGroup {
  readonly documents: readonly SealedDocument[];
  /** The law's late flag. */
  readonly isLate: boolean;
}

export interface Interpreted {
  readonly verdicts: readonly Verdict[];
  readonly throttle: Throttle;
  /** The authority's clock, where it told: for the skew. */
  readonly authorityMs?: number;
}

export type Verdict =
  | { readonly type: "accepted"; readonly receiptId?: string }
  | {
      readonly type: "accepted-warn";
      readonly receiptId?: string;
      readonly code: string;
      readonly detail: string;
      readonly asksCorrection: boolean;
    }
  /** It was there before; `hash` as the authority tells it, absent where a look-up must say. */
  | {
      readonly type: "duplicate";
      readonly hash?: string;
      readonly receiptId?: string;
      /** What the authority found fault with when it accepted it, if it tells again. */
      readonly warning?: Warning;
    }
  | { readonly type: "rejected-fixable"; readonly code: string; readonly detail: string }
  | { readonly type: "rejected-final"; readonly code: string; readonly detail: string }
  /** Nothing is known, or not now: the same bytes again. */
  | { readonly type: "retry"; readonly reason: string; readonly mayBeDuplicate: boolean }
  /** Credentials or set-up: delivery of the stream stops until somebody looks; sealing goes on. */
  | { readonly type: "fatal-config"; readonly code: string; readonly detail: string };

export type Warning = {
  readonly code: string;
  readonly detail: string;
  readonly asksCorrection: boolean;
};

export type LookupAnswer =
  | { readonly type: "found"; readonly hash: string; readonly receiptId?: string }
  | { readonly type: "absent" }
  | { readonly type: "unknown"; readonly reason: string };

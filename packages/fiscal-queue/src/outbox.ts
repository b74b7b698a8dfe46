/**
 * The life of a document that is to be delivered: every state meets every event. SPEC.md §6 (FDE).
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { SealedDocument } from "./document.ts";

export type OutboxState =
  | "queued"
  /** On its way, or its answer is missing. */
  | "inflight"
  | "accepted"
  /** Accepted, and the authority finds fault with it. */
  | "flagged"
  | "rejected"
  /** Set aside for a person; successors go on. */
  | "parked"
  /** Parked with an alarm: the authority has another document under this one's name. */
  | "conflict"
  /** A new document put it right. */
  | "corrected";

export type OutboxEvent =
  | { readonly type: "sent" }
  /** In flight when the process ended. */
  | { readonly type: "found-inflight" }
  | { readonly type: "accepted"; readonly receiptId?: string }
  | {
      readonly type: "flagged";
      readonly receiptId?: string;
      readonly code: string;
      readonly detail: string;
      readonly asksCorrection: boolean;
    }
  /** It was there, with the same hash. */
  | { readonly type: "same-duplicate"; readonly receiptId?: string }
  /** It was there with another hash: somebody sealed two documents under one name. */
  | { readonly type: "other-duplicate"; readonly found: string }
  | { readonly type: "rejected"; readonly code: string; readonly detail: string }
  | {
      readonly type: "retry";
      readonly reason: string;
      readonly mayBeDuplicate: boolean;
      readonly notBeforeMs: number;
    }
  | { readonly type: "unencodable"; readonly detail: string }
  | { readonly type: "released" }
  | { readonly type: "corrected"; readonly by: string };

export type OutboxItem = {
  readonly sequence: number;
  readonly state: OutboxState;
  /** Requests with it that the authority may have read. */
  readonly attempts: number;
  readonly notBeforeMs: number;
  /** The authority may have it already. */
  readonly mayBeDuplicate: boolean;
  readonly receiptId?: string;
  /** Of what is flagged, rejected, parked or failed last. */
  readonly code?: string;
  readonly detail?: string;
  /** The authority expects a new document that puts this one right. */
  readonly asksCorrection?: boolean;
};

/**
 * Of several verdicts on one document, as when two devices sent it, the same one stands in whichever order they are read:
 * conflict over flagged over accepted over rejected over parked.
 */
export const outboxTable: Readonly<
  Record<OutboxState, Readonly<Record<OutboxEvent["type"], OutboxState>>>
> = {
  queued: {
    sent: "inflight",
    "found-inflight": "queued",
    accepted: "accepted",
    flagged: "flagged",
    "same-duplicate": "accepted",
    "other-duplicate": "conflict",
    rejected: "rejected",
    retry: "queued",
    unencodable: "parked",
    released: "queued",
    corrected: "queued",
  },
  inflight: {
    sent: "inflight",
    "found-inflight": "queued",
    accepted: "accepted",
    flagged: "flagged",
    "same-duplicate": "accepted",
    "other-duplicate": "conflict",
    rejected: "rejected",
    retry: "queued",
    unencodable: "parked",
    released: "inflight",
    corrected: "inflight",
  },
  accepted: {
    sent: "accepted",
    "found-inflight": "accepted",
    accepted: "accepted",
    flagged: "flagged",
    "same-duplicate": "accepted",
    "other-duplicate": "conflict",
    rejected: "accepted",
    retry: "accepted",
    unencodable: "accepted",
    released: "accepted",
    corrected: "accepted",
  },
  flagged: {
    sent: "flagged",
    "found-inflight": "flagged",
    accepted: "flagged",
    flagged: "flagged",
    "same-duplicate": "flagged",
    "other-duplicate": "conflict",
    rejected: "flagged",
    retry: "flagged",
    unencodable: "flagged",
    released: "flagged",
    corrected: "corrected",
  },
  rejected: {
    sent: "rejected",
    "found-inflight": "rejected",
    accepted: "accepted",
    flagged: "flagged",
    "same-duplicate": "accepted",
    "other-duplicate": "conflict",
    rejected: "rejected",
    retry: "rejected",
    unencodable: "rejected",
    released: "queued",
    corrected: "corrected",
  },
  parked: {
    sent: "parked",
    "found-inflight": "parked",
    accepted: "accepted",
    flagged: "flagged",
    "same-duplicate": "accepted",
    "other-duplicate": "conflict",
    rejected: "rejected",
    retry: "parked",
    unencodable: "parked",
    released: "queued",
    corrected: "corrected",
  },
  conflict: {
    sent: "conflict",
    "found-inflight": "conflict",
    accepted: "conflict",
    flagged: "conflict",
    "same-duplicate": "conflict",
    "other-duplicate": "conflict",
    rejected: "conflict",
    retry: "conflict",
    unencodable: "conflict",
    released: "queued",
    corrected: "corrected",
  },
  corrected: {
    sent: "corrected",
    "found-inflight": "corrected",
    accepted: "corrected",
    flagged: "corrected",
    "same-duplicate": "corrected",
    "other-duplicate": "corrected",
    rejected: "corrected",
    retry: "corrected",
    unencodable: "corrected",
    released: "corrected",
    corrected: "corrected",
  },
};

export function newOutboxItem({ sequence }: SealedDocument): OutboxItem {
  return { sequence, state: "queued", attempts: 0, notBeforeMs: 0, mayBeDuplicate: false };
}

/** A till whose outbox was lost, or that took over another's, cannot know what was sent. */
export function unknownOutboxItem(document: SealedDocument): OutboxItem {
  return { ...newOutboxItem(document), mayBeDuplicate: true };
}

export function outboxItemAfter(item: OutboxItem, event: OutboxEvent): OutboxItem {
  const state = outboxTable[item.state][event.type];
  const isLeft = state === item.state && !sameStateEvents.has(event.type);
  return isLeft ? item : { ...item, ...factsOf(item, event), state };
}

export function isWaiting({ state }: OutboxItem): boolean {
  return state === "queued" || state === "inflight";
}

/** Events that say something new of an item that stays where it is. */
const sameStateEvents: ReadonlySet<OutboxEvent["type"]> = new Set(["retry", "sent"]);

function factsOf(item: OutboxItem, event: OutboxEvent): Partial<OutboxItem> {
  if (isAnswer(event)) return answerFacts(event);
  switch (event.type) {
    case "sent":
      return { attempts: item.attempts + 1 };
    case "retry":
      return retryFacts(item, event);
    case "released":
      return { notBeforeMs: 0 };
    case "corrected":
      return { detail: `put right by ${event.by}` };
    case "unencodable":
      return { code: "unencodable", detail: event.detail };
    case "found-inflight":
      return { mayBeDuplicate: true };
    default:
      return unreachable(event);
  }
}

function isAnswer(event: OutboxEvent): event is AnswerEvent {
  return answerTypes.has(event.type);
}

const answerTypes: ReadonlySet<string> = new Set([
  "accepted",
  "flagged",
  "same-duplicate",
  "other-duplicate",
  "rejected",
]);

function retryFacts(
  item: OutboxItem,
  { mayBeDuplicate, notBeforeMs, reason }: Extract<OutboxEvent, { type: "retry" }>,
): Partial<OutboxItem> {
  // Once it may have arrived it may have arrived for good.
  const isPerhapsThere = item.mayBeDuplicate || mayBeDuplicate;
  return { detail: reason, notBeforeMs, mayBeDuplicate: isPerhapsThere };
}

type AnswerEvent = Extract<
  OutboxEvent,
  { type: "accepted" | "flagged" | "same-duplicate" | "other-duplicate" | "rejected" }
>;

function answerFacts(event: AnswerEvent): Partial<OutboxItem> {
  switch (event.type) {
    case "accepted":
    case "same-duplicate":
      return receiptFacts(event);
    case "other-duplicate":
      return { code: "duplicate-other-hash", detail: `the authority has ${event.found}` };
    case "rejected":
      return { code: event.code, detail: event.detail };
    case "flagged": {
      const { asksCorrection, code, detail } = event;
      return { ...receiptFacts(event), asksCorrection, code, detail };
    }
    default:
      return unreachable(event);
  }
}

function receiptFacts({ receiptId }: { readonly receiptId?: string }): Partial<OutboxItem> {
  return receiptId === undefined ? {} : { receiptId };
}

/**
 * Batches in the authority's rhythm. SPEC.md §10 (RES).
 *
 * @module
 */

import type { DeliveryPlan, PlanInput, RegimeDelivery } from "../../delivery.ts";
import type { SealedDocument } from "../../document.ts";
import { interpretAnswer, interpretLookup } from "./answers.ts";
import { correctionOf } from "./corrections.ts";
import { encodeGroup, encodeLookup, linkOf } from "./soap.ts";

/** Records in one submission. */
export const batchMax = 1000;

/** A record that leaves later than this after it was made was held up: Incidencia. */
export const lateAfterMs = 240_000;

export const veriFactuDelivery: RegimeDelivery = {
  initialThrottle: { notBeforeMs: 0, waitMs: 60_000, lastSentMs: 0 },
  pendingMax: batchMax,
  plan,
  encode: encodeGroup,
  interpret: interpretAnswer,
  lookup: encodeLookup,
  readLookup: interpretLookup,
  correct: correctionOf,
};

/** Before the wait is over only a full batch goes: the authority has it as "whichever comes first". */
function plan(pending: readonly SealedDocument[], input: PlanInput): DeliveryPlan {
  const { now, throttle } = input;
  const documents = nextBatch(pending, now.epochMs);
  const first = documents[0];
  const isEarly = now.epochMs < throttle.notBeforeMs && documents.length < batchMax;
  if (first === undefined || isEarly) {
    return { type: "wait", untilMs: Math.max(throttle.notBeforeMs, now.epochMs + 1) };
  }
  return { type: "send", group: { documents, isLate: isLateAt(first, now.epochMs) } };
}

/**
 * The longest start of `pending` that is all late or all in time and names no invoice twice: a correction in one
 * batch with its original could arrive before it, and a look-up could not tell which of the two is there.
 */
function nextBatch(pending: readonly SealedDocument[], nowMs: number): readonly SealedDocument[] {
  const [first] = pending;
  if (first === undefined) return [];
  const isLate = isLateAt(first, nowMs);
  const invoices = new Set<string>();
  const batch: SealedDocument[] = [];
  for (const document of pending) {
    const { number, date } = linkOf(document);
    const invoice = `${date} ${number}`;
    if (isLateAt(document, nowMs) !== isLate || invoices.has(invoice)) break;
    if (batch.length === batchMax) break;
    invoices.add(invoice);
    batch.push(document);
  }
  return batch;
}

function isLateAt({ at }: SealedDocument, nowMs: number): boolean {
  return nowMs - at.epochMs > lateAfterMs;
}

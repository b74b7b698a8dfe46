/**
 * X reports and copies of receipts that somebody asked for on paper: noted where the regime wants that, and nothing elsewhere.
 *
 * The same request, repeated, notes nothing more.
 *
 * @module
 */

import { err, ok, type HeldEntry, type JsonObject, type Result } from "@tillmesh/kernel";
import type { SealedDocument, TillEvent } from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import { saleEntries } from "../projection/sales.ts";
import { recordedBefore, type Call } from "../till/record.ts";
import { businessDateOf, type Till } from "../till/till.ts";
import { documentSeal } from "./invoice-note.ts";
import { isReceipt } from "./kept-seal.ts";
import { idOf } from "./receipt-of.ts";

/** What the seal prints; null where nothing is noted. */
export type NotedAnswer = JsonObject | null;

export function noteXReport(till: Till, call: Call): Promise<Result<NotedAnswer, Refusal>> {
  const event = () => ok({ type: "x-report", cashier: idOf(call.actor.by) } as const);
  return noteAsked(till, call, event);
}

export interface CopyRequest {
  readonly sale: string;
  /** Of the sale itself unless it is said. */
  readonly receiptNumber?: string | undefined;
}

/** A receipt of this device: its own chain knows it, and how often it was copied. */
export function noteCopy(
  till: Till,
  call: Call,
  request: CopyRequest,
): Promise<Result<NotedAnswer, Refusal>> {
  return noteAsked(till, call, () => copyEvent(till, call, request));
}

async function noteAsked(
  till: Till,
  call: Call,
  eventOf: () => Result<TillEvent, Refusal>,
): Promise<Result<NotedAnswer, Refusal>> {
  return till.fiscal.exclusively(async () => {
    const known = recordedBefore(till, call.request);
    if (!known.ok) return known;
    if (known.value !== undefined) return ok(answerOf(till, known.value));
    const event = eventOf();
    if (!event.ok) return event;
    const { by } = call.actor;
    const asked = { kind: event.value.type, businessDate: businessDateOf(till), body: {}, by };
    const ready = await till.fiscal.makeReady(asked);
    if (!ready.ok) return ready;
    const noted = await till.fiscal.note(event.value, { by, request: call.request });
    if (!noted.ok) return noted;
    return ok(noted.value === undefined ? null : answerOf(till, noted.value));
  });
}

function copyEvent(
  till: Till,
  { actor }: Call,
  { sale, receiptNumber }: CopyRequest,
): Result<TillEvent, Refusal> {
  till.projection.sync();
  const held = saleEntries(till.projection, sale).find(
    ({ entry }) => receiptNumber === undefined || numberOf(entry) === receiptNumber,
  );
  if (held === undefined || !isReceipt(held.entry.kind)) return err({ type: "NotKnownHere" });
  const { entry } = held;
  if (entry.device !== till.replica.device.id) {
    return err({ type: "NotKnownHere", detail: "A receipt is copied by the till that made it." });
  }
  const { totalMinor } = entry.body as { readonly totalMinor: number };
  const number = numberOf(entry);
  const copiesBefore = copiesOf(till, number);
  const amountMinor = entry.kind === "sale" ? totalMinor : -totalMinor;
  const cashier = idOf(actor.by);
  return ok({ type: "receipt-copied", cashier, number, amountMinor, copiesBefore });
}

function numberOf({ body }: HeldEntry["entry"]): string {
  return (body as { readonly receiptNumber: string }).receiptNumber;
}

function copiesOf({ projection }: Till, number: string): number {
  const row = projection.sql("SELECT copies FROM fiscal_copies WHERE receipt = ?").get(number);
  return Number(row?.["copies"] ?? 0);
}

function answerOf({ fiscal }: Till, { entry }: HeldEntry): JsonObject {
  const { document } = entry.body as unknown as { readonly document: SealedDocument };
  return documentSeal(document, fiscal.state.stream?.config.isTest === true);
}

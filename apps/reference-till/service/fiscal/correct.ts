/**
 * Puts right what the authority rejected or found fault with: by a new document at the end of the chain, never by an edit.
 *
 * What was sold is what was sold: the new document says the same of it, for where the fault lay in the settings or at the authority. A
 * sale that was wrong itself is given back and sold again.
 *
 * @module
 */

import { err, ok, type JsonObject, type Result } from "@tillmesh/kernel";
import type { DocumentRequest, OutboxItem, SealedDocument, Verdict } from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import { heldOf } from "../projection/tables.ts";
import type { Till } from "../till/till.ts";
import { documentAnswer } from "./delivery-answer.ts";
import type { Open } from "./desk.ts";
import { fullInvoice } from "./invoice-note.ts";
import { invoicedReceipt } from "./invoice-sale.ts";
import { isReceipt, receiptOf, sealIn, type ReceiptBody } from "./kept-seal.ts";
import { outboxDocument, type OutboxRow } from "./outbox-rows.ts";

/** Of the stream that this device seals into. Answers with the new document. */
export function correctDocument(
  till: Till,
  { sequence }: { readonly sequence: number },
): Promise<Result<JsonObject, Refusal>> {
  return till.fiscal.exclusively(async () => {
    till.projection.sync();
    const { open } = till.fiscal;
    const row = open && rowOf(till, open, sequence);
    if (open === undefined || row === undefined) return err({ type: "NotKnownHere" });
    const request = correctionOf(till, open, row);
    return request.ok ? sealCorrection(till, { request: request.value, open, sequence }) : request;
  });
}

interface Sealing {
  readonly request: DocumentRequest;
  readonly open: Open;
  readonly sequence: number;
}

async function sealCorrection(
  till: Till,
  { request, open, sequence }: Sealing,
): Promise<Result<JsonObject, Refusal>> {
  const { stream } = open.stream.head;
  const sealed = await till.fiscal.record(request);
  if (!sealed.ok) return sealed;
  const by = open.stream.head.sequence + 1;
  const atMs = till.clock.nowMs();
  const noted = await till.fiscal.commit({ type: "corrected", stream, sequence, by, atMs });
  if (!noted.ok) return noted;
  till.projection.sync();
  const made = rowOf(till, open, by);
  return made === undefined ? err({ type: "NotKnownHere" }) : ok(documentAnswer(till, made));
}

function correctionOf(
  till: Till,
  { regime }: Open,
  row: OutboxRow,
): Result<DocumentRequest, Refusal> {
  const verdict = verdictOf(JSON.parse(String(row["item"])) as OutboxItem);
  if (verdict === undefined) {
    const detail = "Only what was rejected or found fault with is put right.";
    return err({ type: "FiscalNotCorrectable", detail });
  }
  const { document } = outboxDocument(till.projection, row);
  const fix = receiptIn(till, row, document);
  const request = regime.delivery?.correct?.({ document, verdict, fix });
  if (request !== undefined && !regime.isNumbered(request.kind)) return ok(request);
  const detail = "The regime puts this right by a new receipt: give back and sell again.";
  return err({ type: "FiscalNotCorrectable", detail });
}

function verdictOf({
  state,
  code = "",
  detail = "",
  asksCorrection,
}: OutboxItem): Verdict | undefined {
  if (state === "rejected") return { type: "rejected-fixable", code, detail };
  return state === "flagged"
    ? { type: "accepted-warn", code, detail, asksCorrection: asksCorrection === true }
    : undefined;
}

/** What the rejected document was about, also where that was a correction itself. */
function receiptIn(till: Till, row: OutboxRow, { number }: SealedDocument) {
  const held = [
    ...till.projection
      .sql("SELECT hash, flags, entry FROM entries WHERE n = ?")
      .all(Number(row["n"])),
    ...till.projection
      .sql(`SELECT hash, flags, entry FROM sales s JOIN entries e ON e.n = s.n WHERE s.receipt = ?`)
      .all(number),
  ].map(heldOf);
  const invoice = fullInvoice(till.projection, { number });
  if (invoice !== undefined) return invoicedReceipt(till, invoice);
  const receipt = held.find(({ entry }) => isReceipt(entry.kind));
  const seal = sealIn(receipt?.entry.body ?? null);
  if (receipt === undefined || seal === undefined) return undefined;
  const { kind, body, by } = receipt.entry;
  return receiptOf({ kind, body } as unknown as ReceiptBody, by, seal);
}

function rowOf({ projection }: Till, { stream }: Open, sequence: number): OutboxRow | undefined {
  return projection
    .sql("SELECT * FROM fiscal_outbox WHERE stream = ? AND sequence = ? AND n IS NOT NULL")
    .get(stream.head.stream, sequence);
}

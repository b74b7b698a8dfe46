/**
 * A full invoice for a customer who comes back with a receipt, where the fiscal regime has one.
 *
 * It is a document of its own beside the sale, by the till that made the receipt, once: that till's ledger alone says whether there is
 * one already. Who bought stands in the record of that document and nowhere else.
 *
 * @module
 */

import { err, ok, type HeldEntry, type Result } from "@tillmesh/kernel";
import type {
  DocumentRequest,
  FiscalTime,
  ReceiptCustomer,
  StreamConfig,
} from "@tillmesh/fiscal-queue";
import { fiscalTimeAt } from "@tillmesh/fiscal-queue";
import type { Refusal } from "../http/problem.ts";
import { saleEntries } from "../projection/sales.ts";
import { recordedBefore, type Call, type Recorded } from "../till/record.ts";
import { businessDateOf, type Till } from "../till/till.ts";
import type { Open } from "./desk.ts";
import { fullInvoice, type FullInvoice, type InvoiceNote } from "./invoice-note.ts";
import { isReceipt, receiptOf, sealIn, type ReceiptBody } from "./kept-seal.ts";
import { referenceTo } from "./receipt-request.ts";
import { regimeNamed } from "./regimes.ts";

export interface InvoiceRequest {
  readonly sale: string;
  readonly customer: ReceiptCustomer;
}

export function invoiceSale(
  till: Till,
  call: Call,
  { sale, customer }: InvoiceRequest,
): Promise<Result<Recorded, Refusal>> {
  return till.fiscal.exclusively(async () => {
    const known = recordedBefore(till, call.request);
    if (!known.ok) return known;
    if (known.value !== undefined) return ok({ held: known.value, isRepeat: true });
    const found = saleToInvoice(till, sale);
    if (!found.ok) return found;
    const { by } = call.actor;
    const businessDate = businessDateOf(till);
    const ready = await till.fiscal.makeReady({ kind: "invoice", businessDate, body: {}, by });
    if (!ready.ok) return ready;
    const asked = requestFor(till, found.value, customer);
    if (!asked.ok) return asked;
    const { request, invoice } = asked.value;
    const held = await till.fiscal.record(request, { by, request: call.request, invoice });
    return held.ok ? ok({ held: held.value, isRepeat: false }) : held;
  });
}

/** What the document of an invoice said of its sale, for one that puts it right. */
export function invoicedReceipt(
  { fiscal, projection }: Till,
  { document, invoice }: FullInvoice,
): DocumentRequest["receipt"] {
  const [held] = saleEntries(projection, invoice.saleId);
  const { open } = fiscal;
  if (held === undefined || open === undefined) return undefined;
  return fullRequest(held, { open, at: document.at, customer: invoice.customer })?.receipt;
}

interface Found {
  readonly held: HeldEntry;
  readonly config: StreamConfig;
}

function saleToInvoice(till: Till, sale: string): Result<Found, Refusal> {
  till.projection.sync();
  const [held, ...givenBack] = saleEntries(till.projection, sale);
  if (held?.entry.kind !== "sale") return err({ type: "NotKnownHere" });
  if (held.entry.device !== till.replica.device.id) {
    const detail = "The invoice of a receipt is made by the till that made the receipt.";
    return err({ type: "NotKnownHere", detail });
  }
  const config = sealIn(held.entry.body) && configAt(till, held);
  if (config === undefined) return noInvoice("The receipt was not sealed.");
  if (regimeNamed(config.regime)?.invoice === undefined) return noInvoice(noneByLaw);
  const number = invoicedAs(till, held);
  if (number !== undefined) {
    const detail = `Its full invoice is ${number}.`;
    return err({ type: "FiscalInvoiced", detail, facts: { invoiceNumber: number } });
  }
  if (givenBack.length > 0) {
    return noInvoice("Some of it was given back: give back the rest and sell it to the customer.");
  }
  return ok({ held, config });
}

/** A sealed customer: the receipt was a full invoice itself. */
function invoicedAs({ projection }: Till, { entry }: HeldEntry): string | undefined {
  const { saleId, receiptNumber } = entry.body as unknown as InvoiceNote;
  const made = fullInvoice(projection, { saleId })?.document.number;
  return made ?? (sealIn(entry.body)?.customer === undefined ? undefined : receiptNumber);
}

interface InvoiceAsked {
  readonly request: DocumentRequest;
  readonly invoice: InvoiceNote;
}

function requestFor(
  till: Till,
  { held, config }: Found,
  customer: ReceiptCustomer,
): Result<InvoiceAsked, Refusal> {
  const { open } = till.fiscal;
  if (open === undefined) return noInvoice("This till seals nothing.");
  const { config: now } = open.stream;
  const isSame = (["regime", "taxpayer", "isTest"] as const).every(
    (name) => config[name] === now[name],
  );
  if (!isSame) return noInvoice("The receipt was sealed under another regime or taxpayer.");
  const at = fiscalTimeAt(till.clock.nowMs(), now.timeZone);
  const request = fullRequest(held, { open, at, customer });
  if (request === undefined) return noInvoice(noneByLaw);
  const { saleId, receiptNumber } = held.entry.body as unknown as InvoiceNote;
  const isTest = now.isTest ? ({ isTest: true } as const) : {};
  return ok({ request, invoice: { saleId, receiptNumber, customer, ...isTest } });
}

interface Asking {
  readonly open: Open;
  readonly at: FiscalTime;
  readonly customer: ReceiptCustomer;
}

function fullRequest(held: HeldEntry, { open, at, customer }: Asking): DocumentRequest | undefined {
  const { kind, body, by } = held.entry;
  if (!isReceipt(kind)) return undefined;
  const refersTo = referenceTo(held, open.stream.config.timeZone);
  const said = receiptOf({ kind, body } as unknown as ReceiptBody, by, { customer });
  return open.regime.invoice?.({ ...said, ...(refersTo && { refersTo }) }, at);
}

/** Of the stream that a receipt was sealed into. */
function configAt({ projection }: Till, { entry }: HeldEntry): StreamConfig | undefined {
  const row = projection
    .sql(
      `SELECT config FROM fiscal_streams
       WHERE device = ? AND incarnation = ? AND sequence < ? ORDER BY sequence DESC LIMIT 1`,
    )
    .get(entry.device, entry.incarnation, entry.sequence);
  return row && (JSON.parse(String(row["config"])) as StreamConfig);
}

const noneByLaw = "The fiscal regime of this location has no such document.";

function noInvoice(detail: string): Result<never, Refusal> {
  return err({ type: "FiscalNoInvoice", detail });
}

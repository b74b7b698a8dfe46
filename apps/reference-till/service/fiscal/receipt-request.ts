/**
 * What the regime is asked to seal for a receipt that is about to be recorded.
 *
 * A reversal of a whole, untouched sale is a void where the regime numbers voids like receipts; of what is left of a sale it is a
 * refund, because the refunds before it stand. What is given back refers to the invoice that stands for the sale, and names whom that names.
 *
 * @module
 */

import { businessDateAt, hlcMs, type EntryBy, type HeldEntry } from "@tillmesh/kernel";
import type { DocumentRequest, ReceiptCustomer, ReceiptReference } from "@tillmesh/fiscal-queue";
import { saleEntries } from "../projection/sales.ts";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";
import type { Open } from "./desk.ts";
import { fullInvoice } from "./invoice-note.ts";
import { receiptOf, sealIn, type ReceiptBody } from "./kept-seal.ts";

export interface Asked {
  readonly request: DocumentRequest;
  readonly refersTo: ReceiptReference | undefined;
  /** As the document will name them. */
  readonly customer: ReceiptCustomer | undefined;
}

export interface Asking {
  readonly by: EntryBy;
  readonly at: Open;
  /** Of a sale. */
  readonly customer: ReceiptCustomer | undefined;
}

export function receiptRequest(till: Till, receipt: ReceiptBody, asking: Asking): Asked {
  const { by, at } = asking;
  const sale = receipt.kind === "sale" ? [] : saleEntries(till.projection, receipt.body.saleId);
  const { refersTo, customer } =
    receipt.kind === "sale"
      ? { refersTo: undefined, customer: asking.customer }
      : invoiceOf(till, sale[0], at.stream.config.timeZone);
  const isVoid = receipt.kind === "reversal" && sale.length === 1 && at.regime.isNumbered("void");
  const seal = present({ kind: isVoid ? ("void" as const) : undefined, refersTo, customer });
  const said = receiptOf(receipt, by, seal);
  const named = at.regime.customerIn?.(said);
  return { request: { kind: said.kind, receipt: said }, refersTo, customer: named };
}

/** What a receipt of a sale is called, by the authority and on paper. */
export function referenceTo(
  held: HeldEntry | undefined,
  timeZone: string,
): ReceiptReference | undefined {
  if (held?.entry.kind !== "sale") return undefined;
  const seal = sealIn(held.entry.body);
  const { receiptNumber: number } = held.entry.body as unknown as {
    readonly receiptNumber: string;
  };
  const issuedOn = businessDateAt(seal?.atMs ?? hlcMs(held.entry.at), timeZone);
  return { number, issuedOn, ...present({ hash: seal?.hash }) };
}

/** The document that stands for a sale: its receipt, or the full invoice that was made in its place. */
function invoiceOf(
  { projection }: Till,
  held: HeldEntry | undefined,
  timeZone: string,
): Pick<Asked, "refersTo" | "customer"> {
  const { saleId = "" } = (held?.entry.body ?? {}) as { readonly saleId?: string };
  const made = fullInvoice(projection, { saleId });
  if (made === undefined) {
    const seal = sealIn(held?.entry.body ?? null);
    return { refersTo: referenceTo(held, timeZone), customer: seal?.customer };
  }
  const { document, invoice } = made;
  const { number, hash, at } = document;
  const issuedOn = businessDateAt(at.epochMs, timeZone);
  return { refersTo: { number, issuedOn, hash }, customer: invoice.customer };
}

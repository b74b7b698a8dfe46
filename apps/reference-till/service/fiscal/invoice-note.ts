/**
 * Full invoices that were made of sales afterwards, as the records of their documents note them.
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";
import type { ReceiptCustomer, SealedDocument } from "@tillmesh/fiscal-queue";
import type { Tables } from "../projection/tables.ts";
import { fiscalAnswer } from "./fiscal-answer.ts";

/** The member `invoice` of such a record. The customer is here as in a seal, see `KeptSeal`. */
export type InvoiceNote = {
  readonly saleId: string;
  /** Of the receipt in whose place it stands. */
  readonly receiptNumber: string;
  readonly customer: ReceiptCustomer;
  readonly isTest?: true;
};

export type FullInvoice = {
  readonly document: SealedDocument;
  readonly invoice: InvoiceNote;
};

/** By its sale, or by its own number; each sale has one at most. */
export function fullInvoice(
  tables: Tables,
  wanted: { readonly saleId: string } | { readonly number: string },
): FullInvoice | undefined {
  const [column, value] = "saleId" in wanted ? ["sale", wanted.saleId] : ["number", wanted.number];
  const row = tables
    .sql(`SELECT entry FROM fiscal_invoices i JOIN entries e ON e.n = i.n WHERE i.${column} = ?`)
    .get(value);
  if (row === undefined) return undefined;
  const { body } = JSON.parse(String(row["entry"])) as { readonly body: FullInvoice };
  return body;
}

/** What the projection finds it by; undefined of any other record. */
export function invoicePlace(
  body: JsonObject,
): { readonly sale: string; readonly number: string } | undefined {
  const sale = memberOf(body["invoice"], "saleId");
  const number = memberOf(body["document"], "number");
  return typeof sale === "string" && typeof number === "string" ? { sale, number } : undefined;
}

export function invoiceAnswer({ document, invoice }: FullInvoice): JsonObject {
  const { saleId, receiptNumber: replaces, isTest } = invoice;
  const { number } = document;
  return { saleId, number, replaces, fiscal: documentSeal(document, isTest === true) };
}

/** A document of the regime's own, as the seal of a receipt is answered. */
export function documentSeal(document: SealedDocument, isTest: boolean): JsonObject {
  const { at, degraded, hash, number, print, regime, sequence } = document;
  const { epochMs: atMs, offsetMinutes } = at;
  const seal = { regime, sequence, hash, atMs, offsetMinutes, print };
  const more = isTest ? ({ isTest: true } as const) : {};
  return fiscalAnswer({ ...seal, ...more, ...(degraded && { degraded }) }, number);
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject)[name] : undefined;
}

/**
 * A full invoice in place of a simplified one that was handed over (F3). SPEC.md §10 (RES).
 *
 * It has a series of its own beside that of the receipts, without a gap: `A1-1-F000001`. The law wants full and simplified invoices
 * apart, and the next receipt number belongs to the next receipt.
 *
 * @module
 */

import type { FiscalTime, StreamConfig } from "../../document.ts";
import type { Receipt, ReceiptCustomer } from "../../receipt.ts";
import type { DocumentRequest, SealFault } from "../../regime.ts";
import { localDate } from "../../time.ts";
import { numberPattern } from "./settings.ts";
import type { ChainState } from "./state.ts";
import { isSimplified, termsOf } from "./terms.ts";

/** The operation took place on the day of the receipt. */
export function fullInvoiceOf(receipt: Receipt, at: FiscalTime): DocumentRequest {
  const { options, refersTo } = receipt;
  const day = refersTo?.issuedOn ?? "";
  const isLater = day !== "" && day !== localDate(at);
  const more = isLater ? { operationDate: day } : {};
  return {
    kind: "invoice",
    receipt: { ...receipt, options: { ...options, ...more, invoiceType: "F3" } },
  };
}

/** Of the next one. */
export function invoiceNumber({ series }: Pick<StreamConfig, "series">, state: ChainState): string {
  return `${series}-F${String((state.invoices ?? 0) + 1).padStart(6, "0")}`;
}

export function invoiceFaults({ receipt }: DocumentRequest, number: string): readonly SealFault[] {
  const isFull = receipt?.kind === "sale" && termsOf(receipt).type === "F3";
  return [
    ...(isFull
      ? []
      : [fault("/receipt/options/invoiceType", "type", "what replaces a receipt of a sale is F3")]),
    ...(numberPattern.test(number) ? [] : [fault("/number", "number", `${number} is too long`)]),
  ];
}

/** Simplified invoices name nobody. */
export function customerIn(receipt: Receipt): ReceiptCustomer | undefined {
  return isSimplified(termsOf(receipt).type) ? undefined : receipt.customer;
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

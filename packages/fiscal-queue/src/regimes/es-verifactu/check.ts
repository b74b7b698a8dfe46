/**
 * What is refused before a number is taken. SPEC.md §10 (RES).
 *
 * Source: AEAT, validations and errors, version 1.2.0.
 *
 * @module
 */

import { isBusinessDate } from "@tillmesh/kernel";
import type { FiscalTime, StreamConfig } from "../../document.ts";
import type { Receipt } from "../../receipt.ts";
import type { DocumentRequest, SealFault } from "../../regime.ts";
import { localDate } from "../../time.ts";
import { checkAmounts } from "./check-amounts.ts";
import { readCorrection } from "./corrections.ts";
import { nifPattern, numberPattern, type Settings } from "./settings.ts";
import { isCorrective, isSimplified, termsOf, type Terms } from "./terms.ts";

export interface CheckInput {
  readonly config: StreamConfig;
  readonly settings: Settings;
  readonly at: FiscalTime;
}

export function checkRequest(request: DocumentRequest, input: CheckInput): readonly SealFault[] {
  const faults: SealFault[] = [];
  const today = localDate(input.at);
  if (today < firstDate) faults.push(fault("/at", "date", `no invoice before ${firstDate}`));
  if (request.kind === "cancellation" || request.kind === "correction") {
    checkFacts(request, today, faults);
  }
  if (request.kind === "cancellation") return faults;
  const { receipt } = request;
  if (receipt === undefined)
    return [...faults, fault("/receipt", "missing", "a receipt is needed")];
  if (receipt.kind === "training") {
    faults.push(fault("/receipt/kind", "training", "training is no invoice: it is kept apart"));
  }
  const terms = termsOf(receipt, faults);
  checkReferences(terms, today, faults);
  checkRecipient(receipt, terms, faults);
  checkRectification(terms, faults);
  checkAmounts(
    receipt,
    { terms, settings: input.settings, currency: input.config.currency },
    faults,
  );
  return faults;
}

export function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

function checkFacts(request: DocumentRequest, today: string, faults: SealFault[]): void {
  const facts = readCorrection(request);
  if (facts === undefined) {
    faults.push(fault("/facts", "facts", "which invoice, and what the authority has of it"));
    return;
  }
  checkDate("/facts/issuedOn", facts.issuedOn, { today, faults });
}

function checkReferences(terms: Terms, today: string, faults: SealFault[]): void {
  const { references, operationDate, type } = terms;
  if (references.length > 1000) {
    faults.push(fault("/receipt/options/alsoRefersTo", "references", "at most 1000 invoices"));
  }
  references.forEach(({ number, issuedOn }, index) => {
    const pointer = `/receipt/refersTo/${index}`;
    if (!numberPattern.test(number)) faults.push(fault(pointer, "number", "no invoice number"));
    if (!isBusinessDate(issuedOn) || issuedOn > today) {
      faults.push(fault(pointer, "date", "a day, not in the future"));
    }
  });
  if (type === "F3" && references.length === 0) {
    faults.push(fault("/receipt/refersTo", "references", "F3 names the invoices it replaces"));
  }
  if (operationDate !== "" && (!isBusinessDate(operationDate) || operationDate > today)) {
    faults.push(fault("/receipt/options/operationDate", "date", "a day, not in the future"));
  }
}

function checkRecipient({ customer }: Receipt, terms: Terms, faults: SealFault[]): void {
  const pointer = "/receipt/customer";
  if (isSimplified(terms.type)) {
    if (customer?.taxId !== undefined) {
      faults.push(fault(pointer, "recipient", `${terms.type} names no recipient`));
    }
    if (terms.isQualifiedSimplified) {
      faults.push(
        fault(pointer, "qualified", "a qualified simplified invoice is F1, F3 or R1 to R4"),
      );
    }
    return;
  }
  if (terms.isWithoutRecipient) {
    faults.push(fault(pointer, "61d", "only F2 and R5 go without a recipient"));
  }
  if (customer === undefined || !hasIdentity(customer.name, customer.taxId)) {
    faults.push(fault(pointer, "recipient", `${terms.type} needs a recipient's name and number`));
    return;
  }
  checkTaxId(customer.country, customer.taxId ?? "", { terms, faults });
}

function checkTaxId(
  country: string,
  taxId: string,
  { terms, faults }: { readonly terms: Terms; readonly faults: SealFault[] },
): void {
  const isSpanish = country === "ES" && terms.customerIdType === "";
  if (isSpanish ? !nifPattern.test(taxId) : taxId.trim().length > 20) {
    faults.push(
      fault("/receipt/customer/taxId", "nif", "nine characters, or 20 of other countries"),
    );
  }
  if (!/^[A-Z]{2}$/.test(country)) {
    faults.push(fault("/receipt/customer/country", "country", "two letters"));
  }
}

function hasIdentity(name: string, taxId: string | undefined): boolean {
  return name.trim() !== "" && taxId !== undefined && taxId.trim() !== "";
}

function checkRectification(terms: Terms, faults: SealFault[]): void {
  const pointer = "/receipt/options/rectification";
  if (!isCorrective(terms.type) && terms.rectification !== "") {
    faults.push(fault(pointer, "rectification", "only R1 to R5 rectify"));
  }
  if ((terms.rectification === "S") !== (terms.rectified !== undefined)) {
    const detail = "the amounts replaced stand with type S, and only there";
    faults.push(fault(pointer, "rectified-amounts", detail));
  }
}

function checkDate(
  pointer: string,
  date: string,
  { today, faults }: { readonly today: string; readonly faults: SealFault[] },
): void {
  if (!isBusinessDate(date) || date > today || date < firstDate) {
    faults.push(fault(pointer, "date", `a day from ${firstDate} to today`));
  }
}

/** The day the authority's rules begin at. */
const firstDate = "2024-10-28";

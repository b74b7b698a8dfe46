/**
 * An invoice as UBL 2.1, written in canonical form: what is hashed are the bytes that stand in the document. SPEC.md §11 (RSA).
 *
 * @module
 */

import { formatQuantity } from "@tillmesh/kernel";
import { escapeAttribute, escapeText, withoutForbidden } from "./canonical-xml.ts";
import { amountText, divideHalfUp } from "./decimal.ts";
import type { Allowance, Invoice, InvoiceLine, TaxGroup } from "./invoice.ts";
import type { SellerSettings } from "./settings.ts";
import { invoiceOpening } from "./ubl.ts";

export interface InvoiceFacts {
  readonly number: string;
  readonly uuid: string;
  readonly issueDate: string;
  readonly issueTime: string;
  readonly icv: number;
  readonly previousHash: string;
  readonly vatNumber: string;
  readonly seller: SellerSettings;
}

/** Before and behind the place of the stamp. */
export interface InvoiceParts {
  readonly before: string;
  readonly behind: string;
}

export function invoiceParts(invoice: Invoice, facts: InvoiceFacts): InvoiceParts {
  return {
    before: [
      cbc("ProfileID", "reporting:1.0"),
      cbc("ID", facts.number),
      cbc("UUID", facts.uuid),
      cbc("IssueDate", facts.issueDate),
      cbc("IssueTime", facts.issueTime),
      cbc("InvoiceTypeCode", invoice.typeCode, { name: invoice.transaction }),
      cbc("DocumentCurrencyCode", currency),
      cbc("TaxCurrencyCode", currency),
      ...(invoice.refersTo === undefined ? [] : [billingReference(invoice.refersTo)]),
      cac("AdditionalDocumentReference", cbc("ID", "ICV"), cbc("UUID", String(facts.icv))),
      attachedText("PIH", facts.previousHash),
    ].join(""),
    behind: [
      cac("AccountingSupplierParty", sellerText(facts)),
      cac("AccountingCustomerParty", ...buyerTexts(invoice)),
      ...invoice.paymentCodes.map((code) => paymentText(code, invoice.reason)),
      ...invoice.allowances.map(allowanceText),
      cac("TaxTotal", amount("TaxAmount", invoice.taxMinor)),
      cac("TaxTotal", amount("TaxAmount", invoice.taxMinor), ...invoice.groups.map(groupText)),
      totalsText(invoice),
      ...invoice.lines.map(lineText),
    ].join(""),
  };
}

/** What the hash covers: the document without its stamp. */
export function hashedText({ before, behind }: InvoiceParts): string {
  return `${invoiceOpening}${before}${behind}</Invoice>`;
}

/** The document as it is kept, sent and, by its QR code, printed. */
export function documentText(
  { before, behind }: InvoiceParts,
  { qr, stamp }: { readonly qr: string; readonly stamp: string },
): string {
  const place = `${attachedText("QR", qr)}${signatureText}`;
  return `${xmlDeclaration}${invoiceOpening}${stamp}${before}${place}${behind}</Invoice>`;
}

const currency = "SAR";
const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const signatureText = cac(
  "Signature",
  cbc("ID", "urn:oasis:names:specification:ubl:signature:Invoice"),
  cbc("SignatureMethod", "urn:oasis:names:specification:ubl:dsig:enveloped:xades"),
);

function attachedText(id: string, content: string): string {
  const attached = cbc("EmbeddedDocumentBinaryObject", content, { mimeCode: "text/plain" });
  return cac("AdditionalDocumentReference", cbc("ID", id), cac("Attachment", attached));
}

function billingReference(number: string): string {
  return cac("BillingReference", cac("InvoiceDocumentReference", cbc("ID", number)));
}

function sellerText({ seller, vatNumber }: InvoiceFacts): string {
  const { additionalNumber, registration, registrationScheme } = seller;
  return cac(
    "Party",
    cac("PartyIdentification", cbc("ID", registration, { schemeID: registrationScheme })),
    cac(
      "PostalAddress",
      cbc("StreetName", seller.street),
      cbc("BuildingNumber", seller.buildingNumber),
      ...(additionalNumber === "" ? [] : [cbc("PlotIdentification", additionalNumber)]),
      cbc("CitySubdivisionName", seller.district),
      cbc("CityName", seller.city),
      cbc("PostalZone", seller.postalCode),
      cac("Country", cbc("IdentificationCode", "SA")),
    ),
    cac("PartyTaxScheme", cbc("CompanyID", vatNumber), vatScheme),
    cac("PartyLegalEntity", cbc("RegistrationName", seller.sellerName)),
  );
}

/** Nothing of a buyer who gave no name. */
function buyerTexts({ buyer, nationalId }: Invoice): readonly string[] {
  if (buyer === undefined) return [];
  const { city, country, name, postalCode, street, taxId = "" } = buyer;
  const address = [
    ...optional("StreetName", street),
    ...optional("CityName", city),
    ...optional("PostalZone", postalCode),
    cac("Country", cbc("IdentificationCode", country)),
  ];
  const isVatNumber = /^3\d{13}3$/.test(taxId);
  return [
    cac(
      "Party",
      ...(nationalId === undefined
        ? []
        : [cac("PartyIdentification", cbc("ID", nationalId, { schemeID: "NAT" }))]),
      cac("PostalAddress", ...address),
      ...(isVatNumber ? [cac("PartyTaxScheme", cbc("CompanyID", taxId), vatScheme)] : []),
      cac("PartyLegalEntity", cbc("RegistrationName", name)),
    ),
  ];
}

function optional(name: string, value: string | undefined): readonly string[] {
  return value === undefined || value.trim() === "" ? [] : [cbc(name, value)];
}

function paymentText(code: string, reason: string | undefined): string {
  return cac("PaymentMeans", cbc("PaymentMeansCode", code), ...optional("InstructionNote", reason));
}

function allowanceText({ category, netMinor, rateBp, reason }: Allowance): string {
  return cac(
    "AllowanceCharge",
    cbc("ChargeIndicator", "false"),
    cbc("AllowanceChargeReason", reason),
    amount("Amount", netMinor),
    cac("TaxCategory", ...categoryTexts(category, rateBp), vatScheme),
  );
}

function groupText({ category, exemption, netMinor, rateBp, taxMinor }: TaxGroup): string {
  const reasons =
    exemption === undefined
      ? []
      : [cbc("TaxExemptionReasonCode", exemption.code), cbc("TaxExemptionReason", exemption.text)];
  return cac(
    "TaxSubtotal",
    amount("TaxableAmount", netMinor),
    amount("TaxAmount", taxMinor),
    cac("TaxCategory", ...categoryTexts(category, rateBp), ...reasons, vatScheme),
  );
}

function totalsText(invoice: Invoice): string {
  const { allowances, grossMinor, netMinor, payableMinor, roundingMinor } = invoice;
  const allowanceMinor = allowances.reduce((total, one) => total + one.netMinor, 0);
  return cac(
    "LegalMonetaryTotal",
    amount("LineExtensionAmount", netMinor + allowanceMinor),
    amount("TaxExclusiveAmount", netMinor),
    amount("TaxInclusiveAmount", grossMinor),
    ...(allowanceMinor === 0 ? [] : [amount("AllowanceTotalAmount", allowanceMinor)]),
    ...(roundingMinor === 0 ? [] : [amount("PayableRoundingAmount", roundingMinor)]),
    amount("PayableAmount", payableMinor),
  );
}

function lineText(line: InvoiceLine, index: number): string {
  const { category, name, netMinor, quantityMilli, rateBp, taxMinor } = line;
  return cac(
    "InvoiceLine",
    cbc("ID", String(index + 1)),
    cbc("InvoicedQuantity", formatQuantity(quantityMilli), unit),
    amount("LineExtensionAmount", netMinor),
    cac("TaxTotal", amount("TaxAmount", taxMinor), amount("RoundingAmount", netMinor + taxMinor)),
    cac(
      "Item",
      cbc("Name", name),
      cac("ClassifiedTaxCategory", ...categoryTexts(category, rateBp), vatScheme),
    ),
    cac("Price", ...priceTexts(line)),
  );
}

// Where the price of one has no exact text, the price is that of the whole quantity.
function priceTexts({ netMinor, quantityMilli }: InvoiceLine): readonly string[] {
  const units = BigInt(netMinor) * 1000n;
  const quantity = BigInt(quantityMilli);
  if (units % quantity === 0n)
    return [amount("PriceAmount", Number(divideHalfUp(units, quantity)))];
  const whole = cbc("BaseQuantity", formatQuantity(quantityMilli), unit);
  return [amount("PriceAmount", netMinor), whole];
}

function categoryTexts(category: string, rateBp: number): readonly string[] {
  return [cbc("ID", category), cbc("Percent", amountText(rateBp))];
}

const unit = { unitCode: "PCE" };
const vatScheme = cac("TaxScheme", cbc("ID", "VAT"));

function amount(name: string, minor: number): string {
  return cbc(name, amountText(minor), { currencyID: currency });
}

/** With one attribute at most: more would have an order. */
function cbc(
  name: string,
  content: string,
  attributes: Readonly<Record<string, string>> = {},
): string {
  const [one] = Object.entries(attributes);
  const attribute = one === undefined ? "" : ` ${one[0]}="${escapeAttribute(one[1])}"`;
  return `<cbc:${name}${attribute}>${escapeText(withoutForbidden(content))}</cbc:${name}>`;
}

function cac(name: string, ...children: readonly string[]): string {
  return `<cac:${name}>${children.join("")}</cac:${name}>`;
}

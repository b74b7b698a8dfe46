/**
 * The business rules that concern a till, checked on a document's own XML, whoever wrote it. SPEC.md §11 (RSA).
 *
 * Ids are those of EN 16931 and of the authority. Written from the published texts, not from the authority's program.
 *
 * @module
 */

import { equalDecimals, fractionDigits, parseDecimal } from "./decimal.ts";
import { sumRules, type RuleFinding } from "./sum-rules.ts";
import { additionalDocument, all, attribute, first, text } from "./ubl.ts";
import { elementsOf, textOf, type XmlElement } from "./xml-tree.ts";

export function invoiceRules(root: XmlElement): readonly RuleFinding[] {
  return [
    ...headRules(root),
    ...stampRules(root),
    ...noteRules(root),
    ...sellerRules(root),
    ...all(root, "cac:InvoiceLine").flatMap(lineRules),
    ...all(root, "cac:TaxTotal/cac:TaxSubtotal").flatMap(subtotalRules),
    ...amountRules(root),
    ...sumRules(root),
  ];
}

function headRules(root: XmlElement): readonly RuleFinding[] {
  const type = first(root, "cbc:InvoiceTypeCode");
  const transaction = attribute(type, "name");
  const isSimplified = transaction.startsWith("02");
  return [
    ...unless(text(root, "cbc:ProfileID") === "reporting:1.0", "BR-KSA-EN16931-01", "profile"),
    ...unless(text(root, "cbc:ID") !== "", "BR-02", "number"),
    ...unless(uuid.test(text(root, "cbc:UUID")), "BR-KSA-03", "UUID"),
    ...unless(/^\d{4}-\d\d-\d\d$/.test(text(root, "cbc:IssueDate")), "BR-03", "date"),
    ...unless(/^\d\d:\d\d:\d\dZ?$/.test(text(root, "cbc:IssueTime")), "BR-KSA-70", "time"),
    ...unless(/^38[138]$/.test(text(root, "cbc:InvoiceTypeCode")), "BR-KSA-05", "type code"),
    ...unless(/^0[12][01]{5}$/.test(transaction), "BR-KSA-06", "transaction code"),
    ...unless(!isSimplified || /^02..0.0$/.test(transaction), "BR-KSA-31", "simplified flags"),
    ...unless(text(root, "cbc:TaxCurrencyCode") === "SAR", "BR-KSA-68", "tax currency"),
    ...unless(all(root, "cac:InvoiceLine").length > 0, "BR-16", "no line"),
  ];
}

function stampRules(root: XmlElement): readonly RuleFinding[] {
  const attached = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject";
  const counter = text(additionalDocument(root, "ICV"), "cbc:UUID");
  const information = first(root, informationPath);
  const signature = first(root, "cac:Signature");
  const method = text(signature, "cbc:SignatureMethod");
  return [
    ...unless(counter !== "", "BR-KSA-33", "no counter"),
    ...unless(/^\d*$/.test(counter), "BR-KSA-34", "counter of digits"),
    ...unless(text(additionalDocument(root, "PIH"), attached) !== "", "BR-KSA-61", "no PIH"),
    ...unless(text(additionalDocument(root, "QR"), attached) !== "", "BR-KSA-27", "no QR code"),
    ...unless(information !== undefined && signature !== undefined, "BR-KSA-60", "no stamp"),
    ...unless(text(information, "cbc:ID") === `${ids}:1`, "BR-KSA-28", "signature id"),
    ...unless(text(signature, "cbc:ID") === `${ids}:Invoice`, "BR-KSA-29", "signature id"),
    ...unless(
      method === "urn:oasis:names:specification:ubl:dsig:enveloped:xades",
      "BR-KSA-30",
      "method",
    ),
  ];
}

function noteRules(root: XmlElement): readonly RuleFinding[] {
  if (text(root, "cbc:InvoiceTypeCode") === "388") return [];
  const reference = text(root, "cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID");
  return [
    ...unless(reference !== "", "BR-KSA-56", "no billing reference"),
    ...unless(text(root, "cac:PaymentMeans/cbc:InstructionNote") !== "", "BR-KSA-17", "no reason"),
  ];
}

function sellerRules(root: XmlElement): readonly RuleFinding[] {
  const party = first(root, "cac:AccountingSupplierParty/cac:Party");
  const address = first(party, "cac:PostalAddress");
  const vatNumber = text(party, "cac:PartyTaxScheme/cbc:CompanyID");
  const id = first(party, "cac:PartyIdentification/cbc:ID");
  const isKnown = /^(CRN|MOM|MLS|700|SAG|OTH)$/.test(attribute(id, "schemeID"));
  const parts = ["cbc:StreetName", "cbc:CitySubdivisionName", "cbc:CityName"];
  return [
    ...unless(/^3\d{13}3$/.test(vatNumber), "BR-KSA-40", "VAT number"),
    ...unless(text(party, "cac:PartyLegalEntity/cbc:RegistrationName") !== "", "BR-06", "name"),
    ...unless(
      isKnown && /^[A-Za-z\d]+$/.test(text(party, "cac:PartyIdentification/cbc:ID")),
      "BR-KSA-08",
      "seller id",
    ),
    ...unless(
      parts.every((part) => text(address, part) !== ""),
      "BR-KSA-09",
      "address",
    ),
    ...unless(/^\d{4}$/.test(text(address, "cbc:BuildingNumber")), "BR-KSA-37", "building number"),
    ...unless(/^\d{5}$/.test(text(address, "cbc:PostalZone")), "BR-KSA-66", "postal code"),
    ...unless(text(address, "cac:Country/cbc:IdentificationCode") === "SA", "BR-09", "country"),
  ];
}

function lineRules(line: XmlElement): readonly RuleFinding[] {
  const category = first(line, "cac:Item/cac:ClassifiedTaxCategory");
  const isVat = text(category, "cac:TaxScheme/cbc:ID") === "VAT";
  return [
    ...unless(isVat && text(category, "cbc:ID") !== "", "BR-CO-04", "a line without VAT category"),
    ...unless(text(line, "cac:Item/cbc:Name") !== "", "BR-25", "a line without name"),
    ...rateRules(category),
  ];
}

function subtotalRules(subtotal: XmlElement): readonly RuleFinding[] {
  const category = first(subtotal, "cac:TaxCategory");
  const isStandard = text(category, "cbc:ID") === "S";
  const hasReason =
    text(category, "cbc:TaxExemptionReasonCode") !== "" &&
    text(category, "cbc:TaxExemptionReason") !== "";
  return [
    ...unless(text(category, "cac:TaxScheme/cbc:ID") === "VAT", "BR-48", "no VAT scheme"),
    ...unless(isStandard || hasReason, "BR-KSA-24", "no reason of exemption"),
    ...rateRules(category),
  ];
}

function rateRules(category: XmlElement | undefined): readonly RuleFinding[] {
  const code = text(category, "cbc:ID");
  const percent = text(category, "cbc:Percent");
  if (code !== "S") {
    const isFree = /^[ZEO]$/.test(code) && equalDecimals(percent, "0");
    return unless(isFree || code === "", `BR-${code}-05`, `${percent} % in category ${code}`);
  }
  const isRate = equalDecimals(percent, "15") || equalDecimals(percent, "5");
  return [
    ...unless((parseDecimal(percent) ?? 0n) > 0n, "BR-S-05", `${percent} % in category S`),
    ...unless(isRate, "BR-KSA-84", `${percent} %: the rates are 15 % and 5 %`),
  ];
}

/** Every amount is a decimal of two digits and none is negative but the rounding; a price may be finer. */
function amountRules(root: XmlElement): readonly RuleFinding[] {
  return elementsOf(root).flatMap((element) => {
    if (!/(Amount|Quantity)$/.test(element.local)) return amountRules(element);
    const value = textOf(element).trim();
    const size = parseDecimal(value);
    const isFine = element.local === "PriceAmount" || element.local.endsWith("Quantity");
    const isSigned = element.local === "PayableRoundingAmount";
    return [
      ...unless(
        size !== undefined && (isFine || fractionDigits(value) <= 2),
        "BR-DEC",
        element.local,
      ),
      ...unless(isSigned || (size ?? 0n) >= 0n, "BR-KSA-F-04", `${element.local} ${value}`),
    ];
  });
}

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const ids = "urn:oasis:names:specification:ubl:signature";
const informationPath =
  "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/sig:UBLDocumentSignatures/sac:SignatureInformation";

function unless(isSound: boolean, rule: string, detail: string): readonly RuleFinding[] {
  return isSound ? [] : [{ rule, detail }];
}

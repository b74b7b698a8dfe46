/**
 * The poison filter: what the authority would refuse, said before a number is taken. SPEC.md §11 (RSA).
 *
 * Codes are the authority's own rules where there is one.
 *
 * @module
 */

import type { FiscalTime, StreamConfig } from "../../document.ts";
import type { Receipt, ReceiptLine } from "../../receipt.ts";
import type { DocumentRequest, SealFault } from "../../regime.ts";
import {
  invoiceOf,
  isInvoiceKind,
  reasonOf,
  turnedLines,
  typeCodeOf,
  type Invoice,
} from "./invoice.ts";
import { exemptionOf, currentKey, readSettings, type SellerSettings } from "./settings.ts";

export function requestFaults(
  request: DocumentRequest,
  config: StreamConfig,
  at: FiscalTime,
): readonly SealFault[] {
  const { kind, receipt } = request;
  if (!isInvoiceKind(kind) || receipt === undefined || receipt.kind === "training") {
    return [fault("/kind", "kind", "only invoices and notes are sealed")];
  }
  const seller = readSettings(config);
  const lineFaults = receipt.lines.flatMap((line, index) => categoryFaults(line, index, seller));
  const figures = lineFaults.length === 0 ? figureFaults(receipt, seller) : [];
  return [
    ...momentFaults(config, at),
    ...transactionFaults(receipt),
    ...noteFaults(receipt),
    ...buyerFaults(receipt, seller),
    ...lineFaults,
    ...figures,
  ];
}

function momentFaults(config: StreamConfig, at: FiscalTime): readonly SealFault[] {
  return [
    ...unless(
      currentKey(config, at.epochMs) !== undefined,
      fault("/keys", "certificate", "no certificate is in force: renew it"),
    ),
    ...unless(
      at.offsetMinutes === riyadhMinutes,
      fault("/at", "BR-KSA-70", "the clock is not that of Saudi Arabia"),
    ),
  ];
}

// Without the authority's answer a standard invoice is none, so it is not for a till that may be offline.
function transactionFaults({ currency, options = {} }: Receipt): readonly SealFault[] {
  return [
    ...unless(currency === "SAR", fault("/currency", "BR-KSA-68", "amounts are in SAR")),
    ...unless(
      (options["invoiceType"] ?? "simplified") === "simplified",
      fault(
        "/options/invoiceType",
        "clearance",
        "a standard invoice is cleared before it is given",
      ),
    ),
    ...unless(
      options["export"] !== "yes" && options["selfBilled"] !== "yes",
      fault("/options", "BR-KSA-31", "simplified invoices are no exports and not self-billed"),
    ),
    ...unless(
      options["summary"] !== "yes",
      fault("/options/summary", "BR-KSA-72", "a summary tells its period, which a receipt has not"),
    ),
  ];
}

function noteFaults(receipt: Receipt): readonly SealFault[] {
  if (typeCodeOf(receipt) === "388") return [];
  const { refersTo } = receipt;
  return [
    ...unless(
      refersTo !== undefined && isText(refersTo.number),
      fault("/refersTo", "BR-KSA-56", "a note names what it corrects"),
    ),
    ...unless(isText(reasonOf(receipt)), fault("/reason", "BR-KSA-17", "a note says why")),
  ];
}

/** Of a customer where there is one; citizens' schooling and health care must name theirs. */
function buyerFaults(
  { customer, lines, options = {} }: Receipt,
  seller: SellerSettings,
): readonly SealFault[] {
  const isNamed = customer !== undefined && isText(customer.name);
  const isAsked = lines.some((line) => {
    const code = exemptionOf(seller, line)?.code;
    return code === "VATEX-SA-EDU" || code === "VATEX-SA-HEA";
  });
  return [
    ...unless(isNamed || !isAsked, fault("/customer", "BR-KSA-25", "the buyer is named")),
    ...unless(
      customer === undefined || isNamed,
      fault("/customer/name", "BR-KSA-42", "a buyer has a name"),
    ),
    ...unless(
      customer === undefined || /^[A-Z]{2}$/.test(customer.country),
      fault("/customer/country", "BR-CL-14", "two letters of ISO 3166-1"),
    ),
    ...unless(
      /^\d{10}$/.test(options["nationalId"] ?? "0000000000"),
      fault("/options/nationalId", "BR-KSA-49", "ten digits"),
    ),
  ];
}

function categoryFaults(
  line: ReceiptLine,
  index: number,
  seller: SellerSettings,
): readonly SealFault[] {
  const { category, rateBp, taxCode } = line;
  const pointer = `/lines/${index}`;
  if (category === "S") {
    const isRate = rateBp === 1500 || rateBp === 500;
    return unless(isRate, fault(`${pointer}/rateBp`, "BR-KSA-84", "the rates are 15 % and 5 %"));
  }
  if (category !== "Z" && category !== "E" && category !== "O") {
    return [fault(`${pointer}/category`, "BR-KSA-18", "the categories are S, Z, E and O")];
  }
  return [
    ...unless(rateBp === 0, fault(`${pointer}/rateBp`, `BR-${category}-05`, "bears no VAT")),
    ...unless(
      exemptionOf(seller, line) !== undefined,
      fault(`${pointer}/taxCode`, "BR-KSA-24", `the settings give no exemption for "${taxCode}"`),
    ),
  ];
}

function figureFaults(receipt: Receipt, seller: SellerSettings): readonly SealFault[] {
  const invoice = invoiceOf(receipt, seller);
  const isSale = receipt.kind === "sale";
  return [
    ...unless(invoice.lines.length > 0, fault("/lines", "BR-16", "there is a line")),
    ...unless(
      !isSale || invoice.allowances.length === 0,
      fault("/lines", "BR-KSA-F-04", "what comes back is a credit note of its own"),
    ),
    ...unless(
      turnedLines(receipt).every(
        ({ netMinor, quantityMilli }) => !(netMinor >= 0 && quantityMilli < 0),
      ),
      fault("/lines", "BR-KSA-F-04", "amount and quantity go the same way"),
    ),
    ...unless(
      invoice.groups.every(({ netMinor }) => netMinor >= 0) && invoice.payableMinor >= 0,
      fault("/taxes", "BR-KSA-F-04", "no sum is negative"),
    ),
    ...exemptionFaults(receipt, seller),
    ...unless(
      Math.abs(invoice.roundingMinor) <= roundingMax(invoice),
      fault("/taxes", "BR-S-09", `the VAT is ${invoice.taxMinor}, the receipt's sums are not near`),
    ),
  ];
}

function exemptionFaults({ lines }: Receipt, seller: SellerSettings): readonly SealFault[] {
  const codes = new Map<string, string>();
  for (const line of lines) {
    const { category } = line;
    const code = exemptionOf(seller, line)?.code;
    if (code === undefined) continue;
    if ((codes.get(category) ?? code) !== code) {
      return [fault("/lines", `BR-${category}-01`, "one reason of exemption for a category")];
    }
    codes.set(category, code);
  }
  return [];
}

/** A till may round the tax of each line, or even of each unit. */
function roundingMax({ allowances, groups, lines }: Invoice): number {
  const units = lines.reduce((sum, line) => sum + Math.ceil(line.quantityMilli / 1000), 0);
  return units + allowances.length + groups.length;
}

const riyadhMinutes = 180;

function isText(value: string): boolean {
  return value.trim() !== "" && value.length <= 1000;
}

function unless(isSound: boolean, wrong: SealFault): readonly SealFault[] {
  return isSound ? [] : [wrong];
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

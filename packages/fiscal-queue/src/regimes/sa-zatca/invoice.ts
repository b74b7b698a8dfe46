/**
 * An invoice or note as figures that close: every amount positive, VAT per category rounded once. SPEC.md §11 (RSA).
 *
 * @module
 */

import type { DocumentKind } from "../../document.ts";
import type { Receipt, ReceiptCustomer, ReceiptLine } from "../../receipt.ts";
import { withoutForbidden } from "./canonical-xml.ts";
import { taxOf } from "./decimal.ts";
import { exemptionOf, type Exemption, type SellerSettings } from "./settings.ts";

export interface Invoice {
  readonly typeCode: "388" | "381" | "383";
  /** Seven digits. */
  readonly transaction: string;
  readonly refersTo?: string;
  readonly reason?: string;
  readonly buyer?: ReceiptCustomer;
  /** Of the buyer, ten digits. */
  readonly nationalId?: string;
  /** Codes of UN/CEFACT 4461. */
  readonly paymentCodes: readonly string[];
  readonly lines: readonly InvoiceLine[];
  /** What a refund gives less back for. */
  readonly allowances: readonly Allowance[];
  readonly groups: readonly TaxGroup[];
  readonly netMinor: number;
  readonly taxMinor: number;
  readonly grossMinor: number;
  /** What the receipt asks for beyond `grossMinor`: prices with tax in them do not always close. */
  readonly roundingMinor: number;
  readonly payableMinor: number;
}

export interface InvoiceLine {
  readonly name: string;
  readonly quantityMilli: number;
  readonly category: string;
  readonly rateBp: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}

export interface Allowance {
  readonly reason: string;
  readonly category: string;
  readonly rateBp: number;
  readonly netMinor: number;
}

export interface TaxGroup {
  readonly category: string;
  readonly rateBp: number;
  readonly exemption?: Exemption;
  readonly netMinor: number;
  readonly taxMinor: number;
}

/** Of a receipt that `receiptFaults` found nothing in. */
export function invoiceOf(receipt: Receipt, seller: SellerSettings): Invoice {
  const turned = turnedLines(receipt);
  const groups = groupsOf(turned, seller);
  const netMinor = sum(groups.map((group) => group.netMinor));
  const taxMinor = sum(groups.map((group) => group.taxMinor));
  const payableMinor = receipt.totalMinor * directionOf(receipt);
  const { customer, options = {}, refersTo } = receipt;
  const { nationalId } = options;
  const reason = reasonOf(receipt);
  return {
    typeCode: typeCodeOf(receipt),
    transaction: transactionOf(receipt),
    ...(refersTo !== undefined && { refersTo: refersTo.number }),
    ...(reason !== "" && { reason }),
    ...(customer !== undefined && { buyer: customer }),
    ...(nationalId !== undefined && { nationalId }),
    paymentCodes: paymentCodesOf(receipt),
    lines: turned.filter(({ netMinor: net }) => net >= 0).map(lineOf),
    allowances: turned.filter(({ netMinor: net }) => net < 0).map(allowanceOf),
    groups,
    netMinor,
    taxMinor,
    grossMinor: netMinor + taxMinor,
    roundingMinor: payableMinor - netMinor - taxMinor,
    payableMinor,
  };
}

/** In UBL 381 is a credit note and 383 a debit note; the void of a credit note is one. */
export function typeCodeOf(receipt: Receipt): Invoice["typeCode"] {
  if (directionOf(receipt) < 0) return "381";
  return receipt.kind !== "sale" || receipt.options?.["note"] === "debit" ? "383" : "388";
}

/** Where nobody gave one, a refund or a void says what it is; "" for others. */
export function reasonOf({ kind, reason = "" }: Receipt): string {
  const given = reason.trim();
  return given === "" ? (reasons.get(kind) ?? "") : given;
}

/** Kinds that are sealed with a receipt. */
export function isInvoiceKind(kind: DocumentKind): boolean {
  return kind === "sale" || kind === "refund" || kind === "void" || kind === "correction";
}

/** The receipt's lines as the document counts: upwards, also where money goes back. */
export function turnedLines(receipt: Receipt): readonly ReceiptLine[] {
  const direction = directionOf(receipt);
  return receipt.lines.map((line) => ({
    ...line,
    quantityMilli: line.quantityMilli * direction,
    netMinor: line.netMinor * direction,
  }));
}

function directionOf({ kind, totalMinor }: Receipt): 1 | -1 {
  if (kind === "sale") return 1;
  return kind === "void" && totalMinor > 0 ? 1 : -1;
}

/** Simplified, then third party, nominal, and neither export, summary nor self-billed. */
function transactionOf({ options = {} }: Receipt): string {
  const flag = (name: string): string => (options[name] === "yes" ? "1" : "0");
  return `02${flag("thirdParty")}${flag("nominal")}000`;
}

// A line without a quantity is an amount: one of it.
function lineOf({
  category,
  name,
  netMinor,
  quantityMilli,
  rateBp,
  sku,
}: ReceiptLine): InvoiceLine {
  return {
    name: plainName(name) || plainName(sku) || "-",
    quantityMilli: quantityMilli === 0 ? 1000 : Math.abs(quantityMilli),
    category,
    rateBp,
    netMinor,
    taxMinor: taxOf(netMinor, rateBp),
  };
}

function allowanceOf({ category, name, netMinor, rateBp }: ReceiptLine): Allowance {
  return { reason: plainName(name) || "-", category, rateBp, netMinor: -netMinor };
}

function plainName(name: string): string {
  return withoutForbidden(name.trim().slice(0, nameMax)).trim();
}

function groupsOf(lines: readonly ReceiptLine[], seller: SellerSettings): readonly TaxGroup[] {
  const keys = [...new Set(lines.map(({ category, rateBp }) => `${category} ${rateBp}`))];
  return keys.map((key) => {
    const members = lines.filter(({ category, rateBp }) => `${category} ${rateBp}` === key);
    const [first] = members as [ReceiptLine];
    const { category, rateBp } = first;
    const netMinor = sum(members.map((line) => line.netMinor));
    const exemption = exemptionOf(seller, first);
    return {
      category,
      rateBp,
      ...(exemption !== undefined && { exemption }),
      netMinor,
      taxMinor: netMinor < 0 ? 0 : taxOf(netMinor, rateBp),
    };
  });
}

const reasons: ReadonlyMap<string, string> = new Map([
  ["refund", "Refund of goods or services | استرداد السلع أو الخدمات"],
  ["void", "Cancellation of the supply | إلغاء التوريد"],
]);

const nameMax = 1000;

/** What is not known is "instrument not defined". */
function paymentCodesOf({ payments }: Receipt): readonly string[] {
  const codes = payments
    .filter(({ kind }) => kind !== "rounding")
    .map(({ kind }) => paymentCodes.get(kind) ?? "1");
  return codes.length === 0 ? ["1"] : [...new Set(codes)];
}

const paymentCodes: ReadonlyMap<string, string> = new Map([
  ["cash", "10"],
  ["foreign-cash", "10"],
  ["on-account", "30"],
  ["transfer", "42"],
  ["card", "48"],
]);

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

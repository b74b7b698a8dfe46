/**
 * One transaction with its lines, VAT and payments, in the order of the schema. SPEC.md §12 (RNR).
 *
 * @module
 */

import { creditPayment } from "../codes.ts";
import type { LineRecord, PaymentRecord, TransactionRecord, VatRecord } from "../record.ts";
import { amountText } from "../signed-text.ts";
import type { lineTypes } from "./head-xml.ts";
import type { Words } from "./words.ts";
import { fitted, group, optionalTag, tag } from "./xml.ts";

export function transactionXml(
  record: TransactionRecord,
  input: { readonly copyCount: number; readonly isPrinted: boolean; readonly words: Words },
): string {
  const { words, copyCount, isPrinted } = input;
  const { nr, inMinor, exMinor, cashier, reason } = record;
  const empId = cashier === undefined ? "" : tag("empID", words.id(cashier));
  return group("cashtransaction", [
    tag("nr", nr),
    tag("transID", nr),
    tag("transType", transactionType(record)),
    tag("transAmntIn", amountText(inMinor)),
    tag("transAmntEx", amountText(exMinor)),
    tag("amntTp", sideOf(inMinor)),
    empId,
    tag("transDate", record.date),
    tag("transTime", record.time),
    optionalTag("refID", record.refersTo),
    reason === undefined ? "" : tag("desc", fitted(reason, 9999)),
    ...record.lines.map((line, index) => lineXml(line, { record, index, empId, words })),
    ...record.vat.map((vat) => vatXml(vat, words)),
    discountXml(record),
    tipXml(record),
    group("rounding", [tag("roundingAmnt", amountText(record.roundingMinor))]),
    ...record.payments.map((payment) => paymentXml(payment, empId)),
    tag("signature", record.signature),
    tag("keyVersion", record.keyVersion),
    tag("receiptNum", isPrinted ? 1 : 0),
    tag("receiptCopyNum", copyCount),
    tag("receiptProformaNum", 0),
    tag("receiptDeliveryNum", 0),
    tag("voidTransaction", String(record.kind === "void")),
    tag("trainingID", String(record.kind === "training")),
  ]);
}

/** Of list 11. */
function transactionType({ kind, lines, payments }: TransactionRecord): string {
  if (kind === "refund") return "11006";
  if (kind === "void") return "11009";
  const hasCredit = payments.some(({ code }) => code === creditPayment);
  if (hasCredit) return payments.every(({ code }) => code === creditPayment) ? "11002" : "11015";
  return lines.some(({ inMinor }) => inMinor < 0) ? "11016" : "11001";
}

function lineXml(
  line: LineRecord,
  {
    record,
    index,
    empId,
    words,
  }: {
    readonly record: TransactionRecord;
    readonly index: number;
    readonly empId: string;
    readonly words: Words;
  },
): string {
  const { inMinor, exMinor, quantityMilli } = line;
  const type: keyof typeof lineTypes = inMinor < 0 || quantityMilli < 0 ? "RET" : "SAL";
  return group("ctLine", [
    tag("nr", record.nr),
    tag("lineID", index + 1),
    tag("lineType", type),
    tag("artGroupID", line.group),
    tag("artID", words.id(line.sku)),
    tag("qnt", quantityText(quantityMilli)),
    tag("lineAmntIn", amountText(inMinor)),
    tag("lineAmntEx", amountText(exMinor)),
    tag("amntTp", sideOf(inMinor)),
    empId,
    tag("lineDate", record.date),
    tag("lineTime", record.time),
    vatXml({ ...line, vatMinor: inMinor - exMinor }, words),
  ]);
}

function vatXml(vat: Omit<VatRecord, "vatCode">, words: Words): string {
  return group("vat", [
    tag("vatCode", words.vatId(vat.taxCode)),
    tag("vatPerc", amountText(vat.rateBp)),
    tag("vatAmnt", amountText(vat.vatMinor)),
    tag("vatAmntTp", sideOf(vat.vatMinor)),
    tag("vatBasAmnt", amountText(vat.exMinor)),
  ]);
}

function discountXml({ discountMinor }: TransactionRecord): string {
  if (discountMinor === undefined) return "";
  return group("discount", [tag("dscTp", "discount"), tag("dscAmnt", amountText(discountMinor))]);
}

function tipXml({ tipMinor }: TransactionRecord): string {
  if (tipMinor === undefined) return "";
  return group("raise", [tag("raiseType", "10001"), tag("raiseAmnt", amountText(tipMinor))]);
}

function paymentXml({ code, amountMinor }: PaymentRecord, empId: string): string {
  return group("payment", [
    tag("paymentType", code),
    tag("paidAmnt", amountText(amountMinor)),
    empId,
    tag("curCode", "NOK"),
    tag("exchRt", "1.000000"),
  ]);
}

export function sideOf(minor: number): "C" | "D" {
  return minor < 0 ? "D" : "C";
}

/** Thousandths: `2.000`. */
export function quantityText(milli: number): string {
  const size = Math.abs(milli);
  const rest = String(size % 1000).padStart(3, "0");
  return `${milli < 0 ? "-" : ""}${Math.floor(size / 1000)}.${rest}`;
}

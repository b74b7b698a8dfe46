/**
 * From a receipt to the transaction that is signed, and what is wrong with a receipt. SPEC.md §12 (RNR).
 *
 * `Receipt.options`: `articleGroup/<lineId>` (list 04), `discountMinor` and `tipMinor` as integer texts, `drawer: "opened"`.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { Receipt, ReceiptLine, ReceiptPayment, ReceiptTax } from "../../receipt.ts";
import type { FiscalTime } from "../../document.ts";
import type { SealFault } from "../../regime.ts";
import {
  codeLists,
  defaultGroup,
  otherPayment,
  ownValue,
  paymentCodes,
  standardVatCode,
} from "./codes.ts";
import type { LineRecord, TransactionRecord, VatRecord } from "./record.ts";
import type { NorwaySettings } from "./settings.ts";
import { localTime } from "./signed-text.ts";

export type UnsignedTransaction = Omit<TransactionRecord, "signature">;

export function transactionOf(
  receipt: Receipt,
  input: {
    readonly number: string;
    readonly at: FiscalTime;
    readonly settings: NorwaySettings;
    readonly keyVersion: string;
  },
): UnsignedTransaction {
  const { settings } = input;
  const { cashier, refersTo, reason } = receipt;
  const discountMinor = minorOption(receipt, "discountMinor");
  const tipMinor = minorOption(receipt, "tipMinor");
  return {
    type: "transaction",
    nr: input.number,
    kind: receipt.kind,
    ...localTime(input.at),
    inMinor: receipt.totalMinor,
    exMinor: sum(receipt.taxes, ({ netMinor }) => netMinor),
    ...(cashier !== undefined && { cashier }),
    ...(refersTo && { refersTo: refersTo.number }),
    ...(reason !== undefined && { reason }),
    lines: receipt.lines.map((line) => lineOf(line, receipt, settings)),
    vat: receipt.taxes.map((tax) => vatOf(tax, settings)),
    payments: paymentsIn(receipt).map(({ kind, amountMinor }) => ({
      code: paymentCode(kind, settings),
      amountMinor,
    })),
    roundingMinor: roundingOf(receipt),
    ...(discountMinor !== undefined && { discountMinor }),
    ...(tipMinor !== undefined && { tipMinor }),
    ...(receipt.options?.["drawer"] === "opened" && { opensDrawer: true }),
    keyVersion: input.keyVersion,
  };
}

/** What keeps a receipt from being sealed. */
export function receiptFaults(
  receipt: Receipt,
  config: { readonly currency: string; readonly settings: NorwaySettings },
): readonly SealFault[] {
  const { lines, taxes, totalMinor, kind, refersTo, currency } = receipt;
  const exMinor = sum(taxes, ({ netMinor }) => netMinor);
  const vatMinor = sum(taxes, ({ taxMinor }) => taxMinor);
  return [
    ...faultUnless(currency === config.currency, "/currency", "currency"),
    ...faultUnless(exMinor + vatMinor === totalMinor, "/totalMinor", "totals"),
    ...taxes.flatMap((tax, index) => taxFaults(tax, lines, `/taxes/${index}`)),
    ...faultUnless(
      lines.every((line) => taxes.some((tax) => isOfRate(tax, line))),
      "/lines",
      "totals",
    ),
    ...[...taxes, ...lines].flatMap((one) =>
      faultUnless(vatCodeOf(one, config.settings) !== undefined, `/taxes/${one.taxCode}`, "rate"),
    ),
    ...groupFaults(receipt),
    ...optionFaults(receipt),
    ...faultUnless(kind !== "refund" || totalMinor <= 0, "/totalMinor", "sign"),
    ...faultUnless(kind !== "void" || refersTo !== undefined, "/refersTo", "reference"),
    ...faultUnless(Math.abs(roundingOf(receipt)) <= roundingMaxMinor, "/payments", "payments"),
  ];
}

/** Cash is rounded to whole kroner. */
const roundingMaxMinor = 50;

function taxFaults(
  tax: ReceiptTax,
  lines: readonly ReceiptLine[],
  pointer: string,
): readonly SealFault[] {
  const own = lines.filter((line) => isOfRate(tax, line));
  return [
    ...faultUnless(sum(own, (one) => one.netMinor) === tax.netMinor, pointer, "totals"),
    ...faultUnless(sum(own, (one) => one.taxMinor) === tax.taxMinor, pointer, "totals"),
  ];
}

function isOfRate(tax: ReceiptTax, line: ReceiptLine): boolean {
  return (
    tax.taxCode === line.taxCode && tax.rateBp === line.rateBp && tax.category === line.category
  );
}

function groupFaults({ options = {}, lines }: Receipt): readonly SealFault[] {
  return lines.flatMap(({ lineId }) => {
    const group = options[`articleGroup/${lineId}`];
    const isKnown = group === undefined || Object.hasOwn(codeLists["04"], group);
    return faultUnless(isKnown, `/options/articleGroup~1${lineId}`, "code");
  });
}

function optionFaults({ options = {} }: Receipt): readonly SealFault[] {
  return ["discountMinor", "tipMinor"].flatMap((name) => {
    const text = options[name];
    return faultUnless(
      text === undefined || /^-?\d{1,15}$/.test(text),
      `/options/${name}`,
      "amount",
    );
  });
}

function lineOf(line: ReceiptLine, receipt: Receipt, settings: NorwaySettings): LineRecord {
  const { sku, name, quantityMilli, netMinor, taxMinor, taxCode, rateBp } = line;
  return {
    sku,
    name,
    group:
      ownValue(receipt.options, `articleGroup/${line.lineId}`) ??
      ownValue(settings.articleGroups, taxCode) ??
      defaultGroup,
    quantityMilli,
    inMinor: netMinor + taxMinor,
    exMinor: netMinor,
    taxCode,
    vatCode: knownVatCode(line, settings),
    rateBp,
  };
}

function vatOf(tax: ReceiptTax, settings: NorwaySettings): VatRecord {
  const { taxCode, rateBp, netMinor, taxMinor } = tax;
  const vatCode = knownVatCode(tax, settings);
  return { taxCode, vatCode, rateBp, exMinor: netMinor, vatMinor: taxMinor };
}

function knownVatCode(tax: Taxed, settings: NorwaySettings): string {
  const code = vatCodeOf(tax, settings);
  assert(code !== undefined, "a receipt was checked before it is sealed");
  return code;
}

type Taxed = Pick<ReceiptTax, "taxCode" | "category" | "rateBp">;

function vatCodeOf(tax: Taxed, settings: NorwaySettings): string | undefined {
  return ownValue(settings.vatCodes, tax.taxCode) ?? standardVatCode(tax);
}

function paymentCode(kind: ReceiptPayment["kind"], settings: NorwaySettings): string {
  return ownValue(settings.payments, kind) ?? ownValue(paymentCodes, kind) ?? otherPayment;
}

function roundingOf(receipt: Receipt): number {
  const payments = paymentsIn(receipt);
  if (payments.length === 0) return 0;
  const paidMinor = sum(payments, ({ amountMinor }) => amountMinor);
  return paidMinor - receipt.totalMinor - (minorOption(receipt, "tipMinor") ?? 0);
}

/** A till that lists what it rounded as a payment, so that payments make the total, means no payment. */
function paymentsIn({ payments }: Receipt): readonly ReceiptPayment[] {
  return payments.filter(({ kind }) => kind !== "rounding");
}

function minorOption({ options = {} }: Receipt, name: string): number | undefined {
  const text = options[name];
  return text === undefined ? undefined : Number(text);
}

function sum<T>(items: readonly T[], minorOf: (item: T) => number): number {
  return items.reduce((total, item) => total + minorOf(item), 0);
}

const details = {
  currency: "another currency than the stream's",
  totals: "nets and taxes of lines, taxes and receipt do not add up",
  rate: "no standard VAT code; name one for the tax code in settings.vatCodes",
  code: "a code of list 04",
  amount: "an integer of minor units",
  sign: "what is paid back is negative",
  reference: "which receipt it is for",
  payments: "payments differ from what is owed by more than rounding to a krone",
} as const;

function faultUnless(
  isRight: boolean,
  pointer: string,
  code: keyof typeof details,
): readonly SealFault[] {
  return isRight ? [] : [{ pointer, code, detail: details[code] }];
}

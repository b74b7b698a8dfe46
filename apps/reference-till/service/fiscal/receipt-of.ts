/**
 * What the till recorded, as a fiscal regime is told of it.
 *
 * From the body alone, so that the same entry gives the same receipt on every device and in every year.
 *
 * - A line has one tax here. Where the till charged several on one line, they are one, of their sum and its rate.
 * - A refund and a reversal turn every sign round. A kept line that costs something else now is a line of its own.
 * - Payments add up to the total: change goes off the cash, a tip off its tender (it is not the shop's turnover), and
 *   what was rounded in cash stands as a payment "rounding". A gift card that pays is a payment like any other.
 * - Who bought stands in no body: a customer is passed by whoever was told, or read from the seal that names them.
 *
 * @module
 */

import type { EntryBy } from "@tillmesh/kernel";
import type {
  Receipt,
  ReceiptCustomer,
  ReceiptLine,
  ReceiptPayment,
  ReceiptReference,
  ReceiptTax,
  TaxCategory,
} from "@tillmesh/fiscal-queue";
import type {
  GoodsLine,
  RefundBody,
  RepricedLine,
  ReversalBody,
  SaleBody,
  TaxLine,
  Tender,
} from "@tillmesh/sales-ledger";
import { present } from "../till/present.ts";

export function receiptOfSale(
  body: SaleBody,
  by: EntryBy,
  { customer }: { readonly customer?: ReceiptCustomer | undefined } = {},
): Receipt {
  const { currency, totalMinor, changeMinor, roundingMinor = 0 } = body;
  const lines = body.lines.map((line) => receiptLine(line, body.taxes));
  const payments = paymentsOf(body.tenders, { changeMinor, roundingMinor });
  const taxes = taxesOf(lines);
  const said = { cashier: idOf(by), ...present({ customer }) };
  return { kind: "sale", currency, lines, taxes, totalMinor, payments, ...said };
}

export interface GivenBackFacts {
  readonly kind: "refund" | "void";
  readonly by: EntryBy;
  /** Absent where the sale is not held here. */
  readonly refersTo: ReceiptReference | undefined;
  /** Whom the document names that this refers to. */
  readonly customer?: ReceiptCustomer | undefined;
}

export function receiptOfGivenBack(
  body: RefundBody | ReversalBody,
  { kind, by, refersTo, customer }: GivenBackFacts,
): Receipt {
  const { currency, totalMinor, roundingMinor = 0, reason, taxes: rows } = body;
  const goods = body.lines.map((line) => receiptLine(line, rows));
  const repriced = (body.repriced ?? []).map((line) => repricedLine(line, rows));
  const lines = [...goods, ...repriced].map(negative);
  const paid = paymentsOf(body.tenders, { changeMinor: 0, roundingMinor });
  return {
    kind,
    currency,
    lines,
    taxes: taxesOf(lines),
    totalMinor: minus(totalMinor),
    payments: paid.map(({ kind: of, amountMinor }) => ({
      kind: of,
      amountMinor: minus(amountMinor),
    })),
    cashier: idOf(by),
    ...present({ customer, refersTo, reason: reason === "" ? undefined : reason }),
  };
}

const categories: readonly TaxCategory[] = ["S", "Z", "E", "O", "AE", "K", "G"];

function receiptLine(line: GoodsLine, rows: readonly TaxLine[]): ReceiptLine {
  const { lineId, sku, name, quantityMilli, amountMinor, taxMinor, taxCode, rateBp } = line;
  const netMinor = amountMinor - taxMinor;
  const category = categoryOf(line, rows);
  return { lineId, sku, name, quantityMilli, netMinor, taxMinor, taxCode, category, rateBp };
}

/** What the price of a kept line fell by, as one piece of that line. */
function repricedLine(line: RepricedLine, rows: readonly TaxLine[]): ReceiptLine {
  const { lineId, amountMinor, taxMinor, taxCode, rateBp } = line;
  return {
    lineId: `${lineId}/repriced`,
    sku: lineId,
    name: "Price of what is kept",
    quantityMilli: amountMinor < 0 ? -1000 : 1000,
    netMinor: amountMinor - taxMinor,
    taxMinor,
    taxCode,
    category: categoryOf(line, rows),
    rateBp,
  };
}

/** As the tax table said when it was sold; without a word, what is taxed is standard and the rest zero. */
function categoryOf(
  { taxes, taxCode, rateBp }: Pick<GoodsLine, "taxes" | "taxCode" | "rateBp">,
  rows: readonly TaxLine[],
): TaxCategory {
  const ofLine = taxes?.find((tax) => tax.rateBp > 0)?.category ?? taxes?.[0]?.category;
  const row = rows.find((one) => one.taxCode === taxCode && one.rateBp === rateBp);
  const said = ofLine ?? row?.category;
  return categories.find((one) => one === said) ?? (rateBp > 0 ? "S" : "Z");
}

function negative(line: ReceiptLine): ReceiptLine {
  const { quantityMilli, netMinor, taxMinor } = line;
  return {
    ...line,
    quantityMilli: minus(quantityMilli),
    netMinor: minus(netMinor),
    taxMinor: minus(taxMinor),
  };
}

/** By category, rate and code, each once. */
function taxesOf(lines: readonly ReceiptLine[]): readonly ReceiptTax[] {
  const rows = new Map<string, ReceiptTax>();
  for (const { taxCode, category, rateBp, netMinor, taxMinor } of lines) {
    const key = `${category} ${rateBp} ${taxCode}`;
    const row = rows.get(key) ?? { taxCode, category, rateBp, netMinor: 0, taxMinor: 0 };
    rows.set(key, {
      ...row,
      netMinor: row.netMinor + netMinor,
      taxMinor: row.taxMinor + taxMinor,
    });
  }
  return [...rows.values()];
}

interface Settled {
  readonly changeMinor: number;
  readonly roundingMinor: number;
}

function paymentsOf(
  tenders: readonly Tender[],
  { changeMinor, roundingMinor }: Settled,
): readonly ReceiptPayment[] {
  const sums = new Map<string, number>();
  const add = (kind: string, amountMinor: number) =>
    sums.set(kind, (sums.get(kind) ?? 0) + amountMinor);
  for (const { kind, amountMinor, tipMinor = 0 } of tenders) add(kind, amountMinor - tipMinor);
  if (changeMinor !== 0) add("cash", minus(changeMinor));
  if (roundingMinor !== 0) add("rounding", minus(roundingMinor));
  return [...sums].map(([kind, amountMinor]) => ({ kind, amountMinor }));
}

/** Opaque: a member of staff, a program's token or the device. */
export function idOf(by: EntryBy): string {
  if ("staff" in by) return by.staff;
  return "token" in by ? `token:${by.token}` : by.device;
}

/** Without a negative zero. */
function minus(amount: number): number {
  return amount === 0 ? 0 : -amount;
}

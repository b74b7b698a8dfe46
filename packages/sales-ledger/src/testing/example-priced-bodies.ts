/**
 * A sale with all that a price can be made of, and what was given back of it; bodies of the golden vectors.
 *
 * @module
 */

import type { SaleId, ShiftId, Sku } from "@tillmesh/kernel";
import type { GoodsLine, LineTax, RefundBody, ReversalBody, SaleBody } from "../bodies.ts";

const publications = { price: "pub_p", tax: "pub_t", catalogue: "pub_c" };
const promotion = { kind: "promotion", id: "early", name: "Early bird", publication: "pub_d" };

function excise(baseMinor: number, taxMinor: number): LineTax {
  return tax("excise", "Excise", { rateBp: 0, perUnitMinor: 10, baseMinor, taxMinor });
}

function vat(baseMinor: number, taxMinor: number): LineTax {
  return tax("vat", "VAT on excise", { rateBp: 2000, perUnitMinor: 0, baseMinor, taxMinor });
}

function tax(id: string, name: string, of: Omit<LineTax, "id" | "name" | "category">): LineTax {
  return { id, name, category: "S", ...of };
}

const coffee: GoodsLine = {
  lineId: "1",
  sku: "C001" as Sku,
  name: "Coffee",
  quantityMilli: 2000,
  listAmountMinor: 600,
  discounts: [{ ...promotion, amountMinor: 100 }],
  amountMinor: 500,
  taxCode: "standard",
  rateBp: 2000,
  taxMinor: 83,
};
const beer: GoodsLine = {
  lineId: "2",
  sku: "B002" as Sku,
  name: "Beer",
  quantityMilli: 2000,
  amountMinor: 702,
  taxCode: "drink",
  rateBp: 2000,
  taxMinor: 137,
  taxes: [excise(565, 20), vat(585, 117)],
};
const deposit: GoodsLine = {
  lineId: "2.1",
  sku: "D001" as Sku,
  name: "Deposit",
  quantityMilli: 2000,
  amountMinor: 50,
  taxCode: "none",
  rateBp: 0,
  taxMinor: 0,
  linkedTo: "2",
};
const service: GoodsLine = {
  lineId: "service",
  sku: "service" as Sku,
  name: "Service",
  quantityMilli: 1000,
  amountMinor: 125,
  taxCode: "standard",
  rateBp: 2000,
  taxMinor: 21,
};

const standardRow = { taxCode: "standard", name: "VAT 20 %", rateBp: 2000 };
const vatRow = { taxCode: "vat", name: "VAT on excise", rateBp: 2000, isCompound: true };
const exciseRow = { taxCode: "excise", name: "Excise", rateBp: 0, perUnitMinor: 10 };
const noneRow = { taxCode: "none", name: "None", rateBp: 0 };

export const pricedSale: SaleBody = {
  saleId: "sale_2" as SaleId,
  receiptNumber: "K7QF-1-000004",
  shiftId: "shift_1" as ShiftId,
  currency: "CHF",
  lines: [
    { ...coffee, unitPriceMinor: 300, list: "happy-hour", publications },
    {
      ...beer,
      unitPriceMinor: 351,
      override: { listPriceMinor: 400, reason: "torn label", reasonCode: "damaged" },
      publications,
    },
    { ...deposit, unitPriceMinor: 25, publications },
    { ...service, unitPriceMinor: 125, isOpenPrice: true, perMilli: 1000, publications },
  ],
  totalMinor: 1377,
  taxes: [
    { ...exciseRow, grossMinor: 585, netMinor: 565, taxMinor: 20 },
    { ...noneRow, grossMinor: 50, netMinor: 50, taxMinor: 0 },
    { ...standardRow, grossMinor: 625, netMinor: 521, taxMinor: 104 },
    { ...vatRow, grossMinor: 702, netMinor: 585, taxMinor: 117 },
  ],
  tenders: [
    { kind: "card", amountMinor: 440, tipMinor: 40, reference: "auth_1" },
    {
      kind: "foreign-cash",
      amountMinor: 470,
      foreign: {
        currency: "EUR",
        amountMinor: 500,
        rate: { numerator: 94, denominator: 100 },
      },
    },
    { kind: "cash", amountMinor: 600 },
  ],
  changeMinor: 95,
  roundingMinor: -2,
  tipMinor: 40,
  customerGroup: "friends",
  coupons: ["EARLY"],
};

const { saleId, shiftId, currency } = pricedSale;

/** One of the two beers. */
export const pricedRefund: RefundBody = {
  refundId: "refund_2",
  receiptNumber: "K7QF-1-000005",
  saleId,
  shiftId,
  currency,
  lines: [
    {
      ...beer,
      quantityMilli: 1000,
      amountMinor: 351,
      taxMinor: 69,
      taxes: [excise(282, 10), vat(292, 59)],
    },
    { ...deposit, quantityMilli: 1000, amountMinor: 25 },
    { ...service, quantityMilli: 301, amountMinor: 38, taxMinor: 6 },
  ],
  totalMinor: 414,
  taxes: [
    { ...exciseRow, grossMinor: 292, netMinor: 282, taxMinor: 10 },
    { ...noneRow, grossMinor: 25, netMinor: 25, taxMinor: 0 },
    { ...standardRow, grossMinor: 38, netMinor: 32, taxMinor: 6 },
    { ...vatRow, grossMinor: 351, netMinor: 292, taxMinor: 59 },
  ],
  tenders: [
    { kind: "card", amountMinor: 120, reference: "auth_1" },
    { kind: "cash", amountMinor: 295 },
  ],
  roundingMinor: 1,
  reason: "warm",
  goods: "waste",
};

/** All the rest, the tip with it. */
export const pricedReversal: ReversalBody = {
  reversalId: "reversal_2",
  receiptNumber: "K7QF-1-000006",
  saleId,
  shiftId,
  currency,
  lines: [
    coffee,
    {
      ...beer,
      quantityMilli: 1000,
      amountMinor: 351,
      taxMinor: 68,
      taxes: [excise(283, 10), vat(293, 58)],
    },
    { ...deposit, quantityMilli: 1000, amountMinor: 25 },
    { ...service, quantityMilli: 699, amountMinor: 87, taxMinor: 15 },
  ],
  totalMinor: 963,
  taxes: [
    { ...exciseRow, grossMinor: 293, netMinor: 283, taxMinor: 10 },
    { ...noneRow, grossMinor: 25, netMinor: 25, taxMinor: 0 },
    { ...standardRow, grossMinor: 587, netMinor: 489, taxMinor: 98 },
    { ...vatRow, grossMinor: 351, netMinor: 293, taxMinor: 58 },
  ],
  tenders: [
    { kind: "card", amountMinor: 320, tipMinor: 40, reference: "auth_1" },
    { kind: "cash", amountMinor: 680 },
  ],
  roundingMinor: -3,
  tipMinor: 40,
  reason: "wrong table",
};

/** Two for the price of one, of which one comes back: the other costs its price now. */
export const repricedRefund: RefundBody = {
  refundId: "refund_3",
  receiptNumber: "K7QF-1-000007",
  saleId: "sale_3" as SaleId,
  shiftId,
  currency,
  lines: [{ ...deposit, lineId: "1", amountMinor: 200, quantityMilli: 1000 }],
  repriced: [{ lineId: "2", amountMinor: -200, taxCode: "none", rateBp: 0, taxMinor: 0 }],
  totalMinor: 0,
  taxes: [{ ...noneRow, grossMinor: 0, netMinor: 0, taxMinor: 0 }],
  tenders: [],
  reason: "one is enough",
  goods: "restock",
};

/**
 * One body of each kind; what the golden vectors are made of.
 *
 * @module
 */

import type { BusinessDate, DeviceId, LocationId, SaleId, ShiftId, Sku } from "@tillmesh/kernel";
import type { BodyByKind, GoodsLine, SaleLine } from "../bodies.ts";

const saleId = "sale_1" as SaleId;
const shiftId = "shift_1" as ShiftId;
const device = "dev_1" as DeviceId;
const businessDate = "2026-11-22" as BusinessDate;
const currency = "GBP";

const coffee: GoodsLine = {
  lineId: "1",
  sku: "C001" as Sku,
  name: "Coffee “crème”",
  quantityMilli: 2000,
  amountMinor: 580,
  taxCode: "standard",
  rateBp: 2000,
  taxMinor: 97,
};
const loose: GoodsLine = {
  lineId: "2",
  sku: "B7/é" as Sku,
  name: "Brötchen, lose",
  quantityMilli: 1250,
  amountMinor: 290,
  taxCode: "zero",
  rateBp: 0,
  taxMinor: 0,
};
const publications = { price: "pub_p", tax: "pub_t", catalogue: "pub_c" };
const saleLines: readonly SaleLine[] = [
  { ...coffee, unitPriceMinor: 290, publications },
  { ...loose, unitPriceMinor: 232, publications },
];
const coffeeTax = { taxCode: "standard", name: "VAT 20 %", rateBp: 2000 };
const coffeeBack = { ...coffee, quantityMilli: 1000, amountMinor: 290, taxMinor: 48 };
const nothing = { count: 0, totalMinor: 0 };

export const exampleBodies: BodyByKind = {
  sale: {
    saleId,
    receiptNumber: "K7QF-1-000001",
    shiftId,
    currency,
    lines: saleLines,
    totalMinor: 870,
    taxes: [
      { ...coffeeTax, grossMinor: 580, netMinor: 483, taxMinor: 97 },
      {
        taxCode: "zero",
        name: "VAT 0 %",
        rateBp: 0,
        grossMinor: 290,
        netMinor: 290,
        taxMinor: 0,
      },
    ],
    tenders: [{ kind: "cash", amountMinor: 1000 }],
    changeMinor: 130,
    quoteId: "quote_1",
  },
  refund: {
    refundId: "refund_1",
    receiptNumber: "K7QF-1-000002",
    saleId,
    shiftId,
    currency,
    lines: [coffeeBack],
    totalMinor: 290,
    taxes: [{ ...coffeeTax, grossMinor: 290, netMinor: 242, taxMinor: 48 }],
    tenders: [{ kind: "cash", amountMinor: 290 }],
    reason: "spilled",
    goods: "waste",
  },
  reversal: {
    reversalId: "reversal_1",
    receiptNumber: "K7QF-1-000003",
    saleId,
    shiftId,
    currency,
    lines: [{ ...coffeeBack, taxMinor: 49 }, loose],
    totalMinor: 580,
    taxes: [
      { ...coffeeTax, grossMinor: 290, netMinor: 241, taxMinor: 49 },
      { taxCode: "zero", name: "VAT 0 %", rateBp: 0, grossMinor: 290, netMinor: 290, taxMinor: 0 },
    ],
    tenders: [{ kind: "cash", amountMinor: 580 }],
    reason: "wrong table",
  },
  "shift-opened": { shiftId, floatMinor: 10_000, currency, staff: "staff_1" },
  "shift-closed": { shiftId, countedMinor: 10_000, expectedMinor: 10_020, differenceMinor: -20 },
  cash: { cashId: "cash_1", kind: "in", amountMinor: 20, reason: "coins", shiftId, currency },
  "drawer-opened": { reason: "change", shiftId: null },
  stock: { reason: "delivery", reference: "D-17" },
  "count-opened": { countId: "count_1", note: "front shelf" },
  count: {
    countId: "count_1",
    location: "loc_1" as LocationId,
    sku: "C001" as Sku,
    countedMilli: 30_000,
    seen: { [device]: { incarnation: 1, sequence: 9, totalMilli: -2000 } },
  },
  "count-closed": { countId: "count_1" },
  z: {
    zNumber: 1,
    businessDate,
    fromSequence: 1,
    throughSequence: 11,
    report: {
      v: 1,
      device,
      businessDate,
      currency,
      sales: { count: 1, totalMinor: 870 },
      refunds: { count: 1, totalMinor: 290 },
      reversals: { count: 1, totalMinor: 580 },
      netMinor: 0,
      taxes: [
        { ...coffeeTax, grossMinor: 0, netMinor: 0, taxMinor: 0 },
        { taxCode: "zero", name: "VAT 0 %", rateBp: 0, grossMinor: 0, netMinor: 0, taxMinor: 0 },
      ],
      tenders: [{ kind: "cash", takenMinor: 870, givenMinor: 870 }],
      changeMinor: 130,
      cash: { in: { count: 1, totalMinor: 20 }, out: nothing, drop: nothing },
      drawerOpenings: 1,
      unread: 0,
      shifts: [
        {
          shiftId,
          staff: "staff_1",
          floatMinor: 10_000,
          expectedMinor: 10_020,
          countedMinor: 10_000,
          differenceMinor: -20,
        },
      ],
      receipts: { count: 3, first: "K7QF-1-000001", last: "K7QF-1-000003" },
      otherDates: [],
      runs: [{ incarnation: 1, from: 1, through: 11, head: "ab".repeat(32) }],
      grandTotalBeforeMinor: 0,
      grandTotalMinor: 0,
    },
  },
  fiscal: { type: "sealed", document: { sequence: 1, hash: "ab" } },
  opened: { certificate: "MIIB" },
  carry: { totals: [] },
};

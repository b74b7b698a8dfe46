/**
 * The shape of every body, as checks. SPEC.md §2 (RB).
 *
 * @module
 */

import { isBusinessDate, quantityMaxMilli } from "@tillmesh/kernel";
import type { EntryKind } from "./bodies.ts";
import {
  anything,
  type Check,
  integer,
  list,
  matching,
  nullable,
  object,
  oneOf,
  optional,
  record,
  text,
  yes,
} from "./checks.ts";

/** Ten thousand million of a currency with two decimals; nine thousand such amounts still add up exactly. */
export const amountMaxMinor = 1_000_000_000_000;

export const linesMax = 1000;
const taxesMax = 20;
const discountsMax = 100;
/** Far beyond the smallest coin of any currency. */
const roundingMaxMinor = 100_000;
const devicesMax = 10_000;
const listMax = 10_000;

const word = text({ min: 1, max: 128 });
const name = text({ min: 0, max: 500 });
const reason = text({ min: 0, max: 1000 });
const taken = integer({ min: 0, max: amountMaxMinor });
const signed = integer({ min: -amountMaxMinor, max: amountMaxMinor });
const sum = integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
const number = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const count = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const rateBp = integer({ min: 0, max: 1_000_000 });
const currency = matching((value) => /^[A-Z]{3}$/.test(value), "three capital letters");
const businessDate = matching(isBusinessDate, "a day written YYYY-MM-DD");
const quantityMilli = integer({ min: 1, max: quantityMaxMilli });
const signedQuantityMilli = integer({ min: -quantityMaxMilli, max: quantityMaxMilli });

const lineTax = object({
  id: word,
  name,
  category: word,
  rateBp,
  perUnitMinor: taken,
  baseMinor: signed,
  taxMinor: signed,
});
const lineTaxes = optional(list(lineTax, { min: 0, max: taxesMax }));
const discount = object({
  kind: word,
  id: name,
  name,
  amountMinor: taken,
  publication: nullable(name),
});
const goodsLine = {
  lineId: word,
  sku: word,
  name,
  quantityMilli,
  amountMinor: taken,
  taxCode: word,
  rateBp,
  taxMinor: taken,
  listAmountMinor: optional(taken),
  discounts: optional(list(discount, { min: 0, max: discountsMax })),
  taxes: lineTaxes,
  linkedTo: optional(word),
};
const saleLine = object({
  ...goodsLine,
  unitPriceMinor: taken,
  perMilli: optional(quantityMilli),
  list: optional(word),
  isOpenPrice: optional(yes),
  override: optional(object({ listPriceMinor: taken, reason, reasonCode: name })),
  publications: object({ price: name, tax: name, catalogue: name }),
});
const repricedLine = object({
  lineId: word,
  amountMinor: signed,
  taxCode: word,
  rateBp,
  taxMinor: signed,
  taxes: lineTaxes,
});
const taxLine = object({
  taxCode: word,
  name,
  rateBp,
  grossMinor: signed,
  netMinor: signed,
  taxMinor: signed,
  category: optional(word),
  perUnitMinor: optional(taken),
  isCompound: optional(yes),
  baseMinor: optional(signed),
});
const paid = integer({ min: 1, max: amountMaxMinor });
const foreign = object({
  currency,
  amountMinor: paid,
  rate: object({ numerator: number, denominator: number }),
});
const tender = object({
  kind: word,
  amountMinor: taken,
  reference: optional(word),
  tipMinor: optional(taken),
  offeredMinor: optional(taken),
  changeKind: optional(oneOf("voucher", "forfeited")),
  foreign: optional(foreign),
});
const receipt = {
  receiptNumber: word,
  saleId: word,
  shiftId: word,
  currency,
  totalMinor: taken,
  taxes: list(taxLine, { min: 0, max: 100 }),
  tenders: list(tender, { min: 0, max: 100 }),
  roundingMinor: optional(integer({ min: -roundingMaxMinor, max: roundingMaxMinor })),
  tipMinor: optional(taken),
  basis: optional(oneOf("exclusive")),
  fiscal: optional(object({})),
};
const lines = { min: 1, max: linesMax };
const givenBack = {
  ...receipt,
  lines: list(object(goodsLine), lines),
  repriced: optional(list(repricedLine, { min: 0, max: linesMax })),
  reason,
};

const counted = object({ count, totalMinor: sum });
const report = object({
  v: integer({ min: 1, max: 1 }),
  device: word,
  businessDate,
  currency: nullable(currency),
  sales: counted,
  refunds: counted,
  reversals: counted,
  netMinor: sum,
  taxes: list(
    object({ taxCode: word, name, rateBp, grossMinor: sum, netMinor: sum, taxMinor: sum }),
    {
      min: 0,
      max: listMax,
    },
  ),
  tenders: list(object({ kind: word, takenMinor: sum, givenMinor: sum }), { min: 0, max: listMax }),
  changeMinor: sum,
  roundingMinor: optional(sum),
  discountMinor: optional(sum),
  tipMinor: optional(sum),
  cash: object({ in: counted, out: counted, drop: counted }),
  drawerOpenings: count,
  unread: count,
  shifts: list(
    object({
      shiftId: word,
      staff: name,
      floatMinor: sum,
      expectedMinor: sum,
      countedMinor: nullable(sum),
      differenceMinor: nullable(sum),
    }),
    { min: 0, max: listMax },
  ),
  receipts: object({ count, first: nullable(word), last: nullable(word) }),
  otherDates: list(object({ businessDate, count, netMinor: sum }), { min: 0, max: listMax }),
  runs: list(object({ incarnation: number, from: number, through: number, head: word }), {
    min: 0,
    max: listMax,
  }),
  grandTotalBeforeMinor: sum,
  grandTotalMinor: sum,
});

export const bodyChecks: Readonly<Record<EntryKind, Check>> = {
  sale: object({
    ...receipt,
    lines: list(saleLine, lines),
    changeMinor: taken,
    customerGroup: optional(word),
    coupons: optional(list(word, { min: 0, max: listMax })),
    exemption: optional(object({ reason })),
    quoteId: optional(word),
  }),
  refund: object({ ...givenBack, refundId: word, goods: oneOf("restock", "waste") }),
  reversal: object({ ...givenBack, reversalId: word }),
  "shift-opened": object({ shiftId: word, floatMinor: taken, currency, staff: name }),
  "shift-closed": object({
    shiftId: word,
    countedMinor: taken,
    expectedMinor: sum,
    differenceMinor: sum,
  }),
  cash: object({
    cashId: word,
    kind: oneOf("in", "out", "drop"),
    amountMinor: integer({ min: 1, max: amountMaxMinor }),
    reason,
    shiftId: word,
    currency,
  }),
  "drawer-opened": object({ reason, shiftId: nullable(word) }),
  stock: object({ reason: optional(reason), reference: optional(reason) }),
  "count-opened": object({ countId: word, note: optional(reason) }),
  count: object({
    countId: word,
    location: word,
    sku: word,
    countedMilli: signedQuantityMilli,
    seen: record(object({ incarnation: number, sequence: number, totalMilli: sum }), devicesMax),
  }),
  "count-closed": object({ countId: word }),
  z: object({
    zNumber: number,
    businessDate,
    fromSequence: number,
    throughSequence: count,
    report,
  }),
  fiscal: object({}),
  opened: anything,
  carry: anything,
};

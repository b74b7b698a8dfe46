/**
 * What people do at a till, as data that fast-check can shrink, and a player that turns it into a valid ledger.
 *
 * An act that is not possible at its moment, such as a sale without a shift, is left out.
 *
 * @module
 */

import { assert, type BusinessDate, type SaleId, type ShiftId, type Sku } from "@tillmesh/kernel";
import type { GoodsLine, SaleLine, TaxLine } from "../bodies.ts";
import {
  cashDraft,
  drawerOpenedDraft,
  refundDraft,
  reversalDraft,
  saleDraft,
  shiftClosedDraft,
  shiftOpenedDraft,
  stockDraft,
  zDraft,
} from "../drafts.ts";
import { nextReceiptNumber } from "../receipts.ts";
import { emptySale, foldSale, lineStates, remainingLines, type SaleState } from "../sale-state.ts";
import { shiftClosing } from "../shift.ts";
import { dayClosing, emptyTill, foldTill, type TillState } from "../till.ts";
import { append, newIncarnation, testContext, testDate, type TestLedger } from "./test-ledger.ts";

export type TillAct =
  | { readonly type: "open-shift"; readonly floatMinor: number }
  | {
      readonly type: "sell";
      readonly lines: readonly ActLine[];
      readonly overMinor: number;
      /** Paid half in cash, half otherwise. */
      readonly isSplit: boolean;
      readonly extras?: SaleExtras;
    }
  | {
      readonly type: "refund";
      readonly sale: number;
      readonly line: number;
      readonly share: number;
      readonly goods: "restock" | "waste";
    }
  | { readonly type: "reverse"; readonly sale: number }
  | { readonly type: "cash"; readonly kind: "in" | "out" | "drop"; readonly amountMinor: number }
  | { readonly type: "open-drawer" }
  | { readonly type: "receive-stock"; readonly sku: string; readonly quantityMilli: number }
  | { readonly type: "close-shift"; readonly differenceMinor: number }
  | { readonly type: "close-day" }
  | { readonly type: "next-date" }
  /** A fact that names the date before. */
  | { readonly type: "late-cash"; readonly amountMinor: number }
  | { readonly type: "restore" };

/** What not every sale has. */
export interface SaleExtras {
  /** Signed; only what is paid in cash is rounded. */
  readonly roundingMinor: number;
  readonly tipMinor: number;
  /** Taken off the first line. */
  readonly discountMinor: number;
  /** What is not paid by card is foreign. */
  readonly isForeign: boolean;
}

export interface ActLine {
  readonly sku: string;
  readonly quantityMilli: number;
  readonly amountMinor: number;
  readonly rateBp: number;
}

export interface PlayedTill {
  readonly ledger: TestLedger;
  readonly state: TillState;
  readonly sales: readonly SaleState[];
  readonly date: number;
}

export function playTill(ledger: TestLedger, acts: readonly TillAct[]): PlayedTill {
  const start: PlayedTill = {
    ledger,
    state: ledger.entries.reduce(foldTill, emptyTill(ledger.device)),
    sales: [],
    date: 0,
  };
  return playOn(start, acts);
}

export function playOn(till: PlayedTill, acts: readonly TillAct[]): PlayedTill {
  return acts.reduce(playAct, till);
}

function playAct(till: PlayedTill, act: TillAct): PlayedTill {
  const play = players[act.type] as (till: PlayedTill, act: TillAct) => PlayedTill;
  return play(till, act);
}

type Player<Type extends TillAct["type"]> = (
  till: PlayedTill,
  act: Extract<TillAct, { type: Type }>,
) => PlayedTill;

const players: { readonly [Type in TillAct["type"]]: Player<Type> } = {
  "open-shift": (till, { floatMinor }) => {
    if (till.state.shifts.open !== null) return till;
    const shiftId = newName(till, "shift") as ShiftId;
    const body = { shiftId, floatMinor, currency, staff: "staff_1" };
    return write(till, shiftOpenedDraft(context(till), body));
  },
  sell: (till, act) => {
    const shiftId = till.state.shifts.open?.shiftId;
    return shiftId === undefined ? till : sell(till, act, shiftId);
  },
  refund: (till, act) => {
    const sale = till.sales[act.sale % Math.max(1, till.sales.length)];
    return sale === undefined ? till : refund(till, act, sale);
  },
  reverse: (till, act) => {
    const sale = till.sales[act.sale % Math.max(1, till.sales.length)];
    return sale === undefined ? till : reverse(till, sale);
  },
  cash: (till, { kind, amountMinor }) => cash(till, { kind, amountMinor }, currentDate(till)),
  "late-cash": (till, { amountMinor }) => {
    return cash(till, { kind: "in", amountMinor }, testDate(till.date - 1));
  },
  "open-drawer": (till) => {
    const shiftId = till.state.shifts.open?.shiftId ?? null;
    return write(till, drawerOpenedDraft(context(till), { reason: "change", shiftId }));
  },
  "receive-stock": (till, { sku, quantityMilli }) => {
    const { location } = till.ledger;
    const movement = { kind: "receipt", location, sku: sku as Sku, quantityMilli } as const;
    return write(till, stockDraft(context(till), { reference: "delivery" }, [movement]));
  },
  "close-shift": (till, { differenceMinor }) => {
    const { open } = till.state.shifts;
    if (open === null) return till;
    const expected = shiftClosing(open, 0).expectedMinor;
    const countedMinor = Math.max(0, expected + differenceMinor);
    return write(till, shiftClosedDraft(context(till), shiftClosing(open, countedMinor)));
  },
  "close-day": (till) => {
    const body = dayClosing(till.state);
    return body.ok ? write(till, zDraft(context(till), body.value)) : till;
  },
  "next-date": (till) => ({ ...till, date: till.date + 1 }),
  restore: (till) => learn(till, newIncarnation(till.ledger)),
};

const currency = "GBP";

function sell(
  till: PlayedTill,
  { lines: given, overMinor, isSplit, extras = noExtras }: Extract<TillAct, { type: "sell" }>,
  shiftId: ShiftId,
): PlayedTill {
  const saleId = newName(till, "sale") as SaleId;
  const { roundingMinor, tipMinor, discountMinor, isForeign } = extras;
  const lines = given.map(saleLine).map((line, index) => discounted(line, index, discountMinor));
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  const cardMinor = isSplit ? Math.floor(totalMinor / 2) : 0;
  const inCashMinor = totalMinor - cardMinor + Math.max(0, overMinor + roundingMinor) + tipMinor;
  const cashTender = {
    kind: isForeign ? "foreign-cash" : "cash",
    amountMinor: inCashMinor,
    ...(tipMinor === 0 ? {} : { tipMinor }),
  };
  const body = {
    saleId,
    receiptNumber: receiptNumber(till),
    shiftId,
    currency,
    lines,
    totalMinor,
    taxes: taxesOf(lines),
    tenders: isSplit ? [cashTender, { kind: "card", amountMinor: cardMinor }] : [cashTender],
    changeMinor: Math.max(0, overMinor + roundingMinor) - roundingMinor,
    ...(roundingMinor === 0 ? {} : { roundingMinor }),
    ...(tipMinor === 0 ? {} : { tipMinor }),
  };
  const sold = { ...till, sales: [...till.sales, emptySale(saleId)] };
  return write(sold, saleDraft(context(till), body));
}

const noExtras: SaleExtras = {
  roundingMinor: 0,
  tipMinor: 0,
  discountMinor: 0,
  isForeign: false,
};

function discounted(line: SaleLine, index: number, amountMinor: number): SaleLine {
  if (index > 0 || amountMinor === 0) return line;
  const discount = { kind: "line", id: "", name: "damaged", amountMinor, publication: null };
  return { ...line, listAmountMinor: line.amountMinor + amountMinor, discounts: [discount] };
}

function refund(
  till: PlayedTill,
  { line, share, goods }: Extract<TillAct, { type: "refund" }>,
  sale: SaleState,
): PlayedTill {
  const shiftId = till.state.shifts.open?.shiftId;
  const states = lineStates(sale);
  const picked = states[line % Math.max(1, states.length)];
  if (shiftId === undefined || picked === undefined) return till;
  const { remaining } = picked;
  const quantityMilli = Math.ceil((remaining.quantityMilli * share) / 100);
  if (quantityMilli < 1) return till;
  const lines = [
    {
      ...goodsOf(picked.line),
      quantityMilli,
      amountMinor: Math.floor((remaining.amountMinor * share) / 100),
      taxMinor: Math.floor((remaining.taxMinor * share) / 100),
    },
  ];
  const refundId = newName(till, "refund");
  const body = { refundId, ...givenBack(till, lines), saleId: sale.saleId, shiftId, goods };
  return write(till, refundDraft(context(till), body));
}

function reverse(till: PlayedTill, sale: SaleState): PlayedTill {
  const shiftId = till.state.shifts.open?.shiftId;
  const lines = remainingLines(sale);
  if (shiftId === undefined || lines.length === 0) return till;
  const reversalId = newName(till, "reversal");
  const body = { reversalId, ...givenBack(till, lines), saleId: sale.saleId, shiftId };
  return write(till, reversalDraft(context(till), body));
}

function givenBack(till: PlayedTill, lines: readonly GoodsLine[]) {
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  return {
    receiptNumber: receiptNumber(till),
    currency,
    lines,
    totalMinor,
    taxes: taxesOf(lines),
    tenders: [{ kind: "cash", amountMinor: totalMinor }],
    reason: "unwanted",
  };
}

function cash(
  till: PlayedTill,
  moved: { readonly kind: "in" | "out" | "drop"; readonly amountMinor: number },
  date: BusinessDate,
): PlayedTill {
  const shiftId = till.state.shifts.open?.shiftId;
  if (shiftId === undefined) return till;
  const body = { ...moved, cashId: newName(till, "cash"), reason: "coins", shiftId, currency };
  return write(till, cashDraft(testContext(till.ledger, date), body));
}

function saleLine({ sku, quantityMilli, amountMinor, rateBp }: ActLine, index: number): SaleLine {
  return {
    lineId: String(index + 1),
    sku: sku as Sku,
    name: `Article ${sku}`,
    quantityMilli,
    unitPriceMinor: amountMinor,
    amountMinor,
    taxCode: `T${rateBp}`,
    rateBp,
    taxMinor: Math.floor((amountMinor * rateBp) / (10_000 + rateBp)),
    publications: { price: "pub_1", tax: "pub_2", catalogue: "pub_3" },
  };
}

function goodsOf({ lineId, sku, name, taxCode, rateBp }: GoodsLine) {
  return { lineId, sku, name, taxCode, rateBp };
}

function taxesOf(lines: readonly GoodsLine[]): readonly TaxLine[] {
  const rates = [...new Set(lines.map((line) => line.rateBp))];
  return rates.map((rateBp) => {
    const own = lines.filter((line) => line.rateBp === rateBp);
    const grossMinor = own.reduce((sum, line) => sum + line.amountMinor, 0);
    const taxMinor = own.reduce((sum, line) => sum + line.taxMinor, 0);
    const netMinor = grossMinor - taxMinor;
    return { taxCode: `T${rateBp}`, name: `VAT ${rateBp}`, rateBp, grossMinor, netMinor, taxMinor };
  });
}

function write(till: PlayedTill, draft: Parameters<typeof append>[1]): PlayedTill {
  return learn(till, append(till.ledger, draft));
}

function learn(till: PlayedTill, ledger: TestLedger): PlayedTill {
  const held = ledger.entries.at(-1);
  assert(held !== undefined, "something was written");
  const sales = till.sales.map((sale) => foldSale(sale, held));
  return { ...till, ledger, sales, state: foldTill(till.state, held) };
}

function receiptNumber({ state, ledger }: PlayedTill): string {
  return nextReceiptNumber(state.receipts, "K7QF", ledger.incarnation);
}

function newName({ ledger }: PlayedTill, prefix: string): string {
  return `${prefix}_${ledger.device}_${ledger.entries.length}`;
}

function context(till: PlayedTill) {
  return testContext(till.ledger, currentDate(till));
}

function currentDate({ state, date }: PlayedTill): BusinessDate {
  return state.shifts.open?.businessDate ?? testDate(date);
}

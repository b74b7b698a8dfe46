import {
  assert,
  type BusinessDate,
  type HeldEntry,
  type SaleId,
  type ShiftId,
} from "@tillmesh/kernel";
import {
  exclusivePerLine,
  inclusivePerRate,
  priceBasket,
  refundSale,
  repriceSale,
  settle,
  type AskedPart,
  type BasketInput,
  type Due,
  type KeptLine,
  type PricedBasket,
  type RefundedSale,
  type Tender,
} from "@tillmesh/pricing-core";
import { booksOf, publicationOf } from "@tillmesh/pricing-core/testing";
import {
  emptySale,
  foldSale,
  givenBack,
  knownSale,
  lineStates,
  refundDraft,
  remainingLines,
  saleDraft,
  saleExceptions,
  type SaleState,
} from "@tillmesh/sales-ledger";
import { append, testContext, testDate, testLedger } from "@tillmesh/sales-ledger/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const currency = "CHF";
const vat = { id: "vat", name: "VAT", rateBp: 770, isCompound: true };
const duty = { id: "duty", name: "Duty", rateBp: 0, perUnitMinor: 7 };
const books = booksOf({
  articles: [
    { sku: "tea", deposit: "cup" },
    { sku: "beer", taxCode: "drink" },
    { sku: "nuts", unit: "kg", taxCode: "red" },
    { sku: "cup", taxCode: "zero", isDiscountable: false },
  ],
  prices: Object.entries({ tea: 333, beer: 451, nuts: 1999, cup: 25 }).map(([sku, priceMinor]) => {
    return { sku, priceMinor, currency };
  }),
  promotions: [
    {
      id: "three",
      group: "a",
      stacking: "stackable",
      priority: 0,
      rule: { kind: "x-for-y", items: { skus: ["tea"] }, quantity: 3, payFor: 2 },
    },
    {
      id: "tenth",
      group: "b",
      stacking: "stackable",
      priority: 1,
      rule: { kind: "percent", items: { everything: true }, percentBp: 1000 },
    },
  ],
  rates: { std: 2000, red: 250, zero: 0 },
});
const drink = { taxCode: "drink", name: "Drink", rateBp: 770, components: [duty, vat] };
const drinkItems = [{ key: "drink", value: drink }];
books.apply(publicationOf({ topic: "taxes", id: "taxes-2", sequence: 2, items: drinkItems }));

const cashRounding = { stepMinor: 5, mode: "half-up" } as const;
const ledgers = [testLedger("dev_1"), testLedger("dev_2")] as const;
const context = testContext(ledgers[0], testDate(0));
const saleId = "sale_1" as SaleId;
const shiftId = "shift_1" as ShiftId;
const facts = { saleId, shiftId, currency };

const asked = fc.array(
  fc.record({
    sku: fc.constantFrom("tea", "beer", "nuts"),
    quantityMilli: fc.integer({ min: 1, max: 5 }).map((units) => units * 1000),
  }),
  { minLength: 1, maxLength: 4 },
);
const soldBasket = fc.record({
  lines: asked,
  policy: fc.constantFrom(inclusivePerRate, exclusivePerLine),
  hasService: fc.boolean(),
  cardPercent: fc.constantFrom(0, 40, 100),
});
type SoldBasket = typeof soldBasket extends fc.Arbitrary<infer Value> ? Value : never;

type AskedBasket = Omit<SoldBasket, "lines"> & { readonly lines: BasketInput["lines"] };

function price({ lines, policy, hasService }: AskedBasket): PricedBasket {
  const date = "2026-11-22" as BusinessDate;
  const charge = { name: "Service", taxCode: "std", publication: "p", percentBp: 1000 };
  const priced = priceBasket({
    lines,
    catalogue: books.catalogue,
    prices: books.prices,
    taxes: books.taxes,
    businessDate: date,
    currency,
    policy,
    promotions: {
      published: books.promotions.index(),
      at: { date, time: "12:00", weekday: 7 },
    },
    ...(hasService ? { serviceCharge: charge } : {}),
  });
  assert(priced.ok, JSON.stringify(priced));
  return priced.value;
}

/** The sale as the ledger keeps it: a draft that does not add up throws. */
function sell(basket: SoldBasket): HeldEntry {
  const { lines, taxes, totalMinor, basis } = price(basket);
  const cardMinor = Math.floor((totalMinor * basket.cardPercent) / 100);
  const card: readonly Tender[] = cardMinor === 0 ? [] : [{ kind: "card", amountMinor: cardMinor }];
  const cash: readonly Tender[] =
    cardMinor === totalMinor ? [] : [{ kind: "cash", amountMinor: 10 ** 6 }];
  const due: Due = { totalMinor, currency, cashRounding };
  const settled = settle(due, [...card, ...cash]);
  assert(settled.ok, JSON.stringify(settled));
  const { tenders, changeMinor, roundingMinor } = settled.value;
  const paid = { tenders, changeMinor, roundingMinor };
  const marked = basis === "exclusive" ? { basis } : {};
  const receiptNumber = "K7QF-1-000001";
  const body = { ...facts, receiptNumber, lines, taxes, totalMinor, ...paid, ...marked };
  return append(ledgers[0], saleDraft(context, body)).entries.at(-1)!;
}

/** What a till that knows `state` gives back, as its ledger keeps it. */
function refund(state: SaleState, picks: readonly number[], till: 0 | 1): HeldEntry | undefined {
  const sale = knownSale(state)?.body;
  const parts = partsOf(state, picks);
  if (sale === undefined || parts.length === 0) return undefined;
  const given = refundSale({ sale, before: givenBack(state) }, parts, { cashRounding });
  assert(given.ok, JSON.stringify(given));
  return heldRefund(state, given.value, till);
}

/** In percent of what is left of each article, in whole units. */
function partsOf(state: SaleState, picks: readonly number[]): readonly AskedPart[] {
  return articlesLeft(state).flatMap(({ lineId, leftMilli }, index) => {
    const part = picks[index % picks.length] ?? 0;
    const quantityMilli = Math.ceil((leftMilli * part) / 100_000) * 1000;
    return quantityMilli === 0 ? [] : [{ lineId, quantityMilli }];
  });
}

function articlesLeft(state: SaleState) {
  return lineStates(state)
    .filter(({ line, lineId }) => line.linkedTo === undefined && lineId !== "service")
    .map(({ lineId, line, remaining }) => {
      return { lineId, sku: line.sku, leftMilli: remaining.quantityMilli };
    })
    .filter(({ leftMilli }) => leftMilli > 0);
}

/** As `refund`, where what stays is priced again. */
function reprice(basket: SoldBasket, state: SaleState, picks: readonly number[]): SaleState {
  const sale = knownSale(state)?.body;
  const parts = partsOf(state, picks);
  if (sale === undefined || parts.length === 0) return state;
  const stays = articlesLeft(state)
    .map(({ lineId, sku, leftMilli }) => {
      const back = parts.find((part) => part.lineId === lineId)?.quantityMilli ?? 0;
      return { lineId, sku, quantityMilli: leftMilli - back };
    })
    .filter(({ quantityMilli }) => quantityMilli > 0);
  const again = stays.length === 0 ? [] : price({ ...basket, lines: stays }).lines;
  const keptLines = again.map((line): KeptLine => {
    const [index = "", ...rest] = line.lineId.split(".");
    const lineId = [stays[Number(index) - 1]?.lineId ?? index, ...rest].join(".");
    return { ...line, lineId };
  });
  const known = { sale, before: givenBack(state) };
  const given = repriceSale(known, { asked: parts, kept: keptLines }, { cashRounding });
  assert(given.ok, JSON.stringify(given));
  expect(given.value.totalMinor).toBeGreaterThanOrEqual(0);
  const paidMinor = sale.totalMinor - sum(known.before.map(({ totalMinor }) => totalMinor));
  const costsMinor = sum(again.map(({ amountMinor }) => amountMinor));
  expect(given.value.totalMinor).toBe(Math.max(0, paidMinor - costsMinor));
  return foldSale(state, heldRefund(state, given.value, 0));
}

function heldRefund(state: SaleState, refunded: RefundedSale, till: 0 | 1): HeldEntry {
  const { tipMinor: _, ...given } = refunded;
  const basis = knownSale(state)?.body.basis;
  const number = Object.keys(state.facts).length;
  const named = { refundId: `refund_${till}_${number}`, receiptNumber: `K7QF-1-00000${number}` };
  const marked = basis === undefined ? {} : { basis };
  const body = {
    ...facts,
    ...named,
    ...given,
    ...marked,
    reason: "back",
    goods: "restock" as const,
  };
  const ledger = ledgers[till];
  return append(ledger, refundDraft({ ...context, location: ledger.location }, body)).entries.at(
    -1,
  )!;
}

function refundOn(state: SaleState, steps: readonly (readonly number[])[], till: 0 | 1): SaleState {
  return steps.reduce((now, picks) => {
    const held = refund(now, picks, till);
    return held === undefined ? now : foldSale(now, held);
  }, state);
}

const percents = fc.array(fc.constantFrom(0, 20, 50, 100), { minLength: 1, maxLength: 4 });
const steps = fc.array(percents, { maxLength: 3 });

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Of each way of paying, less what went back of it; without change. */
function kept(state: SaleState): Readonly<Record<string, number>> {
  const sale = knownSale(state)?.body;
  const taken = (sale?.tenders ?? []).map(({ kind, amountMinor }) => [kind, amountMinor] as const);
  const back = givenBack(state).flatMap(({ tenders }) => tenders);
  const minus = back.map(({ kind, amountMinor }) => [kind, 0 - amountMinor] as const);
  const sums: Record<string, number> = {};
  for (const [kind, minor] of [
    ...taken,
    ["cash", 0 - (sale?.changeMinor ?? 0)] as const,
    ...minus,
  ]) {
    sums[kind] = (sums[kind] ?? 0) + minor;
  }
  return sums;
}

describe("refunds from basket to ledger", () => {
  test("[GB3] [RF1] any refunds, then all the rest: nothing is left of goods, money, discounts and taxes", () => {
    fc.assert(
      fc.property(soldBasket, steps, (basket, before) => {
        const sold = foldSale(emptySale(saleId), sell(basket));
        const state = refundOn(sold, [...before, [100]], 0);
        expect(remainingLines(state)).toEqual([]);
        expect(saleExceptions(state)).toEqual([]);
        for (const { remaining } of lineStates(state)) {
          expect(remaining).toEqual({ quantityMilli: 0, amountMinor: 0, taxMinor: 0 });
        }
        expect(Object.values(kept(state)).every((minor) => minor === 0)).toBe(true);
        const sale = knownSale(state)!.body;
        const roundings = givenBack(state).map(({ roundingMinor = 0 }) => roundingMinor);
        expect(sum(roundings)).toBe(sale.roundingMinor ?? 0);
        const discounts = (lines: typeof sale.lines | typeof refundLines) =>
          sum(lines.flatMap((line) => (line.discounts ?? []).map((each) => each.amountMinor)));
        const refundLines = givenBack(state).flatMap(({ lines }) => lines);
        expect(discounts(refundLines)).toBe(discounts(sale.lines));
      }),
      { numRuns: 60 },
    );
  });

  test("[GB6] [RF4] refunds of two tills that were apart, then all the rest: never less than was paid, and more only where raised", () => {
    fc.assert(
      fc.property(soldBasket, percents, percents, (basket, ours, theirs) => {
        const sold = foldSale(emptySale(saleId), sell(basket));
        const apart = [refund(sold, ours, 0), refund(sold, theirs, 1)];
        const met = apart.reduce((now, held) => (held ? foldSale(now, held) : now), sold);
        const state = refundOn(met, [[100]], 0);
        const wentBack = sum(givenBack(state).map(({ totalMinor }) => totalMinor));
        const { totalMinor } = knownSale(state)!.body;
        expect(wentBack).toBeGreaterThanOrEqual(totalMinor);
        if (saleExceptions(state).length === 0) expect(wentBack).toBe(totalMinor);
      }),
      { numRuns: 60 },
    );
  });

  test("[GB12] [RF10] where the rest is priced again: what was paid less what the rest costs, and in the end the whole", () => {
    fc.assert(
      fc.property(soldBasket, steps, (basket, before) => {
        const sold = foldSale(emptySale(saleId), sell(basket));
        const state = [...before, [100]].reduce((now, picks) => reprice(basket, now, picks), sold);
        expect(saleExceptions(state)).toEqual([]);
        for (const { remaining } of lineStates(state)) {
          expect(remaining).toEqual({ quantityMilli: 0, amountMinor: 0, taxMinor: 0 });
        }
        expect(Object.values(kept(state)).every((minor) => minor === 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

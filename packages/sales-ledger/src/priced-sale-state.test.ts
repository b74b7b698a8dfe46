import type { HeldEntry } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GoodsLine, RefundBody } from "./bodies.ts";
import { refundDraft, reversalDraft, saleDraft } from "./drafts.ts";
import { emptySale, foldSale, givenBack, lineStates, remainingLines } from "./sale-state.ts";
import { expectedCashMinor } from "./shift.ts";
import {
  pricedRefund,
  pricedReversal,
  pricedSale,
  repricedRefund,
} from "./testing/example-priced-bodies.ts";
import { append, testContext, testDate, testLedger } from "./testing/test-ledger.ts";
import { playTill, type TillAct } from "./testing/till-acts.ts";

const ledger = testLedger("dev_1");
const context = testContext(ledger, testDate(0));
const { saleId } = pricedSale;

function held(draft: Parameters<typeof append>[1], atMs?: number): HeldEntry {
  return append(ledger, draft, atMs).entries.at(-1)!;
}

function stateOf(...refunds: readonly RefundBody[]) {
  const entries = refunds.map((body, index) => held(refundDraft(context, body), index + 1));
  return [held(saleDraft(context, pricedSale)), ...entries].reduce(foldSale, emptySale(saleId));
}

/** A refund of part of the priced lines whose components are as they come. */
const anyRefund = fc
  .record({
    at: fc.nat(2),
    milli: fc.integer({ min: 1, max: 1000 }),
    amountMinor: fc.nat(400),
    taxes: fc.tuple(fc.nat(30), fc.nat(120)),
    off: fc.nat(90),
  })
  .map(({ at, milli, amountMinor, taxes, off }): RefundBody => {
    const line = pricedSale.lines[at]!;
    const part = partOf(line, { milli, amountMinor, taxes, off });
    const { taxMinor } = part;
    const row = { taxCode: line.taxCode, name: "Tax", rateBp: line.rateBp };
    const plain = [{ ...row, grossMinor: amountMinor, netMinor: amountMinor - taxMinor, taxMinor }];
    const rows = part.taxes === undefined ? plain : rowsOf(part);
    const tenders = [{ kind: "cash", amountMinor }];
    const { roundingMinor: _, ...rest } = pricedRefund;
    return { ...rest, lines: [part], totalMinor: amountMinor, taxes: rows, tenders };
  });

interface Part {
  readonly milli: number;
  readonly amountMinor: number;
  readonly taxes: readonly [number, number];
  readonly off: number;
}

function partOf(line: GoodsLine, { milli, amountMinor, taxes, off }: Part): GoodsLine {
  const wanted = line.taxes?.map((tax, index) => ({ ...tax, taxMinor: taxes[index] ?? 0 }));
  const all = (wanted ?? []).reduce((sum, tax) => sum + tax.taxMinor, 0);
  const fitting = all > amountMinor ? wanted?.map((tax) => ({ ...tax, taxMinor: 0 })) : wanted;
  const taxMinor = all > amountMinor ? 0 : all;
  const { lineId, sku, name, taxCode, rateBp, linkedTo } = line;
  const named = { lineId, sku, name, taxCode, rateBp };
  return {
    ...named,
    quantityMilli: milli,
    amountMinor,
    taxMinor,
    ...(linkedTo === undefined ? {} : { linkedTo }),
    ...(fitting === undefined ? {} : { taxes: fitting }),
    ...(line.discounts === undefined
      ? {}
      : {
          listAmountMinor: amountMinor + off,
          discounts: line.discounts.map((each) => ({ ...each, amountMinor: off })),
        }),
  };
}

function rowsOf({ amountMinor, taxMinor, taxes = [] }: GoodsLine): RefundBody["taxes"] {
  const netMinor = amountMinor - taxMinor;
  const [excise, vat] = pricedRefund.taxes
    .filter(({ taxCode }) => taxCode !== "none")
    .filter(({ taxCode }) => taxCode !== "standard");
  const [exciseMinor = 0, vatMinor = 0] = taxes.map((tax) => tax.taxMinor);
  const below = netMinor + exciseMinor;
  return [
    { ...excise!, netMinor, taxMinor: exciseMinor, grossMinor: below },
    { ...vat!, netMinor: below, taxMinor: vatMinor, grossMinor: below + vatMinor },
  ];
}

describe("what became of a sale with prices (RF)", () => {
  test("[RF2] what is left is left in every discount and tax", () => {
    expect(remainingLines(stateOf(pricedRefund))).toEqual(pricedReversal.lines);
    expect(givenBack(stateOf(pricedRefund))).toEqual([pricedRefund]);
    const all = foldSale(stateOf(pricedRefund), held(reversalDraft(context, pricedReversal)));
    expect(remainingLines(all)).toEqual([]);
    expect(lineStates(all).map(({ remaining }) => remaining.amountMinor)).toEqual([0, 0, 0, 0]);
  });

  test("[RF2] what is left adds up, whatever was given back apart", () => {
    fc.assert(
      fc.property(fc.array(anyRefund, { maxLength: 4 }), (refunds) => {
        for (const line of remainingLines(stateOf(...refunds))) {
          const { amountMinor, taxMinor, discounts, listAmountMinor = amountMinor, taxes } = line;
          const off = (discounts ?? []).reduce((sum, each) => sum + each.amountMinor, 0);
          expect(listAmountMinor - off).toBe(amountMinor);
          expect(taxMinor).toBeLessThanOrEqual(amountMinor);
          const listed = (taxes ?? []).reduce((sum, tax) => sum + tax.taxMinor, 0);
          expect(taxes === undefined ? taxMinor : listed).toBe(taxMinor);
          const parts = [...(taxes ?? []).map((tax) => tax.taxMinor), off, listAmountMinor];
          expect(parts.every((part) => part >= 0)).toBe(true);
        }
      }),
    );
  });

  test("[RF10] what was priced again changes what is left of a line, and nothing of its quantity", () => {
    const [line] = pricedSale.lines;
    const lines = ["1", "2"].map((lineId) => {
      const { discounts: _a, listAmountMinor: _b, ...bare } = line!;
      const plain = { ...bare, taxCode: "none", rateBp: 0, taxMinor: 0, amountMinor: 200 };
      return { ...plain, lineId, quantityMilli: 1000 };
    });
    const body = { ...pricedSale, saleId: repricedRefund.saleId, lines, totalMinor: 400 };
    const taxes = [{ ...pricedSale.taxes[1]!, grossMinor: 400, netMinor: 400 }];
    const { roundingMinor: _a, tipMinor: _b, ...plain } = body;
    const tenders = [{ kind: "cash", amountMinor: 400 }];
    const sale = saleDraft(context, { ...plain, taxes, tenders, changeMinor: 0 });
    const empty = emptySale(repricedRefund.saleId);
    const state = [held(sale), held(refundDraft(context, repricedRefund))].reduce(foldSale, empty);
    expect(lineStates(state).map(({ remaining }) => remaining)).toMatchObject([
      { quantityMilli: 0, amountMinor: 0 },
      { quantityMilli: 1000, amountMinor: 400 },
    ]);
  });
});

describe("cash of a shift (SH)", () => {
  test("[SH1] foreign cash is not in the expected cash, its change is; a tip in cash is", () => {
    const coffee = { sku: "coffee", quantityMilli: 1000, amountMinor: 300, rateBp: 2000 };
    const extras = { roundingMinor: 0, tipMinor: 0, discountMinor: 0, isForeign: false };
    const sell = { type: "sell", lines: [coffee], overMinor: 200, isSplit: false } as const;
    const acts: readonly TillAct[] = [
      { type: "open-shift", floatMinor: 5000 },
      { ...sell, extras: { ...extras, isForeign: true } },
      { ...sell, extras: { ...extras, tipMinor: 20 } },
      { ...sell, extras: { ...extras, roundingMinor: -2 } },
    ];
    const { open } = playTill(ledger, acts).state.shifts;
    expect(expectedCashMinor(open!)).toBe(5000 - 200 + 320 + 298);
  });
});

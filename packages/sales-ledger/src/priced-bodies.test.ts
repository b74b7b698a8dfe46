import type { HeldEntry, Json } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { SaleBody, Tender } from "./bodies.ts";
import { refundMovements, saleMovements } from "./movements-of.ts";
import { parseEntryBody, readEntry } from "./parse-entry-body.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import {
  pricedRefund,
  pricedReversal,
  pricedSale,
  repricedRefund,
} from "./testing/example-priced-bodies.ts";
import { testLedger } from "./testing/test-ledger.ts";
import { addTotals, noTotals, totalsOf } from "./totals.ts";

const [coffee, beer, deposit, service] = pricedSale.lines;
const [card, foreignCash, cash] = pricedSale.tenders;

function faultsOf(kind: string, body: Json) {
  const parsed = parseEntryBody(kind, body);
  return parsed.ok ? [] : parsed.error.faults;
}

function pointersOf(change: Partial<SaleBody>): readonly string[] {
  return faultsOf("sale", { ...pricedSale, ...change }).map(({ pointer }) => pointer);
}

function withLine(index: number, change: object): Partial<SaleBody> {
  const lines = pricedSale.lines.map((line, at) => (at === index ? { ...line, ...change } : line));
  return { lines };
}

function withTender(index: number, change: object): Partial<SaleBody> {
  const tenders = pricedSale.tenders.map((each, at) =>
    at === index ? { ...each, ...change } : each,
  );
  return { tenders };
}

/** Paid with one tender; its total is 290. */
function paidBy(tender: Tender, more: Partial<SaleBody> = {}): SaleBody {
  const [, loose] = exampleBodies.sale.lines;
  const [, zero] = exampleBodies.sale.taxes;
  const lines = loose === undefined ? [] : [loose];
  const taxes = zero === undefined ? [] : [zero];
  const sale = { ...exampleBodies.sale, lines, taxes, totalMinor: 290 };
  return { ...sale, tenders: [tender], changeMinor: 0, ...more };
}

function totalsOfBody(kind: string, body: Json) {
  const held = { entry: { kind, body }, hash: "h", flags: [] } as unknown as HeldEntry;
  return totalsOf(readEntry(held));
}

describe("bodies with prices (RB)", () => {
  test("[RB5] what every price can be made of reads back", () => {
    expect(faultsOf("sale", pricedSale)).toEqual([]);
    expect(faultsOf("refund", pricedRefund)).toEqual([]);
    expect(faultsOf("reversal", pricedReversal)).toEqual([]);
    expect(faultsOf("refund", repricedRefund)).toEqual([]);
  });

  test("[RB5] tenders less change are total, rounding and tip", () => {
    expect(pointersOf({ roundingMinor: -1 })).toEqual(["/changeMinor"]);
    expect(pointersOf({ tipMinor: 41 })).toEqual(["/changeMinor", "/tipMinor"]);
    const { roundingMinor: _, ...unrounded } = pricedSale;
    expect(faultsOf("sale", unrounded).map(({ pointer }) => pointer)).toEqual(["/changeMinor"]);
    expect(faultsOf("refund", { ...pricedRefund, roundingMinor: 2 })).toEqual([
      { pointer: "/tenders", expected: "416", found: "415" },
    ]);
  });

  test("[RB5] nothing is rounded in a sale that no cash was part of", () => {
    const rounded = paidBy({ kind: "card", amountMinor: 291 }, { roundingMinor: 1 });
    expect(faultsOf("sale", rounded)).toMatchObject([{ pointer: "/roundingMinor" }]);
    const inCash = paidBy({ kind: "cash", amountMinor: 291 }, { roundingMinor: 1 });
    expect(faultsOf("sale", inCash)).toEqual([]);
    expect(pointersOf({ roundingMinor: 100_001 })).toEqual(["/roundingMinor"]);
  });

  test("[RB6] a line that lists its taxes is in the row of each, a compound one with the taxes before it", () => {
    const [excise, none, standard, vat] = pricedSale.taxes;
    expect(pointersOf({ taxes: [none!, standard!, vat!] })).toEqual(["/taxes"]);
    const { isCompound: _, ...simple } = vat!;
    expect(pointersOf({ taxes: [excise!, none!, standard!, simple] })).toEqual([
      "/taxes/3/grossMinor",
    ]);
    const more = { ...excise!, taxMinor: 21, netMinor: 564 };
    expect(pointersOf({ taxes: [more, none!, standard!, vat!] })).toEqual(["/taxes/0/taxMinor"]);
    expect(pointersOf({ taxes: [...pricedSale.taxes, vat!] })).toContain("/taxes/4");
  });

  test("[RB6] taxes of a line are its tax, their rates its rate, and no tax is more than the line", () => {
    expect(pointersOf(withLine(1, { rateBp: 2100 }))).toEqual(["/lines/1/rateBp"]);
    const taxes = beer?.taxes?.map((tax) => ({ ...tax, taxMinor: tax.taxMinor + 1 })) ?? [];
    expect(pointersOf(withLine(1, { taxes }))).toContain("/lines/1/taxMinor");
    const all = { amountMinor: 100, taxMinor: 137 };
    expect(pointersOf(withLine(1, all))).toContain("/lines/1/taxMinor");
  });

  test("[RB9] list amount less discounts is what is paid, in the basis of the body", () => {
    expect(pointersOf(withLine(0, { listAmountMinor: 601 }))).toEqual(["/lines/0/listAmountMinor"]);
    expect(pointersOf(withLine(0, { discounts: [] }))).toEqual(["/lines/0/listAmountMinor"]);
    const { listAmountMinor: _, ...bare } = coffee!;
    const lines = [bare, beer!, deposit!, service!];
    expect(pointersOf({ lines })).toEqual(["/lines/0/listAmountMinor"]);
    expect(pointersOf({ basis: "exclusive" })).toEqual(["/lines/0/listAmountMinor"]);
    expect(pointersOf({ ...withLine(0, { listAmountMinor: 517 }), basis: "exclusive" })).toEqual(
      [],
    );
  });

  test("[RB9] an exempt buyer may pay less than the list amount, and nobody else", () => {
    const taxes = beer?.taxes?.map((tax) => ({ ...tax, category: "E", taxMinor: 0 })) ?? [];
    const exempt = withLine(1, { listAmountMinor: 839, taxMinor: 0, taxes });
    expect(pointersOf(exempt)).not.toContain("/lines/1/listAmountMinor");
    const taxed = withLine(1, { listAmountMinor: 839 });
    expect(pointersOf(taxed)).toEqual(["/lines/1/listAmountMinor"]);
  });

  test("[RB10] tips are those of the tenders, and no more than they are", () => {
    expect(pointersOf(withTender(0, { tipMinor: 39 }))).toEqual(["/tipMinor"]);
    expect(pointersOf({ ...withTender(0, { tipMinor: 441 }), tipMinor: 441 })).toContain(
      "/tenders/0/tipMinor",
    );
  });

  test("[RB10] foreign cash is worth what its rate says, half up", () => {
    expect(pointersOf({ tenders: [card!, { ...foreignCash!, amountMinor: 471 }, cash!] })).toEqual([
      "/changeMinor",
      "/tenders/1/amountMinor",
    ]);
    expect(pointersOf(withTender(1, { kind: "cash" }))).toEqual(["/tenders/1/foreign"]);
  });

  test("[RB10] a voucher of which less was used than its face says what became of the rest", () => {
    const used: Tender = {
      kind: "voucher",
      amountMinor: 290,
      offeredMinor: 500,
      changeKind: "voucher",
    };
    expect(faultsOf("sale", paidBy(used))).toEqual([]);
    const { changeKind: _, ...silent } = used;
    for (const wrong of [silent, { ...used, offeredMinor: 290 }, { ...used, kind: "card" }]) {
      expect(faultsOf("sale", paidBy(wrong))).toMatchObject([
        { pointer: "/tenders/0/offeredMinor" },
      ]);
    }
  });

  test("[RB11] kept lines that are priced again count in total and tax rows, each once", () => {
    const [kept] = repricedRefund.repriced ?? [];
    expect(faultsOf("refund", { ...repricedRefund, repriced: [] }).map((f) => f.pointer)).toEqual([
      "/totalMinor",
      "/taxes/0/grossMinor",
    ]);
    const twice = { ...repricedRefund, repriced: [kept!, kept!] };
    expect(faultsOf("refund", twice).map((fault) => fault.pointer)).toContain("/repriced/1/lineId");
  });

  test("[RB1] the shape of what is new is checked", () => {
    const line = {
      discounts: [{ amountMinor: -1 }],
      isOpenPrice: false,
      linkedTo: "",
      perMilli: 0,
    };
    const wordless = { reason: "x".repeat(1001) };
    const body = { ...withLine(0, line), coupons: [""], customerGroup: "", exemption: wordless };
    expect(pointersOf(body)).toEqual([
      "/lines/0/discounts/0/kind",
      "/lines/0/discounts/0/id",
      "/lines/0/discounts/0/name",
      "/lines/0/discounts/0/amountMinor",
      "/lines/0/discounts/0/publication",
      "/lines/0/linkedTo",
      "/lines/0/perMilli",
      "/lines/0/isOpenPrice",
      "/customerGroup",
      "/coupons/0",
      "/exemption/reason",
    ]);
  });
});

describe("what priced bodies move and add up to (MV, TT)", () => {
  test("[MV1] [MV2] a service charge moves nothing", () => {
    const { location } = testLedger("dev_1");
    const skus = saleMovements(pricedSale, location).map(({ sku }) => sku);
    expect(skus).toEqual(["C001", "B002", "D001"]);
    expect(refundMovements(pricedRefund, location)).toHaveLength(4);
  });

  test("[TT5] rounding, discounts and tips are counted where there are any", () => {
    const sale = totalsOfBody("sale", pricedSale);
    expect(sale).toMatchObject({
      netMinor: 1377,
      roundingMinor: -2,
      discountMinor: 100,
      tipMinor: 40,
      tenders: [
        { kind: "card", takenMinor: 440 },
        { kind: "cash", takenMinor: 505 },
        { kind: "foreign-cash", takenMinor: 470 },
      ],
    });
    const refund = totalsOfBody("refund", pricedRefund);
    expect(refund).toMatchObject({ roundingMinor: -1 });
    expect("discountMinor" in refund).toBe(false);
    const all = [sale, refund, totalsOfBody("reversal", pricedReversal)].reduce(
      addTotals,
      noTotals,
    );
    expect(all).toMatchObject({ netMinor: 0 });
    expect(["roundingMinor", "discountMinor", "tipMinor"].filter((name) => name in all)).toEqual(
      [],
    );
    expect(all.tenders.map(({ takenMinor, givenMinor }) => takenMinor - givenMinor)).toEqual([
      0, -470, 470,
    ]);
  });

  test("[TT5] totals of bodies without them have none of the members", () => {
    const names = Object.keys(addTotals(noTotals, noTotals));
    expect(names).toEqual(Object.keys(noTotals));
  });
});

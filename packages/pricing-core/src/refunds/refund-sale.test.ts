import type { Sku } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { settle } from "../tenders/settle.ts";
import type { Tender } from "../tenders/settlement.ts";
import { refundSale, type RefundedSale } from "./refund-sale.ts";
import type { RefundPayment } from "./refund-tenders.ts";
import { repriceSale } from "./reprice-sale.ts";
import type { SoldLine, SoldSale } from "./sold-sale.ts";

const cashRounding = { stepMinor: 5, mode: "half-up" } as const;
const storedValue = { rightsMinor: { v1: 10_000 }, riskBudgetMinor: 0 };

function line(lineId: string, amountMinor: number, more: Partial<SoldLine> = {}): SoldLine {
  const sku = `sku-${lineId}` as Sku;
  const plain = { lineId, sku, name: lineId, quantityMilli: 1000, amountMinor };
  return { ...plain, taxCode: "std", rateBp: 0, taxMinor: 0, ...more };
}

function sell(
  lines: readonly SoldLine[],
  tenders: readonly Tender[],
  rounding: typeof cashRounding | null = cashRounding,
): SoldSale {
  const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  const due = { totalMinor, currency: "CHF", cashRounding: rounding };
  const settled = settle(due, tenders, { storedValue, voucherChange: "cash" });
  if (!settled.ok) throw new Error(JSON.stringify(settled.error));
  const { changeMinor, roundingMinor } = settled.value;
  return {
    lines,
    totalMinor,
    taxes: [],
    tenders: settled.value.tenders,
    changeMinor,
    roundingMinor,
  };
}

function refund(
  sale: SoldSale,
  asked: Readonly<Record<string, number>>,
  { before = [], ...payment }: RefundPayment & { readonly before?: readonly RefundedSale[] } = {},
): RefundedSale {
  const parts = Object.entries(asked).map(([lineId, quantityMilli]) => ({ lineId, quantityMilli }));
  const result = refundSale({ sale, before }, parts, { cashRounding, ...payment });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** At the full price. */
const kept = (...ids: readonly string[]) =>
  ids.map((lineId) => ({ lineId, amountMinor: 300, taxMinor: 0 }));
const cash = (amountMinor: number): Tender => ({ kind: "cash", amountMinor });

describe("refundSale (GB)", () => {
  test("[GB4] [PY6] POS-13: what was rounded down when sold is not rounded up when it goes back", () => {
    for (const totalMinor of [700, 702, 703, 707, 748]) {
      const sale = sell([line("1", totalMinor)], [cash(5000)]);
      const paidMinor = 5000 - sale.changeMinor;
      const { tenders, roundingMinor } = refund(sale, { 1: 1000 });
      expect(tenders).toEqual([cash(paidMinor)]);
      expect(roundingMinor).toBe(sale.roundingMinor);
    }
  });

  test("[GB5] each step of a rounded sale can be paid in coins, and all steps are what was paid", () => {
    const sale = sell([line("1", 1002, { quantityMilli: 3000 })], [cash(1000)]);
    const first = refund(sale, { 1: 1000 });
    expect(first).toMatchObject({ totalMinor: 334, roundingMinor: 1, tenders: [cash(335)] });
    const second = refund(sale, { 1: 1000 }, { before: [first] });
    expect(second).toMatchObject({ totalMinor: 334, roundingMinor: 1, tenders: [cash(335)] });
    const third = refund(sale, { 1: 1000 }, { before: [first, second] });
    expect(third).toMatchObject({ totalMinor: 334, roundingMinor: -4, tenders: [cash(330)] });
  });

  test("[GB4] what was paid goes back, whatever the shop has decided since", () => {
    const unrounded = sell([line("1", 1002)], [cash(1002)], null);
    expect(refund(unrounded, { 1: 1000 }).tenders).toEqual([cash(1002)]);
    const rounded = sell([line("1", 1002)], [cash(1000)]);
    const later = refund(rounded, { 1: 1000 }, { cashRounding: null });
    expect(later).toMatchObject({ tenders: [cash(1000)], roundingMinor: -2 });
  });

  test("[GB4] tenders go back in the proportion in which they paid, foreign cash as cash", () => {
    const foreign = { currency: "EUR", amountMinor: 500, rate: { numerator: 1, denominator: 1 } };
    const sale = sell(
      [line("1", 1000, { quantityMilli: 2000 })],
      [
        { kind: "card", amountMinor: 600, reference: "c1" },
        { kind: "foreign-cash", amountMinor: 0, foreign },
      ],
    );
    expect(sale.changeMinor).toBe(100);
    expect(refund(sale, { 1: 1000 }).tenders).toEqual([
      { kind: "card", amountMinor: 300, reference: "c1" },
      cash(200),
    ]);
  });

  test("[GB4] the rest of a voucher that was paid out does not come back", () => {
    const voucher: Tender = { kind: "voucher", amountMinor: 1000, reference: "v1" };
    const sale = sell([line("1", 700)], [voucher]);
    expect(sale.changeMinor).toBe(300);
    expect(refund(sale, { 1: 1000 }).tenders).toEqual([{ ...voucher, amountMinor: 700 }]);
  });

  test("[GB7] all of it can go back another way; only coins are rounded", () => {
    const sale = sell([line("1", 1002)], [{ kind: "card", amountMinor: 1002 }]);
    expect(refund(sale, { 1: 1000 }, { payTo: { kind: "cash" } })).toMatchObject({
      tenders: [cash(1000)],
      roundingMinor: -2,
    });
    const inCash = sell([line("1", 1002)], [cash(1000)]);
    const payTo = { kind: "voucher", reference: "v9" };
    expect(refund(inCash, { 1: 1000 }, { payTo })).toMatchObject({
      tenders: [{ ...payTo, amountMinor: 1000 }],
      roundingMinor: -2,
    });
  });

  test("[GB8] a tip stays, unless it is asked back; then it goes back once", () => {
    const tenders: readonly Tender[] = [{ kind: "card", amountMinor: 1100, tipMinor: 100 }];
    const sale = sell([line("1", 1000, { quantityMilli: 2000 })], tenders);
    expect(refund(sale, { 1: 1000 })).toMatchObject({
      tipMinor: 0,
      tenders: [{ amountMinor: 500 }],
    });
    const first = refund(sale, { 1: 1000 }, { isTipBack: true });
    expect(first).toMatchObject({ tipMinor: 100, tenders: [{ amountMinor: 600, tipMinor: 100 }] });
    const second = refund(sale, { 1: 1000 }, { before: [first], isTipBack: true });
    expect(second).toMatchObject({ tipMinor: 0, tenders: [{ kind: "card", amountMinor: 500 }] });
  });

  test("[GB9] a deposit follows its article in whole pieces, unless it is asked for itself", () => {
    const drink = line("1", 600, { quantityMilli: 3000 });
    const deposit = line("1.1", 75, { quantityMilli: 3000, linkedTo: "1" });
    const sale = sell([drink, deposit], [cash(1000)]);
    expect(refund(sale, { 1: 2000 }).lines).toMatchObject([
      { lineId: "1", quantityMilli: 2000, amountMinor: 400 },
      { lineId: "1.1", quantityMilli: 2000, amountMinor: 50, linkedTo: "1" },
    ]);
    const bottle = refund(sale, { "1.1": 1000 });
    expect(bottle.lines).toMatchObject([{ lineId: "1.1", quantityMilli: 1000, amountMinor: 25 }]);
    const drinks = refund(sale, { 1: 1000 }, { before: [bottle] });
    expect(drinks.lines).toHaveLength(1);
    expect(refund(sale, { 1: 2000, "1.1": 1000 }).lines).toMatchObject([
      { quantityMilli: 2000 },
      { quantityMilli: 1000 },
    ]);
  });

  test("[GB10] the service charge goes back with the amount of the rest, the last with the last", () => {
    const lines = [line("1", 3000), line("2", 1000), line("service", 400)];
    const sale = sell(lines, [cash(5000)]);
    const first = refund(sale, { 2: 1000 });
    expect(first.lines).toMatchObject([{ lineId: "2" }, { lineId: "service", amountMinor: 100 }]);
    const second = refund(sale, { 1: 1000 }, { before: [first] });
    expect(second.lines).toMatchObject([{ lineId: "1" }, { lineId: "service", amountMinor: 300 }]);
    const milli = [first, second].map(({ lines: [, service] }) => service?.quantityMilli);
    expect(milli).toEqual([250, 750]);
  });

  test("[GB10] some of the service charge is left while anything else is", () => {
    const lines = [line("1", 99_990), line("2", 10), line("service", 20_000)];
    const sale = sell(lines, [cash(200_000)]);
    const first = refund(sale, { 1: 1000 });
    expect(first.lines[1]).toMatchObject({ quantityMilli: 999, amountMinor: 19_998 });
    const second = refund(sale, { 2: 1000 }, { before: [first] });
    expect(second.lines[1]).toMatchObject({ quantityMilli: 1, amountMinor: 2 });
  });

  test("[GB11] all that cannot go back is said at once", () => {
    const sale = sell([line("1", 1000, { quantityMilli: 2000 })], [cash(1000)]);
    const asked = [
      { lineId: "9", quantityMilli: 1000 },
      { lineId: "1", quantityMilli: 1500 },
      { lineId: "1", quantityMilli: 501 },
      { lineId: "1", quantityMilli: 0.5 },
    ];
    expect(refundSale({ sale, before: [] }, asked)).toEqual({
      ok: false,
      error: {
        type: "RefundParts",
        faults: [
          { pointer: "/lines/0/lineId", code: "UnknownLine", lineId: "9" },
          { pointer: "/lines/2/quantity", code: "OverRefund", quantityMilli: 501, leftMilli: 500 },
          {
            pointer: "/lines/3/quantity",
            code: "RefundQuantity",
            quantityMilli: 0.5,
            leftMilli: 0,
          },
        ],
      },
    });
  });

  test("[GB2] an exempt buyer has back what was paid, not the price with tax", () => {
    const taxes = [
      {
        id: "vat",
        name: "VAT",
        category: "E",
        rateBp: 0,
        perUnitMinor: 0,
        baseMinor: 1000,
        taxMinor: 0,
      },
    ];
    const more = { quantityMilli: 3000, listAmountMinor: 1200, taxes };
    const sale = sell([line("1", 1000, more)], [cash(1000)]);
    const first = refund(sale, { 1: 1000 });
    expect(first.lines).toMatchObject([
      { amountMinor: 333, listAmountMinor: 400, taxes: [{ baseMinor: 333 }] },
    ]);
    const rest = refund(sale, { 1: 2000 }, { before: [first] });
    expect(rest.lines).toMatchObject([
      { amountMinor: 667, listAmountMinor: 800, taxes: [{ baseMinor: 667 }] },
    ]);
  });
});

describe("repriceSale (GB)", () => {
  const discount = { kind: "promotion", id: "3for2", name: "3 for 2", publication: "pub" };
  const three = ["1", "2", "3"].map((lineId) =>
    line(lineId, 200, { listAmountMinor: 300, discounts: [{ ...discount, amountMinor: 100 }] }),
  );
  const sale = sell(three, [cash(600)], null);

  function reprice(lineId: string, rest: ReturnType<typeof kept>, before: readonly RefundedSale[]) {
    const asked = [{ lineId, quantityMilli: 1000 }];
    const result = repriceSale({ sale, before }, { asked, kept: rest });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  }

  test("[GB12] of three for the price of two, one that goes back was free", () => {
    const first = reprice("3", kept("1", "2"), []);
    expect(first).toMatchObject({
      totalMinor: 0,
      tenders: [],
      lines: [{ lineId: "3", amountMinor: 200 }],
      repriced: [
        { lineId: "1", amountMinor: -100 },
        { lineId: "2", amountMinor: -100 },
      ],
    });
    const second = reprice("2", kept("1"), [first]);
    expect(second).toMatchObject({ totalMinor: 300, lines: [{ lineId: "2", amountMinor: 300 }] });
    const third = reprice("1", [], [first, second]);
    expect(third).toMatchObject({ totalMinor: 300, lines: [{ lineId: "1", amountMinor: 300 }] });
    expect("repriced" in third).toBe(false);
  });

  test("[GB12] where the rest costs more than was paid, nothing is owed, and later steps catch up", () => {
    const dear = ["1", "2"].map((lineId) => ({ lineId, amountMinor: 400, taxMinor: 0 }));
    const first = reprice("3", dear, []);
    expect(first.totalMinor).toBe(0);
    const back = [...first.lines, ...(first.repriced ?? [])];
    expect(back.map(({ amountMinor }) => amountMinor)).toEqual([200, -100, -100]);
    const second = reprice("2", dear.slice(0, 1), [first]);
    expect(second.totalMinor).toBe(200);
    expect(reprice("1", [], [first, second]).totalMinor).toBe(400);
  });

  test("[GB12] a line that is taxed otherwise now cannot be priced again", () => {
    const tax = {
      id: "vat",
      name: "VAT",
      category: "S",
      perUnitMinor: 0,
      baseMinor: 1,
      taxMinor: 0,
    };
    const rest = kept("1", "2").map((each) => ({ ...each, taxes: [{ ...tax, rateBp: 1 }] }));
    const asked = [{ lineId: "3", quantityMilli: 1000 }];
    expect(repriceSale({ sale, before: [] }, { asked, kept: rest })).toEqual({
      ok: false,
      error: { type: "KeptLineDiffers", lineId: "1" },
    });
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cashRoundingOf, isSettled, paidText, restOf, type PaidTender } from "./tendering.ts";

const gbp = { totalMinor: 1060, currency: "GBP", cashRounding: null, tipMinor: 0 };
const chf = {
  totalMinor: 1063,
  currency: "CHF",
  cashRounding: { stepMinor: 5, mode: "half-up" },
  tipMinor: 0,
} as const;
const card = (amountMinor: number): PaidTender => ({ kind: "card", amountMinor });
const cash = (amountMinor: number): PaidTender => ({ kind: "cash", amountMinor });

describe("what is still due", () => {
  test("each tender lowers it; cash beyond it is change", () => {
    expect(restOf(gbp, [])).toEqual({ dueMinor: 1060, dueInCashMinor: 1060, changeMinor: 0 });
    expect(restOf(gbp, [card(500)])).toMatchObject({ dueMinor: 560, dueInCashMinor: 560 });
    expect(restOf(gbp, [card(500), cash(1000)])).toMatchObject({ dueMinor: 0, changeMinor: 440 });
  });

  test("only what is left for cash is rounded", () => {
    expect(restOf(chf, [])).toMatchObject({ dueMinor: 1063, dueInCashMinor: 1065 });
    expect(restOf(chf, [card(500)])).toMatchObject({ dueMinor: 563, dueInCashMinor: 565 });
    expect(restOf(chf, [card(1063)])).toMatchObject({ dueMinor: 0, dueInCashMinor: 0 });
    expect(restOf(chf, [card(500), cash(565)])).toMatchObject({ dueMinor: 0, changeMinor: 0 });
  });

  test("a rest that coins cannot pay is settled by cash of nothing", () => {
    const paying = { ...chf, totalMinor: 1002 };
    const rest = restOf(paying, [card(1000)]);
    expect(rest).toMatchObject({ dueMinor: 2, dueInCashMinor: 0 });
    expect(rest && isSettled(rest, [card(1000)])).toBe(false);
    const settled = restOf(paying, [card(1000), cash(0)]);
    expect(settled && isSettled(settled, [card(1000), cash(0)])).toBe(true);
  });

  test("a card gives no change, a voucher does", () => {
    expect(restOf(gbp, [card(1061)])).toBeUndefined();
    const voucher: PaidTender = { kind: "voucher", amountMinor: 2000, reference: "V1" };
    expect(restOf(gbp, [voucher])).toMatchObject({ dueMinor: 0, changeMinor: 0 });
  });

  test("a tip is due as well, until one tender can carry it", () => {
    const paying = { ...gbp, tipMinor: 100 };
    expect(restOf(paying, [])).toMatchObject({ dueMinor: 1160, dueInCashMinor: 1160 });
    expect(restOf(paying, [card(1160)])).toMatchObject({ dueMinor: 0 });
    const giftCard: PaidTender = { kind: "gift-card", amountMinor: 1060, reference: "G1" };
    expect(restOf(paying, [giftCard])).toMatchObject({ dueMinor: 100, dueInCashMinor: 100 });
    expect(restOf(paying, [giftCard, cash(100)])).toMatchObject({ dueMinor: 0, changeMinor: 0 });
  });

  test("paying exactly what it says settles it, whatever was paid before", () => {
    const parts = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.integer({ min: 2001, max: 9999 }),
        parts,
        fc.nat(300),
        (totalMinor, paid, tipMinor) => {
          const paying = { ...chf, totalMinor, tipMinor };
          const before = paid.map(card);
          const rest = restOf(paying, before);
          const after = restOf(paying, [...before, cash(rest?.dueInCashMinor ?? 0)]);
          expect(after).toMatchObject({ dueMinor: 0, changeMinor: 0 });
          expect(restOf(paying, [...before, card(rest?.dueMinor ?? 0)])).toMatchObject({
            dueMinor: 0,
          });
        },
      ),
    );
  });
});

test("cash is rounded only as the shop says, in a way that is known here", () => {
  const options = {
    customerGroups: [],
    hasServing: false,
    limits: null,
    mayAbove: [],
    tenders: [],
    cashRounding: { step: { minor: 5, currency: "CHF" }, mode: "half-up" },
  };
  expect(cashRoundingOf(options)).toEqual({ stepMinor: 5, mode: "half-up" });
  expect(cashRoundingOf(null)).toBeNull();
  const newer = { ...options, cashRounding: { ...options.cashRounding, mode: "by-moon" } };
  expect(cashRoundingOf(newer)).toBeNull();
});

test("tenders in words", () => {
  expect(paidText({ kind: "cash" })).toBe("Cash");
  expect(paidText({ kind: "shells" })).toBe("shells");
  expect(
    paidText({ kind: "voucher", reference: "V-3", offered: { minor: 2000, currency: "GBP" } }),
  ).toBe("Voucher V-3 of £20.00");
});

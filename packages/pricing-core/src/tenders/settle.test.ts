import { describe, expect, test } from "vitest";
import { settle } from "./settle.ts";
import type { Due, Tender, TenderLimits } from "./settlement.ts";

const chf: Due = {
  totalMinor: 1002,
  currency: "CHF",
  cashRounding: { stepMinor: 5, mode: "half-up" },
};
const gbp = (totalMinor: number): Due => ({ totalMinor, currency: "GBP", cashRounding: null });
const cash = (amountMinor: number): Tender => ({ kind: "cash", amountMinor });
const card = (amountMinor: number): Tender => ({ kind: "card", amountMinor });
const voucher = (amountMinor: number, reference = "v1"): Tender => {
  return { kind: "voucher", amountMinor, reference };
};
const euros = (amountMinor: number): Tender => ({
  kind: "foreign-cash",
  amountMinor: 0,
  foreign: { currency: "EUR", amountMinor, rate: { numerator: 94, denominator: 100 } },
});
const known: TenderLimits = {
  storedValue: { rightsMinor: { v1: 10_000, v2: 10_000, g1: 500 }, riskBudgetMinor: 0 },
};

function settled(due: Due, tenders: readonly Tender[], limits: TenderLimits = known) {
  const result = settle(due, tenders, limits);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function faults(due: Due, tenders: readonly Tender[], limits: TenderLimits = known) {
  const result = settle(due, tenders, limits);
  return !result.ok && result.error.type === "Tenders" ? result.error.faults : [];
}

function roundingOf(totalMinor: number, stepMinor: number): number {
  const cashRounding = { stepMinor, mode: "half-up" } as const;
  return settled({ totalMinor, currency: "SEK", cashRounding }, [cash(10_000)]).roundingMinor;
}

describe("settle (TN)", () => {
  test("[TN1] a total can be split over several ways of paying", () => {
    const gift: Tender = { kind: "gift-card", amountMinor: 500, reference: "g1" };
    const account: Tender = { kind: "on-account", amountMinor: 100, reference: "cust_1" };
    const tenders = [card(200), gift, account, cash(500)];
    expect(settled(gbp(1000), tenders)).toMatchObject({
      tenders,
      tenderedMinor: 1300,
      changeMinor: 300,
      roundingMinor: 0,
    });
  });

  test("[TN2] what is charged never exceeds what is due, and vouchers pay before it", () => {
    expect(faults(gbp(1000), [card(1001)])).toEqual([
      { pointer: "/tenders/0/amount", code: "BeyondDue", amountMinor: 1001, dueMinor: 1000 },
    ]);
    expect(faults(gbp(1000), [card(300), voucher(800)])).toEqual([
      { pointer: "/tenders/0/amount", code: "BeyondDue", amountMinor: 300, dueMinor: 200 },
    ]);
    expect(faults(gbp(1000), [voucher(1000), voucher(100, "v2")])).toEqual([
      { pointer: "/tenders/1/amount", code: "BeyondDue", amountMinor: 100, dueMinor: 0 },
    ]);
    const account: Tender = { kind: "on-account", amountMinor: 1, reference: "cust_1" };
    expect(faults(gbp(0), [account])).toMatchObject([{ code: "BeyondDue", dueMinor: 0 }]);
  });

  test("[TN3] cash gives change in cash, foreign cash in cash of the location", () => {
    expect(settled(gbp(870), [cash(500), cash(500)])).toMatchObject({ changeMinor: 130 });
    const { tenders, changeMinor, tenderedMinor } = settled(gbp(870), [euros(1001)]);
    expect(tenders).toMatchObject([{ kind: "foreign-cash", amountMinor: 941 }]);
    expect([changeMinor, tenderedMinor]).toEqual([71, 941]);
  });

  test("[TN4] the rest of a voucher is a new voucher, cash or forfeited, as the shop says", () => {
    const of = (voucherChange: "voucher" | "cash" | "forfeited") =>
      settled(gbp(700), [voucher(1000)], { ...known, voucherChange });
    expect(of("voucher")).toMatchObject({
      tenders: [{ amountMinor: 700, offeredMinor: 1000, changeKind: "voucher" }],
      voucherChangeMinor: 300,
      changeMinor: 0,
    });
    expect(of("forfeited")).toMatchObject({
      tenders: [{ amountMinor: 700, offeredMinor: 1000, changeKind: "forfeited" }],
      forfeitedMinor: 300,
      changeMinor: 0,
    });
    expect(of("cash")).toMatchObject({
      tenders: [voucher(1000)],
      changeMinor: 300,
      voucherChangeMinor: 0,
    });
    expect(settled(gbp(700), [voucher(1000)])).toEqual(of("voucher"));
  });

  test("[TN5] stored value is taken from rights of this device, then from the risk budget", () => {
    const limits = { storedValue: { rightsMinor: { v1: 300 }, riskBudgetMinor: 400 } };
    expect(settled(gbp(1000), [voucher(500), cash(500)], limits).storedValue).toEqual([
      { kind: "voucher", reference: "v1", fromRightsMinor: 300, atRiskMinor: 200 },
    ]);
    expect(faults(gbp(1000), [voucher(500), voucher(201, "v2"), card(299)], limits)).toEqual([
      {
        pointer: "/tenders/1/amount",
        code: "StoredValueNotCovered",
        reference: "v2",
        amountMinor: 201,
        rightsMinor: 0,
        riskBudgetMinor: 200,
      },
    ]);
    expect(faults(gbp(1000), [voucher(1000, "constructor")], {})).toMatchObject([
      { code: "StoredValueNotCovered", rightsMinor: 0, riskBudgetMinor: 0 },
    ]);
  });

  test("[TN5] one right is spent once, however many tenders name it", () => {
    const limits = { storedValue: { rightsMinor: { v1: 300 }, riskBudgetMinor: 0 } };
    expect(faults(gbp(1000), [voucher(200), voucher(200), cash(600)], limits)).toMatchObject([
      { pointer: "/tenders/1/amount", code: "StoredValueNotCovered", rightsMinor: 100 },
    ]);
  });

  test("[TN6] a tip is beyond what is due, on a card or in cash", () => {
    const tipped = [{ ...card(1100), tipMinor: 100 }];
    expect(settled(gbp(1000), tipped)).toMatchObject({ tipMinor: 100, changeMinor: 0 });
    const inCash = [{ ...cash(2000), tipMinor: 150 }];
    expect(settled(gbp(1000), inCash)).toMatchObject({ tipMinor: 150, changeMinor: 850 });
    expect(faults(gbp(1000), [{ ...voucher(1000), tipMinor: 1 }])).toMatchObject([
      { pointer: "/tenders/0/tip", code: "TipNotTaken", tipMaxMinor: 0 },
    ]);
    expect(faults(gbp(1000), [{ ...card(1000), tipMinor: 1001 }])).toMatchObject([
      { code: "TipNotTaken", tipMaxMinor: 1000 },
    ]);
  });

  test("[TN7] all faults are said at once, each with its place", () => {
    const tenders = [
      { kind: "shells", amountMinor: 0.5 },
      { kind: "on-account", amountMinor: 100 },
      { kind: "foreign-cash", amountMinor: 5 },
      { ...euros(100), amountMinor: 95 },
      {
        kind: "foreign-cash",
        amountMinor: 0,
        foreign: { currency: "GBP", amountMinor: 0, rate: { numerator: 1, denominator: 0 } },
      },
      { ...cash(100), foreign: { currency: "EUR" } },
      card(1001),
      voucher(100, "v9"),
    ] as readonly Tender[];
    expect(faults(gbp(1000), tenders).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      "/tenders/0/kind UnknownTender",
      "/tenders/0/amount TenderNotPositive",
      "/tenders/1/reference ReferenceRequired",
      "/tenders/2/foreign ForeignRequired",
      "/tenders/3/amount ForeignAmountDiffers",
      "/tenders/4/amount TenderNotPositive",
      "/tenders/4/foreign/currency InvalidForeign",
      "/tenders/4/foreign/amount InvalidForeign",
      "/tenders/4/foreign/rate InvalidForeign",
      "/tenders/5/foreign ForeignNotTaken",
      "/tenders/6/amount BeyondDue",
      "/tenders/7/amount StoredValueNotCovered",
    ]);
  });

  test("[TN8] a shop takes the kinds it takes", () => {
    expect(faults(gbp(100), [card(100)], { kinds: ["cash"] })).toEqual([
      { pointer: "/tenders/0/kind", code: "UnknownTender", kind: "card" },
    ]);
  });

  test("[TN9] too little names what is missing: after rounding, where it is to be paid in cash", () => {
    expect(settle(chf, [cash(900)])).toMatchObject({
      error: { type: "Underpaid", tenderedMinor: 900, missingMinor: 100, missingInCashMinor: 100 },
    });
    expect(settle(chf, [card(900)])).toMatchObject({
      error: { type: "Underpaid", tenderedMinor: 900, missingMinor: 102, missingInCashMinor: 100 },
    });
  });
});

describe("cash rounding of a sale (PY)", () => {
  test("[PY2] only the part that is paid in cash is rounded", () => {
    expect(settled(chf, [card(1002)])).toMatchObject({ roundingMinor: 0, changeMinor: 0 });
    expect(settled(chf, [cash(2000)])).toMatchObject({ roundingMinor: -2, changeMinor: 1000 });
    expect(settled(chf, [card(499), cash(505)])).toMatchObject({
      roundingMinor: 2,
      changeMinor: 0,
    });
  });

  test("[PY3] nothing is rounded unless the policy of the shop says so", () => {
    const due = { ...chf, cashRounding: null };
    expect(settled(due, [cash(2000)])).toMatchObject({ roundingMinor: 0, changeMinor: 998 });
  });

  test("[PY4] coins can pay the change, also of foreign cash and of a voucher", () => {
    expect(settled(chf, [euros(1101)])).toMatchObject({
      tenders: [{ amountMinor: 1035 }],
      changeMinor: 35,
      roundingMinor: -2,
    });
    expect(settled(chf, [euros(1102)])).toMatchObject({
      tenders: [{ amountMinor: 1036 }],
      changeMinor: 35,
      roundingMinor: -1,
    });
    const paidOut = settled(chf, [voucher(2000)], { ...known, voucherChange: "cash" });
    expect(paidOut).toMatchObject({ changeMinor: 1000, roundingMinor: -2 });
  });

  test("[PY5] what rounds to nothing is paid by saying that it is paid in cash", () => {
    const due = { ...chf, totalMinor: 2 };
    expect(settled(due, [cash(0)])).toMatchObject({ roundingMinor: -2, changeMinor: 0 });
    expect(settle(due, [])).toMatchObject({
      error: { missingMinor: 2, missingInCashMinor: 0 },
    });
    expect(faults(gbp(2), [cash(0)])).toMatchObject([{ code: "TenderNotPositive" }]);
  });

  test("[PY1] steps of 0.50, 1.00 and 5: a half goes away from zero", () => {
    expect([1024, 1025, 1074].map((total) => roundingOf(total, 50))).toEqual([-24, 25, -24]);
    expect([1049, 1050].map((total) => roundingOf(total, 100))).toEqual([-49, 50]);
    expect([1249, 1250].map((total) => roundingOf(total, 500))).toEqual([-249, 250]);
  });
});

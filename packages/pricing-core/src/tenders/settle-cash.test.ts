import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settleCash } from "./settle-cash.ts";
import type { Tender } from "./settlement.ts";

const cash = (...amounts: readonly number[]): readonly Tender[] =>
  amounts.map((amountMinor) => ({ kind: "cash", amountMinor }));

describe("settleCash (CS)", () => {
  test("[CS1] change is what was offered beyond the total", () => {
    expect(settleCash(870, cash(1000))).toEqual({
      ok: true,
      value: {
        tenders: cash(1000),
        tenderedMinor: 1000,
        roundingMinor: 0,
        changeMinor: 130,
        voucherChangeMinor: 0,
        forfeitedMinor: 0,
        tipMinor: 0,
        storedValue: [],
      },
    });
    expect(settleCash(870, cash(500, 370))).toMatchObject({ value: { changeMinor: 0 } });
    expect(settleCash(0, [])).toMatchObject({ value: { changeMinor: 0 } });
  });

  test("[CS2] too little is refused with what is missing", () => {
    expect(settleCash(870, cash(500))).toEqual({
      ok: false,
      error: {
        type: "Underpaid",
        totalMinor: 870,
        tenderedMinor: 500,
        missingMinor: 370,
        missingInCashMinor: 370,
      },
    });
    expect(settleCash(1, [])).toMatchObject({ error: { missingMinor: 1 } });
  });

  test("[CS3] all faults of the tenders are said at once", () => {
    const tenders = [
      { kind: "shells", amountMinor: 0.5 },
      ...cash(0, -5, 1000),
    ] as readonly Tender[];
    expect(settleCash(100, tenders)).toEqual({
      ok: false,
      error: {
        type: "Tenders",
        faults: [
          { pointer: "/tenders/0/kind", code: "UnknownTender", kind: "shells" },
          { pointer: "/tenders/0/amount", code: "TenderNotPositive", amountMinor: 0.5 },
          { pointer: "/tenders/1/amount", code: "TenderNotPositive", amountMinor: 0 },
          { pointer: "/tenders/2/amount", code: "TenderNotPositive", amountMinor: -5 },
        ],
      },
    });
  });

  test("[CS3] more than twenty tenders, or more than fits, are refused", () => {
    const pennies = cash(...Array.from({ length: 21 }, () => 1));
    expect(settleCash(1, pennies)).toMatchObject({
      error: { faults: [{ code: "TooManyTenders", count: 21, tendersMax: 20 }] },
    });
    expect(settleCash(1, pennies.slice(1)).ok).toBe(true);
    const max = Number.MAX_SAFE_INTEGER;
    expect(settleCash(1, cash(max, 1))).toMatchObject({
      error: { faults: [{ code: "AmountTooLarge" }] },
    });
  });

  test("[CS1] [CS2] what is offered is the total and the change, or too little", () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 10 ** 9 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.nat(10 ** 9), amounts, (totalMinor, offered) => {
        const settled = settleCash(totalMinor, cash(...offered));
        const sum = offered.reduce((all, amount) => all + amount, 0);
        expect(settled.ok).toBe(sum >= totalMinor);
        if (settled.ok) expect(totalMinor + settled.value.changeMinor).toBe(sum);
        else expect(settled.error).toMatchObject({ missingMinor: totalMinor - sum });
      }),
    );
  });
});

import { describe, expect, test } from "vitest";
import { addMoney, subtractMoney, sumMoney } from "./money.ts";

const gbp = (minor: number) => ({ minor, currency: "GBP" });

describe("money (MN)", () => {
  test("[MN1] sums and differences are exact", () => {
    expect(addMoney(gbp(10), gbp(20))).toEqual({ ok: true, value: gbp(30) });
    expect(subtractMoney(gbp(10), gbp(20))).toEqual({ ok: true, value: gbp(-10) });
    expect(sumMoney([], "GBP")).toEqual({ ok: true, value: gbp(0) });
  });

  test("[MN1] what does not fit is refused", () => {
    expect(addMoney(gbp(Number.MAX_SAFE_INTEGER), gbp(1))).toEqual({
      ok: false,
      error: { type: "Overflow", value: "9007199254740992" },
    });
  });

  test("[MN2] currencies do not mix", () => {
    expect(subtractMoney(gbp(1), { minor: 1, currency: "EUR" })).toEqual({
      ok: false,
      error: { type: "CurrencyMismatch", expected: "GBP", found: "EUR" },
    });
  });
});

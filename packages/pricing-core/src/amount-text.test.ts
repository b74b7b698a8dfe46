import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatAmount, parseAmount, parseRatePercent } from "./amount-text.ts";

describe("amounts as text (MN)", () => {
  test.each([
    ["2.90", "GBP", 290],
    ["2.9", "GBP", 290],
    ["3", "GBP", 300],
    ["0", "EUR", 0],
    ["120", "JPY", 120],
    ["1.234", "KWD", 1234],
    ["0.0001", "CLF", 1],
  ])("[MN6] %s of %s is %i", (text, currency, minor) => {
    expect(parseAmount(text, currency)).toEqual({ ok: true, value: minor });
  });

  test.each([
    "",
    "-1",
    "+1",
    "1.",
    ".5",
    "1,50",
    "1 000",
    "2.905",
    "1e3",
    "£1",
    "99999999999999999",
  ])("[MN6] %j is refused, never rounded", (text) => {
    expect(parseAmount(text, "GBP")).toEqual({
      ok: false,
      error: { type: "AmountText", text, decimalsMax: 2 },
    });
  });

  test("[MN6] per cent become basis points", () => {
    expect(parseRatePercent("17.5")).toEqual({ ok: true, value: 1750 });
    expect(parseRatePercent("17.505").ok).toBe(false);
  });

  test("[MN6] what is written is read back", () => {
    expect(formatAmount(-5, "GBP")).toBe("-0.05");
    const amount = fc.tuple(fc.maxSafeNat(), fc.constantFrom("GBP", "JPY", "KWD", "CLF"));
    fc.assert(
      fc.property(amount, ([minor, currency]) => {
        expect(parseAmount(formatAmount(minor, currency), currency)).toEqual({
          ok: true,
          value: minor,
        });
      }),
    );
  });
});

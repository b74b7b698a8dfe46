import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currencyDecimals } from "../amount-text.ts";
import type { RoundingMode } from "../rounding.ts";
import { roundCash } from "./cash-rounding.ts";
import { cashSteps, usualCashRounding } from "./cash-steps.ts";

const steps = fc.constantFrom(1, 5, 10, 50, 100, 500);
const modes = fc.constantFrom<RoundingMode>("half-up", "half-down", "half-even");
const amounts = fc.oneof(
  fc.integer({ min: -2000, max: 2000 }),
  fc.integer({ min: -(10 ** 12), max: 10 ** 12 }),
);

function rounded(amountMinor: number, stepMinor: number, mode: RoundingMode): number {
  const result = roundCash(amountMinor, { stepMinor, mode });
  if (!result.ok) throw new Error(result.error.value);
  return result.value;
}

describe("roundCash (PY)", () => {
  test("[PY1] the nearest multiple of the step; a half as the mode says", () => {
    expect([1, 2, 3, 7, 8].map((minor) => rounded(minor, 5, "half-up"))).toEqual([0, 0, 5, 5, 10]);
    expect([25, -25].map((minor) => rounded(minor, 50, "half-up"))).toEqual([50, -50]);
    expect([25, -25].map((minor) => rounded(minor, 50, "half-down"))).toEqual([0, 0]);
    expect([25, 75].map((minor) => rounded(minor, 50, "half-even"))).toEqual([0, 100]);
  });

  test("[PY1] [PY6] no multiple is nearer, and -x is rounded to minus what x is", () => {
    fc.assert(
      fc.property(amounts, steps, modes, (minor, step, mode) => {
        const result = rounded(minor, step, mode);
        expect(Math.abs(result % step)).toBe(0);
        expect(2 * Math.abs(result - minor)).toBeLessThanOrEqual(step);
        expect(rounded(0 - minor, step, mode)).toBe(0 - result);
      }),
    );
  });

  test("[PY1] what does not fit a safe integer is refused", () => {
    const amountMinor = Number.MAX_SAFE_INTEGER;
    expect(roundCash(amountMinor, { stepMinor: 500, mode: "half-up" })).toMatchObject({
      ok: false,
      error: { type: "Overflow" },
    });
  });

  test("[PY7] the usual steps: one per country, in minor units of its currency", () => {
    expect(new Set(cashSteps.map(({ country }) => country)).size).toBe(cashSteps.length);
    expect(usualCashRounding("CH", "CHF")).toEqual({ stepMinor: 5, mode: "half-up" });
    expect(usualCashRounding("DE", "EUR")).toBeUndefined();
    const major = ["SE", "NO", "CZ", "DK", "HU", "NZ", "AU", "CA", "FI"].map((country) => {
      const step = cashSteps.find((each) => each.country === country);
      return (step?.stepMinor ?? 0) / 10 ** (currencyDecimals(step?.currency ?? "") ?? 0);
    });
    expect(major).toEqual([1, 1, 1, 0.5, 5, 0.1, 0.05, 0.05, 0.05]);
  });
});

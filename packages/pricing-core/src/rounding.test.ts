import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { roundRatio, scaleInteger, type RoundingMode } from "./rounding.ts";

const modes: readonly RoundingMode[] = ["half-up", "half-down", "half-even"];

describe("rounding (MN)", () => {
  test.each([
    ["half-up", [1n, 2n, 3n, -1n, -2n]],
    ["half-down", [0n, 1n, 2n, 0n, -1n]],
    ["half-even", [0n, 2n, 2n, 0n, -2n]],
  ] as const)("[MN3] %s of 0.5, 1.5, 2.5, -0.5, -1.5", (mode, expected) => {
    expect([1n, 3n, 5n, -1n, -3n].map((half) => roundRatio(half, 2n, mode))).toEqual(expected);
  });

  test("[MN3] what is no half goes to the nearest integer in every mode", () => {
    for (const mode of modes) {
      expect([4n, 5n, -4n, -5n].map((third) => roundRatio(third, 3n, mode))).toEqual([
        1n,
        2n,
        -1n,
        -2n,
      ]);
    }
  });

  test("[MN4] the rounding of -x is minus the rounding of x, and within half a unit", () => {
    const ratio = fc.tuple(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 12n }));
    fc.assert(
      fc.property(ratio, fc.constantFrom(...modes), ([numerator, denominator], mode) => {
        const rounded = roundRatio(numerator, denominator, mode);
        expect(roundRatio(-numerator, denominator, mode)).toBe(-rounded);
        const gap = (rounded * denominator - numerator) * 2n;
        expect(gap <= denominator && gap >= -denominator).toBe(true);
      }),
    );
  });

  test("[MN5] a product beyond safe integers is exact inside and refused outside", () => {
    const max = Number.MAX_SAFE_INTEGER;
    expect(scaleInteger(max, { numerator: max, denominator: max }, "half-up")).toEqual({
      ok: true,
      value: max,
    });
    expect(scaleInteger(max, { numerator: 2, denominator: 1 }, "half-up")).toEqual({
      ok: false,
      error: { type: "Overflow", value: "18014398509481982" },
    });
  });
});

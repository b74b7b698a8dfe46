import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addSafe, subtractSafe, sumSafe } from "./integer.ts";

describe("integer laws (IN)", () => {
  test("[IN1] a sum is exact, or refused because the exact sum is not safe", () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        const exact = values.reduce((sum, value) => sum + BigInt(value), 0n);
        const isSafe = exact >= Number.MIN_SAFE_INTEGER && exact <= Number.MAX_SAFE_INTEGER;
        expect(sumSafe(values)).toEqual(
          isSafe
            ? { ok: true, value: Number(exact) }
            : { ok: false, error: { type: "Overflow", value: String(exact) } },
        );
      }),
    );
  });

  test("[IN2] the order of the values does not matter", () => {
    const max = Number.MAX_SAFE_INTEGER;
    expect(sumSafe([max, 1, -1])).toEqual(sumSafe([1, -1, max]));
  });

  test("[IN1] one more than the largest is refused, in both directions", () => {
    expect(addSafe(Number.MAX_SAFE_INTEGER, 1)).toEqual({
      ok: false,
      error: { type: "Overflow", value: "9007199254740992" },
    });
    expect(subtractSafe(Number.MIN_SAFE_INTEGER, 1).ok).toBe(false);
    expect(subtractSafe(5, 7)).toEqual({ ok: true, value: -2 });
  });

  test("[IN1] an operand that is no safe integer is refused", () => {
    expect(addSafe(0.5, 0.5)).toEqual({ ok: false, error: { type: "Overflow", value: "0.5" } });
    expect(addSafe(Number.NaN, 1).ok).toBe(false);
  });
});

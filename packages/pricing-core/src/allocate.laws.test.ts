import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate } from "./allocate.ts";

const totals = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
const weights = fc
  .array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1, maxLength: 20 })
  .filter((all) => all.some((weight) => weight > 0));

function sharesOf(total: number, of: readonly number[]): readonly number[] {
  const shares = allocate(total, of);
  if (!shares.ok) throw new Error(shares.error.type);
  return shares.value;
}

describe("allocate (AL)", () => {
  test("[AL3] of equal remainders the lowest index is raised first", () => {
    expect(sharesOf(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(sharesOf(5, [1, 2, 1, 2])).toEqual([1, 2, 1, 1]);
  });

  test("[AL5] no positive weight, or a negative one, is refused", () => {
    expect(allocate(100, [])).toEqual({ ok: false, error: { type: "Weights", weights: [] } });
    expect(allocate(100, [0, 0]).ok).toBe(false);
    expect(allocate(100, [2, -1]).ok).toBe(false);
  });
});

describe("allocate laws (AL)", () => {
  test("[AL1] [AL2] the shares add up to the total, each within one unit of the exact share", () => {
    fc.assert(
      fc.property(totals, weights, (total, of) => {
        const shares = sharesOf(total, of);
        const weightSum = of.reduce((sum, weight) => sum + BigInt(weight), 0n);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total);
        for (const [index, share] of shares.entries()) {
          const gap = BigInt(share) * weightSum - BigInt(total) * BigInt(of[index]!);
          expect(gap < weightSum && gap > -weightSum).toBe(true);
        }
      }),
    );
  });

  test("[AL4] the shares of -x mirror those of x", () => {
    fc.assert(
      fc.property(totals, weights, (total, of) => {
        const mirrored = sharesOf(-total, of).map((share) => 0 - share);
        expect(mirrored).toEqual(sharesOf(total, of));
      }),
    );
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";

const options = { baseMs: 250, maxMs: 15_000 };

function waits(count: number, random: () => number): readonly number[] {
  const backoff = createBackoff({ ...options, random });
  return Array.from({ length: count }, () => backoff.nextMs());
}

const almostOne = () => 1 - Number.EPSILON;

describe("back-off (DI)", () => {
  test("[DI1] the span doubles up to the bound", () => {
    expect(waits(9, almostOne)).toEqual([
      499, 999, 1_999, 3_999, 7_999, 14_999, 14_999, 14_999, 14_999,
    ]);
    expect(waits(9, () => 0)).toEqual(Array.from({ length: 9 }, () => 125));
  });

  test("[DI1] no wait is shorter than half the base or longer than the bound, whatever chance says", () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1, maxLength: 100 }), (draws) => {
        let index = 0;
        for (const wait of waits(draws.length, () => draws[index++]!)) {
          expect(wait).toBeGreaterThanOrEqual(125);
          expect(wait).toBeLessThanOrEqual(15_000);
        }
      }),
    );
  });

  test("[DI2] after a link that lasted it begins anew", () => {
    const backoff = createBackoff({ ...options, random: () => 0.999 });
    for (let n = 0; n < 10; n += 1) backoff.nextMs();
    backoff.reset();
    expect(backoff.nextMs()).toBeLessThan(500);
  });
});

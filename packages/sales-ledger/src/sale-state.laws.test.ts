import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptySale, foldSale, lineStates, mergeSales, saleExceptions } from "./sale-state.ts";
import { tillActs } from "./testing/arbitraries.ts";
import { testLedger } from "./testing/test-ledger.ts";
import { playOn, playTill } from "./testing/till-acts.ts";

/** Sales with whatever was given back of them, by two clones of a till that went apart. */
const apart = fc.tuple(tillActs(20), tillActs(10), tillActs(10)).map(([common, ours, theirs]) => {
  const sold = playTill(testLedger("dev_1"), common);
  const a = playOn(sold, ours).ledger.entries;
  const b = playOn(sold, theirs).ledger.entries;
  return { entries: [...new Set([...a, ...b])], sales: sold.sales.map(({ saleId }) => saleId) };
});

describe("sale laws (RF)", () => {
  test("[RF8] order, repetition and grouping of facts do not matter", () => {
    fc.assert(
      fc.property(
        apart.chain(({ entries, sales }) =>
          fc.record({
            sales: fc.constant(sales),
            entries: fc.constant(entries),
            shuffled: fc.shuffledSubarray([...entries, ...entries], {
              minLength: entries.length * 2,
            }),
            cut: fc.nat(entries.length),
          }),
        ),
        ({ sales, entries, shuffled, cut }) => {
          for (const saleId of sales) {
            const empty = emptySale(saleId);
            const whole = entries.reduce(foldSale, empty);
            const a = entries.slice(0, cut).reduce(foldSale, empty);
            const b = entries.slice(cut).reduce(foldSale, empty);
            expect(shuffled.reduce(foldSale, empty)).toEqual(whole);
            expect(mergeSales(a, b)).toEqual(whole);
            expect(mergeSales(b, a)).toEqual(whole);
            expect(mergeSales(whole, whole)).toEqual(whole);
            expect(lineStates(mergeSales(b, a))).toEqual(lineStates(whole));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test("[RF9] one till alone never gives back more than it sold", () => {
    fc.assert(
      fc.property(tillActs(60), (acts) => {
        for (const sale of playTill(testLedger("dev_1"), acts).sales) {
          expect(saleExceptions(sale)).toEqual([]);
          for (const { sold, refunded, reversed, remaining } of lineStates(sale)) {
            expect(refunded.amountMinor + reversed.amountMinor + remaining.amountMinor).toBe(
              sold.amountMinor,
            );
          }
        }
      }),
    );
  });
});

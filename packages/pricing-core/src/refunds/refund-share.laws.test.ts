import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refundShare, type LineMoney } from "./refund-share.ts";

const nothing: LineMoney = { quantityMilli: 0, amountMinor: 0, taxMinor: 0 };

const sale = fc
  .record({
    quantityMilli: fc.integer({ min: 1, max: 10 ** 6 }),
    amountMinor: fc.oneof(fc.nat(20), fc.nat(10 ** 9)),
    taxShare: fc.nat(1000),
  })
  .map(({ quantityMilli, amountMinor, taxShare }): LineMoney => {
    return { quantityMilli, amountMinor, taxMinor: Math.floor((amountMinor * taxShare) / 1000) };
  });

function plus(a: LineMoney, b: LineMoney): LineMoney {
  return {
    quantityMilli: a.quantityMilli + b.quantityMilli,
    amountMinor: a.amountMinor + b.amountMinor,
    taxMinor: a.taxMinor + b.taxMinor,
  };
}

function share(sold: LineMoney, refunded: LineMoney, quantityMilli: number): LineMoney {
  const result = refundShare(sold, refunded, quantityMilli);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe("refundShare (RS)", () => {
  test("[RS1] 1.00 for three pieces goes back as 0.33, 0.34 and 0.33", () => {
    const sold = { quantityMilli: 3000, amountMinor: 100, taxMinor: 17 };
    let refunded = nothing;
    const steps = [1, 2, 3].map(() => {
      const step = share(sold, refunded, 1000);
      refunded = plus(refunded, step);
      return [step.amountMinor, step.taxMinor];
    });
    expect(steps).toEqual([
      [33, 6],
      [34, 5],
      [33, 6],
    ]);
  });

  test("[RS3] more than is left is refused, and so is nothing or less", () => {
    const sold = { quantityMilli: 3000, amountMinor: 100, taxMinor: 17 };
    const refunded = { quantityMilli: 2000, amountMinor: 67, taxMinor: 11 };
    expect(refundShare(sold, refunded, 1001)).toEqual({
      ok: false,
      error: { type: "OverRefund", quantityMilli: 1001, leftMilli: 1000 },
    });
    for (const quantityMilli of [0, -1, 0.5, Number.NaN]) {
      expect(refundShare(sold, refunded, quantityMilli)).toEqual({
        ok: false,
        error: { type: "RefundQuantity", quantityMilli, leftMilli: 1000 },
      });
    }
    expect(refundShare(sold, { ...sold, quantityMilli: 4000 }, 1)).toMatchObject({
      error: { type: "OverRefund", leftMilli: 0 },
    });
  });

  test("[RS5] after refunds made apart, later ones catch up and none is negative", () => {
    const sold = { quantityMilli: 10_000, amountMinor: 5, taxMinor: 1 };
    const apart = share(sold, nothing, 1000);
    const five = [apart, apart, apart, apart, apart].reduce(plus);
    expect(five).toMatchObject({ quantityMilli: 5000, amountMinor: 5 });
    expect(share(sold, five, 1000)).toMatchObject({ amountMinor: 0 });
    expect(plus(five, share(sold, five, 5000)).amountMinor).toBe(5);
  });
});

describe("refundShare laws (RS)", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 10 ** 6 }), { maxLength: 12 });

  test("[RS1] [RS2] [RS4] any steps to the end give exactly the whole, and never more on the way", () => {
    fc.assert(
      fc.property(sale, cuts, (sold, wanted) => {
        let refunded = nothing;
        for (const cut of [...wanted, sold.quantityMilli]) {
          const quantityMilli = Math.min(cut, sold.quantityMilli - refunded.quantityMilli);
          if (quantityMilli === 0) break;
          const step = share(sold, refunded, quantityMilli);
          expect(step.amountMinor >= 0 && step.taxMinor >= 0).toBe(true);
          expect(step.taxMinor <= step.amountMinor).toBe(true);
          refunded = plus(refunded, step);
          expect(refunded.amountMinor <= sold.amountMinor).toBe(true);
          expect(refunded.taxMinor <= sold.taxMinor).toBe(true);
        }
        expect(refunded).toEqual(sold);
      }),
    );
  });

  test("[RS1] what is refunded depends on how far it got, not on the steps", () => {
    fc.assert(
      fc.property(sale, fc.nat(), fc.nat(), (sold, a, b) => {
        const first = 1 + (a % sold.quantityMilli);
        const through = first + (b % (sold.quantityMilli - first + 1));
        const once = share(sold, nothing, through);
        const begun = share(sold, nothing, first);
        const twice = through === first ? begun : plus(begun, share(sold, begun, through - first));
        expect(twice).toEqual(once);
      }),
    );
  });

  test("[RS5] refunds made apart never give more than was sold, once they know of each other", () => {
    fc.assert(
      fc.property(sale, cuts, (sold, wanted) => {
        const half = Math.ceil(sold.quantityMilli / 2);
        const apart = share(sold, nothing, half);
        let refunded = plus(apart, share(sold, nothing, sold.quantityMilli - half || half));
        const before = refunded;
        for (const cut of wanted) {
          const left = sold.quantityMilli - refunded.quantityMilli;
          if (left <= 0) break;
          refunded = plus(refunded, share(sold, refunded, Math.min(cut, left)));
        }
        const limit = Math.max(sold.amountMinor, before.amountMinor);
        expect(refunded.amountMinor <= limit).toBe(true);
      }),
    );
  });
});

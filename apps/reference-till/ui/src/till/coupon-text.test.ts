import { expect, test } from "vitest";
import { couponObjection, couponStates } from "./coupon-text.ts";

const quote = {
  rejectedCoupons: [
    { code: "OLD", reason: "expired" },
    { code: "LATER", reason: "no-effect" },
    { code: "ODD", reason: "something newer" },
  ],
};

test("a coupon counts unless the quote says why not", () => {
  expect(couponStates(["WELCOME", "OLD", "ODD"], quote)).toEqual([
    { code: "WELCOME", tone: "good", text: "counts" },
    { code: "OLD", tone: "alone", text: "has expired" },
    { code: "ODD", tone: "alone", text: "is not taken" },
  ]);
});

test("until there is a quote nobody knows", () => {
  expect(couponStates(["WELCOME"], undefined)).toMatchObject([{ tone: "waiting" }]);
  expect(couponStates(["WELCOME"], {})).toMatchObject([{ tone: "good" }]);
});

test("what has no effect yet may be kept, what never will is refused", () => {
  expect(couponObjection("OLD", quote)).toBe("OLD has expired.");
  expect(couponObjection("LATER", quote)).toBeUndefined();
  expect(couponObjection("WELCOME", quote)).toBeUndefined();
});

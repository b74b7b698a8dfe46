import { expect, test } from "vitest";
import { manualText, withCoupon, withGroup, withoutCoupon, withServing } from "./terms.ts";

test("a coupon is kept once, without the spaces around it", () => {
  const order = withCoupon(withCoupon({}, " WELCOME "), "WELCOME");
  expect(order).toEqual({ coupons: ["WELCOME"] });
  expect(withCoupon(order, "  ")).toBe(order);
  expect(withoutCoupon(order, "WELCOME")).toEqual({});
});

test("what goes without saying is not said", () => {
  expect(withServing({}, "take-away")).toEqual({ serving: "take-away" });
  expect(withServing({ serving: "take-away" }, "eat-in")).toEqual({});
  expect(withGroup({ customerGroup: "staff" }, "")).toEqual({});
});

test("a discount in words", () => {
  expect(manualText({ percent: "12.5" })).toBe("12.5 %");
  expect(manualText({ amount: { minor: 250, currency: "GBP" } })).toBe("£2.50");
});

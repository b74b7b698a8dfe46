import type { BusinessDate } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { dealContextOf, listedLinesOf } from "../testing/index.ts";
import { bestDeal } from "./best-deal.ts";
import type { PromotionContext } from "./deal.ts";
import { whyNotInForce } from "./in-force-here.ts";
import type { PromotionItem } from "./promotion-item.ts";

const half: PromotionItem = {
  id: "half",
  name: "Half price",
  rule: { kind: "percent", items: { everything: true }, percentBp: 5000 },
};

function why(more: Partial<PromotionItem>, context: Partial<PromotionContext> = {}) {
  return whyNotInForce({ ...half, ...more }, dealContextOf([], context));
}

function at(date: string, time: string): Partial<PromotionContext> {
  return { at: { date: date as BusinessDate, time, weekday: 7 } };
}

describe("in force here and now (PR)", () => {
  test("[PR5] a day is there from midnight to its end", () => {
    const advent = { effectiveFrom: "2026-11-29", effectiveTo: "2026-12-24" };
    expect(why(advent, at("2026-11-28", "23:59"))).toBe("not-yet");
    expect(why(advent, at("2026-11-29", "00:00"))).toBeUndefined();
    expect(why(advent, at("2026-12-24", "23:59"))).toBeUndefined();
    expect(why(advent, at("2026-12-25", "00:00"))).toBe("expired");
  });

  test("[PR5] a day and a time is the first minute with, and the first without", () => {
    const noon = { effectiveFrom: "2026-11-22T09:30", effectiveTo: "2026-11-22T12:00" };
    expect(why(noon, at("2026-11-22", "09:29"))).toBe("not-yet");
    expect(why(noon, at("2026-11-22", "09:30"))).toBeUndefined();
    expect(why(noon, at("2026-11-22", "11:59"))).toBeUndefined();
    expect(why(noon, at("2026-11-22", "12:00"))).toBe("expired");
  });

  test("[PR7] it counts where, for whom and in the currency it says", () => {
    expect(why({ locations: ["loc_2", "loc_1"] })).toBeUndefined();
    expect(why({ locations: ["loc_2"] })).toBe("elsewhere");
    expect(why({ customerGroups: ["staff"] })).toBe("elsewhere");
    expect(why({ customerGroups: ["staff"] }, { customerGroups: ["staff"] })).toBeUndefined();
    expect(why({ currency: "GBP" })).toBeUndefined();
    expect(why({ currency: "EUR" })).toBe("elsewhere");
    expect(why({ times: [{ weekdays: [1], from: "09:00", to: "12:00" }] })).toBe("elsewhere");
    expect(why({ times: [{ weekdays: [7], from: "09:00", to: "12:00" }] })).toBeUndefined();
    expect(why({ coupon: "TEN" })).toBe("elsewhere");
    expect(why({ coupon: "TEN" }, { coupons: ["TEN"] })).toBeUndefined();
  });

  test("[PR7] [DL5] uses before this basket leave fewer for it", () => {
    expect(why({ customerMax: 2 }, { usedByCustomer: { half: 1 } })).toBeUndefined();
    expect(why({ customerMax: 2 }, { usedByCustomer: { half: 2 } })).toBe("used-up");
    expect(why({ customerMax: 2 }, { usedByCustomer: { other: 2 } })).toBeUndefined();
    const context = dealContextOf([{ ...half, customerMax: 3 }], { usedByCustomer: { half: 1 } });
    const { applied } = bestDeal(listedLinesOf([{ sku: "A", priceMinor: 100, count: 5 }]), context);
    expect(applied).toMatchObject([{ times: 2, amountMinor: 100 }]);
  });
});

function because(reason: string) {
  return [{ code: "HALF", reason }];
}

describe("coupons (PR)", () => {
  const coffee = listedLinesOf([{ sku: "A", priceMinor: 100 }]);
  const coupon = { ...half, coupon: "HALF" };
  const rejected = (item: PromotionItem, more: Partial<PromotionContext> = {}) =>
    bestDeal(coffee, dealContextOf([item], { coupons: ["HALF"], ...more })).rejectedCoupons;

  test("[PR8] one that brings something is not rejected, and is needed", () => {
    const deal = bestDeal(coffee, dealContextOf([coupon], { coupons: ["HALF"] }));
    expect(deal).toMatchObject({ applied: [{ id: "half" }], rejectedCoupons: [] });
    expect(bestDeal(coffee, dealContextOf([coupon])).applied).toEqual([]);
  });

  test("[PR8] each of the others has one reason", () => {
    expect(rejected({ ...coupon, coupon: "OTHER" })).toEqual(because("unknown"));
    expect(rejected({ ...coupon, effectiveTo: "2026-11-21" })).toEqual(because("expired"));
    expect(rejected({ ...coupon, effectiveFrom: "2026-11-23" })).toEqual(because("not-yet"));
    expect(rejected({ ...coupon, locations: ["loc_2"] })).toEqual(because("no-effect"));
    const usedByCustomer = { half: 1 };
    expect(rejected({ ...coupon, customerMax: 1 }, { usedByCustomer })).toEqual(because("used-up"));
    const rule = { kind: "percent", items: { skus: ["B"] }, percentBp: 5000 } as const;
    expect(rejected({ ...coupon, rule })).toEqual(because("no-effect"));
  });

  test("[PR8] of promotions with one code the nearest reason counts, and a code given twice is one", () => {
    const items = [
      { ...coupon, id: "a", effectiveTo: "2026-11-21" },
      { ...coupon, id: "b", effectiveFrom: "2026-11-23" },
    ];
    const context = dealContextOf(items, { coupons: ["HALF", "NONE", "HALF"] });
    expect(bestDeal(coffee, context).rejectedCoupons).toEqual([
      { code: "HALF", reason: "not-yet" },
      { code: "NONE", reason: "unknown" },
    ]);
  });
});

import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "@tillmesh/kernel";
import { checkPromotions, parsePromotionItem } from "./promotion-checks.ts";
import type { PromotionItem } from "./promotion-item.ts";
import { unknownSkuFaults } from "./promotion-skus.ts";

const items = { skus: ["A"] };
const percent = { kind: "percent", items, percentBp: 1000 };
const tier = (from: number) => ({ from, reduction: { kind: "percent", percentBp: 500 } });

const rules: readonly JsonObject[] = [
  percent,
  { kind: "amount", items: { departments: ["Food"] }, amountMinor: 100, spread: "each" },
  { kind: "fixed-price", items: { tags: ["new"] }, priceMinor: 0 },
  { kind: "buy-get", buy: items, buyQuantity: 2, getQuantity: 1, percentBp: 10_000 },
  { kind: "buy-get", buy: items, get: items, buyQuantity: 1, getQuantity: 1, percentBp: 1 },
  { kind: "x-for-y", items: { everything: true, except: items }, quantity: 3, payFor: 2 },
  { kind: "set", parts: [{ items, quantity: 1 }], reduction: { kind: "price", priceMinor: 500 } },
  { kind: "tiers", items, by: "quantity", tiers: [tier(3000), tier(6000)] },
  { kind: "basket", items, fromMinor: 5000, reduction: { kind: "amount", amountMinor: 500 } },
];

function promotion(rule: Json, more: JsonObject = {}): JsonObject {
  return { id: "p1", name: "Promotion", rule, ...more };
}

function faultsOf(value: Json, pointer = ""): readonly string[] {
  const parsed = parsePromotionItem(value, pointer);
  return parsed.ok ? [] : parsed.error.faults.map((fault) => `${fault.pointer} ${fault.code}`);
}

function unknown(rule: Json): readonly string[] {
  const item = promotion(rule) as unknown as PromotionItem;
  return unknownSkuFaults(item, (sku) => sku === "A").map(({ pointer }) => pointer);
}

function both(place: string): readonly string[] {
  return [`/rule/${place}/skus/1`, `/rule/${place}/except/skus/0`];
}

describe("published promotions (PR)", () => {
  test.each(rules)("[PR1] $kind is read, and each member of it is required", (rule) => {
    const value = promotion(rule);
    expect(parsePromotionItem(value)).toEqual({ ok: true, value });
    const missing = Object.keys(rule).filter((name) => name !== "kind" && name !== "get");
    expect(faultsOf(promotion({ kind: rule["kind"] }))).toEqual(
      missing.map((name) => `/rule/${name} Required`),
    );
  });

  test("[PR1] all that may be said is read, and what a later version says stays", () => {
    const value = promotion(percent, {
      effectiveFrom: "2026-12-01",
      effectiveTo: "2026-12-01T09:00",
      times: [{ weekdays: [1, 5], from: "17:00", to: "02:00" }],
      locations: ["loc_1"],
      customerGroups: ["members"],
      coupon: "TEN",
      currency: "GBP",
      priority: -1,
      group: "club",
      stacking: "stackable",
      basketMax: 2,
      customerMax: null,
      discountMaxMinor: 1000,
      later: { more: true },
    });
    expect(parsePromotionItem(value)).toEqual({ ok: true, value });
  });

  test("[PR1] all faults come at once, with pointers below the one given", () => {
    const value = {
      id: "",
      name: 3,
      effectiveFrom: "2026-02-30",
      effectiveTo: "tomorrow",
      times: [{ weekdays: [0, 8], from: "24:00", to: "9:00" }],
      locations: [],
      coupon: "x".repeat(65),
      currency: "pounds",
      priority: 1.5,
      stacking: "sometimes",
      basketMax: 0,
      customerMax: -1,
      discountMaxMinor: 0,
      rule: { kind: "percent", items: {}, percentBp: 10_001 },
    };
    expect(faultsOf(value, "/promotions/0")).toEqual(
      [
        "/id Format",
        "/name Type",
        "/effectiveFrom Format",
        "/effectiveTo Format",
        "/times/0/weekdays/0 OutOfRange",
        "/times/0/weekdays/1 OutOfRange",
        "/times/0/from Format",
        "/times/0/to Format",
        "/locations OutOfRange",
        "/coupon TooLong",
        "/currency Format",
        "/priority Type",
        "/stacking Unknown",
        "/basketMax OutOfRange",
        "/customerMax OutOfRange",
        "/discountMaxMinor OutOfRange",
        "/rule/items Required",
        "/rule/percentBp OutOfRange",
      ].map((fault) => `/promotions/0${fault}`),
    );
    expect(faultsOf(null)).toEqual([" Type"]);
    expect(faultsOf({})).toEqual(["/id Required", "/name Required", "/rule Required"]);
  });

  test.each<[string, JsonObject, string]>([
    ["2026-12-02", { effectiveTo: "2026-12-01" }, "/effectiveTo OutOfRange"],
    ["2026-12-01T09:00", { effectiveTo: "2026-12-01T09:00" }, "/effectiveTo OutOfRange"],
    ["2026-12-02", { effectiveTo: "2026-12-02T00:00" }, "/effectiveTo OutOfRange"],
  ])("[PR1] a promotion from %s ends after it begins: %j", (effectiveFrom, more, fault) => {
    expect(faultsOf(promotion(percent, { effectiveFrom, ...more }))).toEqual([fault]);
  });

  test("[PR1] a promotion may end on the day it begins", () => {
    const day = { effectiveFrom: "2026-12-01", effectiveTo: "2026-12-01" };
    expect(faultsOf(promotion(percent, day))).toEqual([]);
    const late = { effectiveFrom: "2026-12-01T23:59", effectiveTo: "2026-12-01" };
    expect(faultsOf(promotion(percent, late))).toEqual([]);
  });

  test.each<[JsonObject, readonly string[]]>([
    [{ kind: "free" }, ["/rule/kind Unknown"]],
    [{ kind: "x-for-y", items, quantity: 2, payFor: 2 }, ["/rule/payFor OutOfRange"]],
    [{ kind: "x-for-y", items, quantity: 2, payFor: 0 }, ["/rule/payFor OutOfRange"]],
    [{ ...percent, items: { everything: false } }, ["/rule/items Required"]],
    [{ ...percent, items: { except: items } }, ["/rule/items Required"]],
    [{ ...percent, items: { skus: ["A", "A"] } }, ["/rule/items/skus/1 Duplicate"]],
    [{ ...percent, items: { skus: [] } }, ["/rule/items/skus OutOfRange"]],
    [{ ...percent, items: { everything: "yes" } }, ["/rule/items/everything Type"]],
    [
      { kind: "amount", items, amountMinor: -1, spread: "some" },
      ["/rule/amountMinor OutOfRange", "/rule/spread Unknown"],
    ],
    [{ kind: "fixed-price", items, priceMinor: -1 }, ["/rule/priceMinor OutOfRange"]],
    [
      { kind: "tiers", items, by: "quantity", tiers: [tier(3), tier(3), tier(2)] },
      ["/rule/tiers/1/from OutOfRange", "/rule/tiers/2/from OutOfRange"],
    ],
    [{ kind: "tiers", items, by: "quantity", tiers: [] }, ["/rule/tiers OutOfRange"]],
    [
      { kind: "set", parts: [{ items: {}, quantity: 0 }], reduction: { kind: "gift" } },
      [
        "/rule/parts/0/items Required",
        "/rule/parts/0/quantity OutOfRange",
        "/rule/reduction/kind Unknown",
      ],
    ],
    [
      { kind: "basket", items, fromMinor: 0, reduction: { kind: "price", priceMinor: 1 } },
      ["/rule/reduction/kind Unknown"],
    ],
    [
      { kind: "basket", items, fromMinor: -1, reduction: { kind: "percent", percentBp: 0 } },
      ["/rule/fromMinor OutOfRange", "/rule/reduction/percentBp OutOfRange"],
    ],
  ])("[PR1] %j is none", (rule, faults) => {
    expect(faultsOf(promotion(rule))).toEqual(faults);
  });

  test("[PR2] of promotions published together each id is there once; all faults are said", () => {
    const values = [
      promotion(percent),
      promotion({ ...percent, percentBp: 0 }),
      promotion(percent, { id: "p2" }),
      promotion(percent),
    ];
    const faults = checkPromotions(values, "/promotions");
    expect(faults.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      "/promotions/1/rule/percentBp OutOfRange",
      "/promotions/1/id Duplicate",
      "/promotions/3/id Duplicate",
    ]);
    expect(checkPromotions([null, {}]).filter(({ code }) => code === "Duplicate")).toEqual([]);
  });

  test("[PR3] each SKU that nobody sells is named, wherever it stands", () => {
    const selector = { skus: ["A", "X"], except: { skus: ["Y"] } };
    expect(unknown({ ...percent, items: selector })).toEqual(both("items"));
    const buyGet = { kind: "buy-get", buy: selector, get: selector };
    expect(unknown(buyGet)).toEqual([...both("buy"), ...both("get")]);
    const set = { kind: "set", parts: [{ items }, { items: selector }] };
    expect(unknown(set)).toEqual(both("parts/1/items"));
    expect(unknown(percent)).toEqual([]);
  });
});

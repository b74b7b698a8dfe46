import { describe, expect, test } from "vitest";
import { dealContextOf, listedLineOf, listedLinesOf, type LineFacts } from "../testing/index.ts";
import { bestDeal } from "./best-deal.ts";
import type { PromotionItem, PromotionRule } from "./promotion-item.ts";

const everything = { everything: true } as const;
const percent = (percentBp: number): PromotionRule => ({
  kind: "percent",
  items: everything,
  percentBp,
});
const threeForTwo: PromotionRule = { kind: "x-for-y", items: everything, quantity: 3, payFor: 2 };

function item(rule: PromotionRule, more: Partial<PromotionItem> = {}): PromotionItem {
  return { id: "p", name: "Promotion", ...more, rule };
}

function offsOf(lines: readonly LineFacts[], items: readonly PromotionItem[]) {
  const deal = bestDeal(listedLinesOf(lines), dealContextOf(items));
  return Object.fromEntries(
    Array.from(deal.discounts, ([lineId, discounts]) => [
      lineId,
      discounts.map(({ id, amountMinor }) => `${id} ${amountMinor}`).join(", "),
    ]),
  );
}

const set = (priceMinor: number): PromotionRule => ({
  kind: "set",
  parts: [
    { items: { skus: ["A"] }, quantity: 1 },
    { items: { skus: ["B", "C"] }, quantity: 1 },
  ],
  reduction: { kind: "price", priceMinor },
});
const basket = (percentBp: number): PromotionRule => ({
  kind: "basket",
  items: everything,
  fromMinor: 200,
  reduction: { kind: "percent", percentBp },
});

const a = { sku: "A", priceMinor: 100 };
const b = { sku: "B", priceMinor: 90 };
const c = { sku: "C", priceMinor: 40 };
const cheese = {
  sku: "K",
  priceMinor: 1999,
  unit: "kg",
  quantityMilli: 345,
  listAmountMinor: 690,
} as const;

describe("bestDeal (DL)", () => {
  test("[DL1] a percentage is rounded once per lot, not per unit", () => {
    expect(offsOf([{ sku: "S", priceMinor: 4, count: 100 }], [item(percent(1000))])).toEqual({
      "1": "p 40",
    });
  });

  test("[DL1] of three the cheapest is free; of six, dearest first, the third and the sixth", () => {
    expect(offsOf([a, b, c], [item(threeForTwo)])).toEqual({ "3": "p 40" });
    const six = [
      { ...a, count: 3 },
      { ...c, count: 3 },
    ];
    expect(offsOf(six, [item(threeForTwo)])).toEqual({ "1": "p 100", "2": "p 40" });
  });

  test("[DL1] the second at half price, and a gift of another department", () => {
    const second = { kind: "buy-get", buy: everything, buyQuantity: 1, getQuantity: 1 } as const;
    expect(offsOf([a, b, c], [item({ ...second, percentBp: 5000 })])).toEqual({ "2": "p 45" });
    const gift: PromotionRule = {
      ...second,
      buy: { skus: ["A"] },
      get: { skus: ["C"] },
      percentBp: 10_000,
    };
    expect(offsOf([a, b, { ...c, count: 2 }], [item(gift)])).toEqual({ "3": "p 40" });
  });

  test("[DL1] a set for a price has the dearest that fit, a set that costs less has none", () => {
    expect(offsOf([a, b, c], [item(set(100))])).toEqual({ "1": "p 47", "2": "p 43" });
    expect(offsOf([a, b, c], [item(set(190))])).toEqual({});
  });

  test("[DL1] the best tier that is reached counts, for all of it", () => {
    const tiers: PromotionRule = {
      kind: "tiers",
      items: everything,
      by: "quantity",
      tiers: [
        { from: 2000, reduction: { kind: "percent", percentBp: 1000 } },
        { from: 3000, reduction: { kind: "price", priceMinor: 80 } },
      ],
    };
    expect(offsOf([a], [item(tiers)])).toEqual({});
    expect(offsOf([{ ...a, count: 2 }], [item(tiers)])).toEqual({ "1": "p 20" });
    expect(offsOf([{ ...a, count: 4 }], [item(tiers)])).toEqual({ "1": "p 80" });
  });

  test("[DL1] a weighed line is one whole, and its amounts go by its quantity", () => {
    expect(offsOf([cheese], [item(percent(1000))])).toEqual({ "1": "p 69" });
    const each = { kind: "amount", items: everything, amountMinor: 200, spread: "each" } as const;
    expect(offsOf([cheese], [item(each)])).toEqual({ "1": "p 69" });
    const fixed = { kind: "fixed-price", items: everything, priceMinor: 1500 } as const;
    expect(offsOf([cheese], [item(fixed)])).toEqual({ "1": "p 172" });
    expect(offsOf([cheese, cheese, cheese], [item(threeForTwo)])).toEqual({});
  });

  test("[DL1] stackable ones apply in turn on what is left, an exclusive one alone", () => {
    const ten = item(percent(1000), { id: "ten", stacking: "stackable", group: "g1", priority: 2 });
    const half = item(percent(5000), {
      id: "half",
      stacking: "stackable",
      group: "g2",
      priority: 1,
    });
    expect(offsOf([a], [ten, half])).toEqual({ "1": "half 50, ten 5" });
    expect(offsOf([a], [ten, { ...half, group: "g1" }])).toEqual({ "1": "half 50" });
    expect(offsOf([a], [ten, half, item(percent(6000), { id: "sixty" })])).toEqual({
      "1": "sixty 60",
    });
  });

  test("[DL2] an amount is spread over what the lines cost, the odd one to the dearest of equals", () => {
    const across = {
      kind: "amount",
      items: everything,
      amountMinor: 100,
      spread: "across",
    } as const;
    const equal = ["X", "Y", "Z"].map((sku) => ({ sku, priceMinor: 50 }));
    expect(offsOf(equal, [item(across)])).toEqual({ "1": "p 34", "2": "p 33", "3": "p 33" });
    expect(offsOf(equal.toReversed(), [item(across)])).toEqual({
      "1": "p 33",
      "2": "p 33",
      "3": "p 34",
    });
    expect(offsOf([{ sku: "X", priceMinor: 60 }], [item(across)])).toEqual({ "1": "p 60" });
  });

  test("[DL6] for the whole basket it is what the list prices reach that counts", () => {
    const half = item(percent(5000), { id: "half" });
    expect(offsOf([a, a], [half, item(basket(1000))])).toEqual({
      "1": "half 50, p 5",
      "2": "half 50, p 5",
    });
    expect(offsOf([a, b], [item(basket(1000))])).toEqual({});
    expect(offsOf([a, a], [item(basket(1000)), item(basket(2000), { id: "q" })])).toEqual({
      "1": "q 20",
      "2": "q 20",
    });
  });

  test("[DL7] a deposit is neither lowered nor counted", () => {
    const deposit = { ...c, isDiscountable: false };
    expect(offsOf([a, b, deposit], [item(threeForTwo)])).toEqual({});
    expect(offsOf([a, deposit], [item(percent(1000))])).toEqual({ "1": "p 10" });
  });

  test("[DL8] many promotions that compete for many units have a good deal in a bounded number of steps", () => {
    const lines = Array.from({ length: 50 }, (_, i) => ({ sku: `S${i}`, priceMinor: 100 + i * 7 }));
    const items = Array.from({ length: 200 }, (_, i) =>
      item(
        {
          kind: "x-for-y",
          items: { skus: [`S${i % 50}`, `S${(i * 7) % 50}`, "S1", "S2"] },
          quantity: 2,
          payFor: 1,
        },
        { id: `p${i}` },
      ),
    );
    const deal = bestDeal(listedLinesOf(lines), dealContextOf(items));
    expect(deal.isExact).toBe(false);
    expect(deal.applied.length).toBeGreaterThan(1);
    expect(bestDeal(listedLinesOf(lines), dealContextOf(items.toReversed()))).toEqual(deal);
  });

  test("[DL8] more promotions for the whole basket than are tried together are not exact", () => {
    const items = Array.from({ length: 9 }, (_, i) =>
      item(basket(100), { id: `p${i}`, group: `g${i}`, stacking: "stackable" }),
    );
    const deals = [8, 9].map((count) =>
      bestDeal(listedLinesOf([{ ...a, count: 20 }]), dealContextOf(items.slice(0, count))),
    );
    expect(deals.map(({ isExact }) => isExact)).toEqual([true, false]);
    expect(deals.map(({ applied }) => applied.length)).toEqual([8, 8]);
  });

  test("[DL8] one promotion that groups units of forty prices is exact", () => {
    const lines = Array.from({ length: 40 }, (_, i) => ({ sku: `S${i}`, priceMinor: 100 + i }));
    const fifth = { kind: "percent", items: { skus: ["S39"] }, percentBp: 9999 } as const;
    const deal = bestDeal(
      listedLinesOf(lines),
      dealContextOf([item(threeForTwo), item(fifth, { id: "q" })]),
    );
    // Of S38 to S0 each third is free: 136, 133 … 100.
    expect(deal).toMatchObject({
      isExact: true,
      applied: [{ id: "p", times: 13, amountMinor: (13 * (136 + 100)) / 2 }, { amountMinor: 139 }],
    });
  });

  test("[DL8] what no joint promotion connects is exact however large it is", () => {
    const lines = Array.from({ length: 500 }, (_, i) => ({ sku: `S${i}`, priceMinor: 10_000 + i }));
    const items = Array.from({ length: 200 }, (_, i) => item(percent(100 + i), { id: `p${i}` }));
    const deal = bestDeal(listedLinesOf(lines), dealContextOf(items));
    expect(deal).toMatchObject({ isExact: true, applied: [{ id: "p199", times: 500 }] });
  });

  test("[DL9] each discount names its promotion and its publication", () => {
    const deal = bestDeal(listedLinesOf([a]), dealContextOf([item(percent(1000))]));
    expect(deal.discounts.get("1")).toEqual([
      { kind: "promotion", id: "p", name: "Promotion", amountMinor: 10, publication: "of-p" },
    ]);
    expect(deal.applied).toEqual([
      { id: "p", name: "Promotion", times: 1, amountMinor: 10, publication: "of-p" },
    ]);
  });

  test("[DL10] amounts of 10^12 minor units are exact", () => {
    const priceMinor = 999_999_999_999;
    expect(offsOf([{ sku: "A", priceMinor }], [item(percent(3333))])).toEqual({
      "1": `p ${(BigInt(priceMinor) * 3333n + 5000n) / 10_000n}`,
    });
    const pair: PromotionRule = {
      kind: "set",
      parts: [{ items: everything, quantity: 2 }],
      reduction: { kind: "price", priceMinor: priceMinor - 1 },
    };
    expect(offsOf([{ sku: "A", priceMinor, count: 2 }], [item(pair)])).toEqual({
      "1": `p ${priceMinor + 1}`,
    });
  });

  test("[DL10] a line of a million pieces is dealt with at once", () => {
    const deal = bestDeal(
      [listedLineOf({ sku: "A", priceMinor: 3, count: 1_000_000 })],
      dealContextOf([item(threeForTwo), item(percent(1000), { id: "q" })]),
    );
    expect(deal.applied[0]?.amountMinor).toBe(999_999);
  });
});

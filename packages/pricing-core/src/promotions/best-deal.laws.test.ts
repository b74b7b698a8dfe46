import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ListedLine } from "../basket/listed-line.ts";
import { dealContextOf, listedLineOf, listedLinesOf, naiveDeal } from "../testing/index.ts";
import { bestDeal } from "./best-deal.ts";
import type { Deal } from "./deal.ts";
import type { PromotionItem, PromotionRule, Reduction, Selector } from "./promotion-item.ts";

const skus = ["A", "B", "C", "D"] as const;
const selector: fc.Arbitrary<Selector> = fc.constantFrom<Selector[]>(
  { everything: true },
  { departments: ["Food"] },
  { tags: ["new"] },
  { skus: ["A", "B"] },
  { skus: ["C"] },
  { everything: true, except: { skus: ["B"] } },
);
const bp = fc.constantFrom(333, 1000, 2500, 5000, 10_000);
const minor = fc.constantFrom(1, 5, 37, 100, 150, 400);
const few = fc.integer({ min: 1, max: 2 });
const percentOff = fc.record({ kind: fc.constant("percent" as const), percentBp: bp });
const amountOff = fc.record({ kind: fc.constant("amount" as const), amountMinor: minor });
const atPrice = fc.record({ kind: fc.constant("price" as const), priceMinor: minor });
const reduction: fc.Arbitrary<Reduction> = fc.oneof(percentOff, amountOff, atPrice);

const ruleByKind: { readonly [K in PromotionRule["kind"]]: fc.Arbitrary<PromotionRule> } = {
  percent: fc.record({ kind: fc.constant("percent" as const), items: selector, percentBp: bp }),
  amount: fc.record({
    kind: fc.constant("amount" as const),
    items: selector,
    amountMinor: minor,
    spread: fc.constantFrom("each" as const, "across" as const),
  }),
  "fixed-price": fc.record({
    kind: fc.constant("fixed-price" as const),
    items: selector,
    priceMinor: minor,
  }),
  "buy-get": fc.record(
    {
      kind: fc.constant("buy-get" as const),
      buy: selector,
      buyQuantity: few,
      get: selector,
      getQuantity: few,
      percentBp: bp,
    },
    { requiredKeys: ["kind", "buy", "buyQuantity", "getQuantity", "percentBp"] },
  ),
  "x-for-y": fc.integer({ min: 2, max: 3 }).chain((quantity) =>
    fc.record({
      kind: fc.constant("x-for-y" as const),
      items: selector,
      quantity: fc.constant(quantity),
      payFor: fc.integer({ min: 1, max: quantity - 1 }),
    }),
  ),
  set: fc.record({
    kind: fc.constant("set" as const),
    parts: fc.array(fc.record({ items: selector, quantity: few }), { minLength: 1, maxLength: 2 }),
    reduction,
  }),
  tiers: fc.constantFrom("quantity" as const, "amount" as const).chain((by) =>
    fc.record({
      kind: fc.constant("tiers" as const),
      items: selector,
      by: fc.constant(by),
      tiers: fc.tuple(reduction, reduction).map(([low, high]) => [
        { from: by === "amount" ? 90 : 2000, reduction: low },
        { from: by === "amount" ? 250 : 3000, reduction: high },
      ]),
    }),
  ),
  basket: fc.record({
    kind: fc.constant("basket" as const),
    items: selector,
    fromMinor: fc.constantFrom(0, 100, 300),
    reduction: fc.oneof(percentOff, amountOff),
  }),
};
const kinds = Object.keys(ruleByKind) as PromotionRule["kind"][];

function promotionOf(id: string, rule: fc.Arbitrary<PromotionRule>): fc.Arbitrary<PromotionItem> {
  return fc.record(
    {
      id: fc.constant(id),
      name: fc.constant(`Promotion ${id}`),
      priority: fc.integer({ min: 0, max: 1 }),
      group: fc.constantFrom("standard", "other"),
      stacking: fc.constantFrom("exclusive" as const, "stackable" as const, "stackable" as const),
      basketMax: fc.integer({ min: 1, max: 3 }),
      discountMaxMinor: minor,
      rule,
    },
    { requiredKeys: ["id", "name", "rule", "stacking"] },
  );
}

const anyRule = fc.oneof(...kinds.map((kind) => ruleByKind[kind]));
const promotions = (most: number) =>
  fc
    .integer({ min: 1, max: most })
    .chain((count) =>
      fc.tuple(...["p1", "p2", "p3"].slice(0, count).map((id) => promotionOf(id, anyRule))),
    );

const priceOf = { A: 100, B: 90, C: 45, D: 7 } as const;
const lineOf = (sku: (typeof skus)[number], count: number) => ({
  sku,
  count,
  priceMinor: priceOf[sku],
  department: sku === "D" ? "Other" : "Food",
  tags: sku === "A" || sku === "D" ? ["new"] : [],
});
const lines = (most: number) =>
  fc
    .array(fc.record({ sku: fc.constantFrom(...skus), count: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: most,
    })
    .map((all) => listedLinesOf(all.map(({ sku, count }) => lineOf(sku, count))))
    .filter((all) => all.reduce((sum, { quantityMilli }) => sum + quantityMilli, 0) <= 5000);

function takenOff(deal: Deal): number {
  return deal.applied.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

function leftByLine(all: readonly ListedLine[], deal: Deal): readonly number[] {
  return all.map(({ lineId, listAmountMinor }) =>
    (deal.discounts.get(lineId) ?? []).reduce(
      (left, { amountMinor }) => left - amountMinor,
      listAmountMinor,
    ),
  );
}

/** What a line is, and what was taken off it; without its id. */
function resultsOf(all: readonly ListedLine[], deal: Deal): readonly string[] {
  return all
    .map(({ sku, quantityMilli, lineId }) =>
      JSON.stringify([sku, quantityMilli, deal.discounts.get(lineId) ?? []]),
    )
    .toSorted();
}

function lawsHold(all: readonly ListedLine[], some: readonly PromotionItem[]): Deal {
  const deal = bestDeal(all, dealContextOf(some));
  const left = leftByLine(all, deal);
  const amounts = new Map<string, number>();
  for (const { id, amountMinor } of [...deal.discounts.values()].flat()) {
    expect(amountMinor).toBeGreaterThan(0);
    amounts.set(id, (amounts.get(id) ?? 0) + amountMinor);
  }
  expect(new Map(deal.applied.map(({ id, amountMinor }) => [id, amountMinor]))).toEqual(amounts);
  expect(left.every((amountMinor) => amountMinor >= 0)).toBe(true);
  return deal;
}

describe("bestDeal laws (DL)", () => {
  test("[DL1] it is the best of all deals", () => {
    fc.assert(
      fc.property(lines(3), promotions(3), (all, some) => {
        const deal = bestDeal(all, dealContextOf(some));
        expect(deal.isExact).toBe(true);
        expect(takenOff(deal)).toBe(naiveDeal(all, some));
      }),
      { numRuns: 400 },
    );
  });

  const pairs = kinds.flatMap((one, index) => kinds.slice(index).map((other) => [one, other]));
  test.each(pairs as [PromotionRule["kind"], PromotionRule["kind"]][])(
    "[DL1] [DL2] %s with %s is the best of all deals, and adds up",
    (one, other) => {
      const both = fc.tuple(
        promotionOf("p1", ruleByKind[one]),
        promotionOf("p2", ruleByKind[other]),
      );
      fc.assert(
        fc.property(lines(3), both, (all, some) => {
          const deal = lawsHold(all, some);
          expect(deal.isExact).toBe(true);
          expect(takenOff(deal)).toBe(naiveDeal(all, some));
        }),
        { numRuns: 30 },
      );
    },
  );

  test("[DL1] every small basket under every small set of promotions", () => {
    let cases = 0;
    let exact = 0;
    for (const all of smallBaskets()) {
      for (const some of smallSets()) {
        const deal = bestDeal(all, dealContextOf(some));
        const best = naiveDeal(all, some);
        cases += 1;
        exact += Number(deal.isExact);
        const isRight = deal.isExact ? takenOff(deal) === best : takenOff(deal) <= best;
        if (!isRight) expect([all, some, takenOff(deal)]).toBe(best);
      }
    }
    expect(cases).toBe(2002);
    expect(exact).toBe(2002);
  });

  test("[DL2] discounts of the lines add up to what was applied, and no line is below zero", () => {
    fc.assert(fc.property(lines(12), promotions(3), (all, some) => void lawsHold(all, some)));
  });

  test("[DL3] the order of scanning and how units were split into lines change nothing", () => {
    fc.assert(
      fc.property(lines(8), promotions(3), fc.infiniteStream(fc.nat()), (all, some, picks) => {
        const moved = all
          .map((line) => ({ line, at: picks.next().value as number }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ line }, index) => ({ ...line, lineId: String(index + 1) }));
        const deal = bestDeal(all, dealContextOf(some));
        const other = bestDeal(moved, dealContextOf(some.toReversed()));
        expect(other.applied).toEqual(deal.applied);
        expect(resultsOf(moved, other)).toEqual(resultsOf(all, deal));
        const singly = all.flatMap((line) =>
          Array.from({ length: line.quantityMilli / 1000 }, (_, unit) =>
            listedLineOf({
              ...line,
              lineId: `${line.lineId}-${unit}`,
              priceMinor: line.unitPriceMinor,
            }),
          ).map((one) => ({ ...one, quantityMilli: 1000, listAmountMinor: one.unitPriceMinor })),
        );
        expect(bestDeal(singly, dealContextOf(some)).applied).toEqual(deal.applied);
      }),
    );
  });

  test("[DL4] an item more costs at most its undiscounted price more", () => {
    fc.assert(
      fc.property(lines(6), promotions(3), fc.constantFrom(...skus), (all, some, sku) => {
        const more = [...all, listedLineOf({ ...lineOf(sku, 1), lineId: "more" })];
        const before = bestDeal(all, dealContextOf(some));
        const after = bestDeal(more, dealContextOf(some));
        fc.pre(before.isExact && after.isExact);
        expect(takenOff(after)).toBeGreaterThanOrEqual(takenOff(before));
      }),
      { numRuns: 300 },
    );
  });

  test("[DL5] a cap on uses and a cap on the discount hold", () => {
    fc.assert(
      fc.property(lines(8), promotions(3), (all, some) => {
        for (const { id, times, amountMinor } of lawsHold(all, some).applied) {
          const { basketMax, discountMaxMinor, rule } = some.find((one) => one.id === id)!;
          if (rule.kind !== "basket") expect(times).toBeLessThanOrEqual(basketMax ?? times);
          expect(amountMinor).toBeLessThanOrEqual(discountMaxMinor ?? amountMinor);
        }
      }),
    );
  });

  test("[DL6] what an exclusive promotion takes, no other one takes", () => {
    fc.assert(
      fc.property(fc.constantFrom(...skus), promotions(3), (sku, some) => {
        const all = [listedLineOf({ ...lineOf(sku, 1), lineId: "1" })];
        const deal = bestDeal(
          all,
          dealContextOf(some.filter(({ rule }) => rule.kind !== "basket")),
        );
        const takers = (deal.discounts.get("1") ?? []).map(({ id }) =>
          some.find((one) => one.id === id)!,
        );
        const isAlone =
          takers.length < 2 || takers.every(({ stacking }) => stacking === "stackable");
        expect(isAlone).toBe(true);
        const groups = takers.map(({ group }) => group ?? "standard");
        expect(new Set(groups).size).toBe(groups.length);
      }),
    );
  });
});

function smallBaskets(): readonly (readonly ListedLine[])[] {
  const counts = [0, 1, 2];
  return counts
    .flatMap((a) => counts.flatMap((b) => counts.map((c) => [a, b, c])))
    .filter(([a = 0, b = 0, c = 0]) => a + b + c <= 4)
    .map(([a = 0, b = 0, c = 0]) =>
      listedLinesOf(
        [lineOf("A", a), lineOf("B", b), lineOf("C", c)].filter(({ count }) => count > 0),
      ),
    )
    .filter((all) => all.length > 0);
}

const everything = { everything: true } as const;
const smallRules: readonly PromotionRule[] = [
  { kind: "percent", items: { skus: ["A", "B"] }, percentBp: 1500 },
  { kind: "amount", items: everything, amountMinor: 30, spread: "across" },
  { kind: "fixed-price", items: { skus: ["B"] }, priceMinor: 71 },
  { kind: "x-for-y", items: everything, quantity: 3, payFor: 2 },
  { kind: "buy-get", buy: everything, buyQuantity: 1, getQuantity: 1, percentBp: 5000 },
  {
    kind: "set",
    parts: [
      { items: { skus: ["A"] }, quantity: 1 },
      { items: { skus: ["B", "C"] }, quantity: 1 },
    ],
    reduction: { kind: "price", priceMinor: 120 },
  },
  {
    kind: "tiers",
    items: everything,
    by: "quantity",
    tiers: [{ from: 3000, reduction: { kind: "percent", percentBp: 1100 } }],
  },
];

function smallSets(): readonly (readonly PromotionItem[])[] {
  const facts = ["exclusive", "stackable"] as const;
  const items = smallRules.flatMap((rule, index) =>
    facts.map((stacking): PromotionItem => {
      const id = `${stacking}-${rule.kind}`;
      return { id, name: id, group: `g${index}`, stacking, rule };
    }),
  );
  return items.flatMap((one, index) => items.slice(index + 1).map((other) => [one, other]));
}

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runBasket, type EngineAnswer, type EngineBasket } from "./engine-basket.ts";
import { readSuites } from "./suites.ts";
import { verdictsOf } from "./verdict.ts";

const suites = readSuites((name) =>
  JSON.parse(readFileSync(new URL(`../../test-vectors/${name}.json`, import.meta.url), "utf8")),
);

const baskets = suites.flatMap((suite) => {
  const isSupported = new Set(
    verdictsOf(suite).flatMap((verdict) => (verdict.isSupported ? [verdict.id] : [])),
  );
  const cases = suite.cases.filter(({ vector }) => isSupported.has(vector.id));
  return cases.flatMap(({ vector, check }) => {
    const seen: { readonly id: string; readonly basket: EngineBasket }[] = [];
    check(vector, (basket) => {
      seen.push({ id: vector.id, basket });
      return runBasket(basket);
    });
    return seen;
  });
});

test("neither the order of lines nor that of promotions shows in the answer to a case", () => {
  expect(baskets.length).toBeGreaterThan(200);
  for (const { id, basket } of baskets) {
    const lines = basket.lines.toReversed();
    const promotions = basket.promotions.toReversed();
    const turned = byLine(basket, runBasket({ ...basket, lines, promotions }));
    expect({ id, ...turned }).toEqual({ id, ...byLine(basket, runBasket(basket)) });
  }
});

test("the best deal of each case is found, but for one with two promotions over 1,080 pieces", () => {
  const cut = baskets.filter(({ basket }) => !runBasket(basket).deal.isExact);
  expect(cut.map(({ id }) => id)).toEqual(["medusa:4863"]);
});

function byLine({ lines }: EngineBasket, { deal, taxed }: EngineAnswer) {
  const answers = lines.map(({ id }) => ({
    discounts: deal.discounts.get(id) ?? [],
    taxed: taxed.lines.find(({ lineId }) => lineId === id),
  }));
  return { answers, netMinor: taxed.netMinor, taxMinor: taxed.taxMinor };
}

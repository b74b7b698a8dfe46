import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runBasket, type Run } from "./engine-basket.ts";
import { runPublished } from "./published-basket.ts";
import { readSuites } from "./suites.ts";
import { verdictsOf } from "./verdict.ts";

const suites = readSuites((name) =>
  JSON.parse(readFileSync(new URL(`../../test-vectors/${name}.json`, import.meta.url), "utf8")),
);

describe("the whole way from publications to a priced basket", () => {
  test.each([
    { name: "vendure-order-calculator", publishedMin: 37 },
    { name: "medusa-compute-actions", publishedMin: 43 },
    { name: "wcpos-taxes", publishedMin: 11 },
    { name: "wcpos-totals", publishedMin: 44 },
    { name: "wcpos-coupons", publishedMin: 107 },
    { name: "wcpos-selection", publishedMin: 21 },
  ])("$name passes and deviates as by promotions and taxes", ({ name, publishedMin }) => {
    const suite = suites.find((one) => one.name === name)!;
    let published = 0;
    const run: Run = (basket) => {
      const answer = runPublished(basket);
      if (answer !== undefined) published += 1;
      return answer ?? runBasket(basket);
    };
    const supported = new Set(
      verdictsOf(suite).flatMap(({ id, isSupported }) => (isSupported ? [id] : [])),
    );
    const cases = suite.cases.filter(({ vector }) => supported.has(vector.id));
    const through = cases.map((one) => ({ ...one, check: () => one.check(one.vector, run) }));
    expect(verdictsOf({ ...suite, cases: through })).toEqual(verdictsOf({ ...suite, cases }));
    expect(published).toBeGreaterThanOrEqual(publishedMin);
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { deviations, unsupported } from "./marks.ts";
import { readSuites, type SuiteCase } from "./suites.ts";
import { figuresOf, rateOf, totalOf, unsupportedKey, verdictsOf } from "./verdict.ts";

const suites = readSuites((name) =>
  JSON.parse(readFileSync(new URL(`../../test-vectors/${name}.json`, import.meta.url), "utf8")),
);

describe.each(suites.map((suite) => ({ name: suite.name, suite })))("$name", ({ suite }) => {
  const verdicts = verdictsOf(suite);

  test.each(figuresOf(suite).map((row) => ({ ...row, rate: rateOf(row) })))(
    "$policy: $passed of $supported supported cases pass ($rate), $cases cases",
    ({ policy }) => {
      const own = verdicts.filter((one) => one.policy === policy);
      const marked = own.filter(({ id }) => deviations[id] !== undefined);
      const unmarked = own.filter(({ id }) => deviations[id] === undefined);
      expect(own.length, "a policy has cases").toBeGreaterThan(0);
      expect(
        unmarked.filter(({ isSupported, passes }) => isSupported && !passes),
        "cases that no mark explains",
      ).toEqual([]);
      expect(
        marked.filter(({ passes }) => passes).map(({ id }) => id),
        "marked deviations that pass",
      ).toEqual([]);
    },
  );

  test("no policy is marked as not supported of which all cases pass", () => {
    const passing = Object.keys(suite.file.policies).filter((policy) =>
      verdicts.every((one) => one.policy !== policy || (!one.isSupported && one.passes)),
    );
    expect(passing).toEqual([]);
  });

  test("of the cases whose policy the engine supports at least 95 % pass", () => {
    const { supported, passed } = totalOf(suite.name, figuresOf(suite));
    expect(passed * 100).toBeGreaterThanOrEqual(supported * 95);
  });

  test("each case has an id of its own, a line and a policy that the file describes", () => {
    const vectors = suite.cases.map(({ vector }) => vector);
    expect(new Set(vectors.map(({ id }) => id)).size).toBe(vectors.length);
    for (const { line, policy } of vectors) {
      expect(line).toBeGreaterThan(0);
      expect(Object.keys(suite.file.policies)).toContain(policy);
    }
  });
});

test("the suites have as many cases as their sources", () => {
  const counts = suites.map(({ name, cases }) => [name, cases.length]);
  expect(Object.fromEntries(counts)).toEqual({
    "vendure-order-calculator": 39,
    "vendure-prorate": 11,
    "medusa-compute-actions": 67,
    "wcpos-rounding": 109,
    "wcpos-taxes": 12,
    "wcpos-totals": 44,
    "wcpos-coupons": 143,
    "wcpos-selection": 22,
    "wcpos-refunds": 34,
  });
});

test("each mark is on a case of a supported policy, or on a policy, that is there", () => {
  const verdicts = suites.flatMap((suite) => verdictsOf(suite));
  const supported = new Set(verdicts.flatMap(({ id, isSupported }) => (isSupported ? [id] : [])));
  expect(Object.keys(deviations).filter((id) => !supported.has(id))).toEqual([]);
  const policies = suites.flatMap(({ name, file }) =>
    Object.keys(file.policies).map((policy) => unsupportedKey(name, policy)),
  );
  expect(policies).toEqual(expect.arrayContaining(Object.keys(unsupported)));
});

describe("a runner compares what a case expects", () => {
  test.each(suites.map((suite) => ({ name: suite.name, suite })))("$name", ({ suite }) => {
    const passing = verdictsOf(suite).filter(({ isSupported, passes }) => isSupported && passes);
    const ids = new Set(passing.map(({ id }) => id));
    const altered = suite.cases.filter(({ vector }) => ids.has(vector.id)).map(withOtherFacts);
    const stillPassing = verdictsOf({ ...suite, cases: altered }).filter(({ passes }) => passes);
    expect(stillPassing.map(({ id }) => id)).toEqual([]);
  });
});

/** The same case, of which everything that is expected is something else. */
function withOtherFacts(one: SuiteCase): SuiteCase {
  const vector = alterExpected(one.vector) as SuiteCase["vector"];
  return { vector, check: () => one.check(vector) };
}

function alterExpected(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(alterExpected);
  if (typeof value !== "object" || value === null) return value;
  return mapMembers(value, (member, name) =>
    name === "expected" ? alter(member) : alterExpected(member),
  );
}

function alter(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "string") return `${value}1`;
  if (Array.isArray(value)) return value.length === 0 ? ["none"] : value.map(alter);
  if (typeof value !== "object" || value === null) return value;
  return mapMembers(value, alter);
}

function mapMembers(value: object, change: (member: unknown, name: string) => unknown): unknown {
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([name, member]) => [name, change(member, name)]));
}

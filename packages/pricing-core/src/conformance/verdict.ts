/**
 * Whether a case passes, and how many of a policy and a suite do.
 *
 * @module
 */

import { canonicalJson, type Json } from "@tillmesh/kernel";
import { unsupported } from "./marks.ts";
import type { Suite, SuiteCase } from "./suites.ts";
import type { Check } from "./vector.ts";

export interface Verdict {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  /** Its policy is one that the engine supports. */
  readonly isSupported: boolean;
  readonly passes: boolean;
  /** What the case says and what the engine says, where they differ. */
  readonly differences: readonly Check[];
}

export interface Figures {
  readonly suite: string;
  readonly policy: string;
  readonly cases: number;
  readonly supported: number;
  readonly passed: number;
}

/** Each suite is run once. */
export function verdictsOf(suite: Suite): readonly Verdict[] {
  const known = verdictsBySuite.get(suite);
  if (known !== undefined) return known;
  const verdicts = suite.cases.map((one) => verdictOf(one, suite.name));
  verdictsBySuite.set(suite, verdicts);
  return verdicts;
}

const verdictsBySuite = new WeakMap<Suite, readonly Verdict[]>();

/** In the order in which the file describes its policies. */
export function figuresOf(suite: Suite): readonly Figures[] {
  const verdicts = verdictsOf(suite);
  return Object.keys(suite.file.policies).map((policy) =>
    countOf(
      { suite: suite.name, policy },
      verdicts.filter((one) => one.policy === policy),
    ),
  );
}

export function totalOf(suite: string, rows: readonly Figures[]): Figures {
  const sum = (member: "cases" | "supported" | "passed") =>
    rows.reduce((total, row) => total + row[member], 0);
  const counts = { cases: sum("cases"), supported: sum("supported"), passed: sum("passed") };
  return { suite, policy: "all", ...counts };
}

/** `"97.8 %"` of the supported cases, rounded down; `"-"` when none is. */
export function rateOf({ supported, passed }: Figures): string {
  if (supported === 0) return "-";
  const tenths = (BigInt(passed) * 1000n) / BigInt(supported);
  return `${tenths / 10n}.${tenths % 10n} %`;
}

export function unsupportedKey(suite: string, policy: string): string {
  return `${suite}/${policy}`;
}

function verdictOf({ vector, check }: SuiteCase, suite: string): Verdict {
  const { id, name, policy } = vector;
  const isSupported = unsupported[unsupportedKey(suite, policy)] === undefined;
  const checks = checksOf(check);
  const differences = checks.filter((one) => !isEqual(one));
  const passes = checks.length > 0 && differences.length === 0;
  return { id, name, policy, isSupported, passes, differences };
}

/** The order of members does not matter. */
function isEqual({ expected, actual }: Check): boolean {
  if (expected === undefined || actual === undefined) return expected === actual;
  return canonicalJson(expected as Json) === canonicalJson(actual as Json);
}

/** A case that the runner cannot put to the engine differs. */
function checksOf(check: SuiteCase["check"]): readonly Check[] {
  try {
    return check();
  } catch (error) {
    return [{ what: "the runner", expected: "an answer", actual: String(error) }];
  }
}

function countOf(key: Pick<Figures, "suite" | "policy">, verdicts: readonly Verdict[]): Figures {
  const supported = verdicts.filter(({ isSupported }) => isSupported);
  const passed = supported.filter(({ passes }) => passes);
  const counts = { cases: verdicts.length, supported: supported.length, passed: passed.length };
  return { ...key, ...counts };
}

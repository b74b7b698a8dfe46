/**
 * Money is whole numbers: what makes a fraction must not stand in pricing-core.
 *
 * A text has no types, so division is allowed by name: where big integers are divided, or numbers that
 * are known to divide evenly. Oracles and the transcribed suites of others are not what a till runs.
 *
 * @module
 */

import { codeOf } from "./code-of.ts";
import { isTest, type Rule } from "./rule.ts";

const source = "packages/pricing-core/src/";

/** Functions that divide whole numbers to a whole number, by file. */
const integerDivisions: Readonly<Record<string, readonly string[]>> = {
  "rounding.ts": ["roundRatio"],
  "allocate.ts": ["exactPart"],
  "promotions/article.ts": ["articleOf", "isInPieces"],
  "promotions/bound.ts": ["unitBoundOf", "onceOf"],
  "promotions/ratio.ts": ["scaled", "timesIn"],
  "refunds/refund-quantities.ts": ["followingMilli"],
  "refunds/refund-sale.ts": ["serviceParts"],
  "tax/decimal.ts": ["decimalKey"],
  "tax/exact-tax.ts": ["linearTaxes"],
  "tax/round-taxes.ts": ["roundPerRate", "raise", "lcm"],
  "tax/tax-basket.ts": ["lineToRound"],
};

export const noFractions: Rule = (files) =>
  files.flatMap(({ path, text }) => {
    if (!path.startsWith(source) || !path.endsWith(".ts") || isTest(path)) return [];
    const file = path.slice(source.length);
    if (/^(?:testing|conformance)\//.test(file)) return [];
    const code = codeOf(text);
    const findings = [...fractionsIn(code), ...divisionsIn(code, integerDivisions[file] ?? [])];
    return findings.map((finding) => `${path}: ${finding}`);
  });

const fractions =
  /(?<![\w$])(?:\d[\d_]*\.\d\w*|\.\d\w*|\d[\d_]*e-\d+)|\b(?:parseFloat|toFixed|toPrecision|toExponential|Float(?:16|32|64)Array|EPSILON|MIN_VALUE|Math\.(?!abs\b|max\b|min\b)\w+)/g;

function fractionsIn(code: string): readonly string[] {
  const found = Array.from(code.matchAll(fractions), ([fraction]) => fraction);
  return [...new Set(found)].map((fraction) => `makes a fraction: ${fraction}`);
}

/** A function that is named and divides nothing would let the next division in unseen. */
function divisionsIn(code: string, allowed: readonly string[]): readonly string[] {
  const parts = code.split(/^(?=(?:export )?(?:async )?function \w+)/m);
  const dividing = parts
    .filter((part) => /\/|\*\*=?\s*-/.test(part))
    .map((part) => /^(?:export )?(?:async )?function (\w+)/.exec(part)?.[1] ?? "the module");
  const other = dividing.filter((name) => !allowed.includes(name));
  const idle = allowed.filter((name) => !dividing.includes(name));
  return [
    ...other.map((name) => `${name} divides; it is not among the integer divisions`),
    ...idle.map((name) => `${name} divides nothing; it is among the integer divisions`),
  ];
}

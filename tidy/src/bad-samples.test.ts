/**
 * A check that cannot fail is no check: each rule finds what is wrong in its bad sample, and
 * nothing in its good one. The record has no Partial, so a rule without samples does not compile.
 *
 * @module
 */

import { describe, expect, test } from "vitest";
import { type RuleName, rules } from "./rules.ts";

interface Samples {
  readonly bad: Readonly<Record<string, string>>;
  readonly finding: string;
  readonly good: Readonly<Record<string, string>>;
}

// Put together here, so that this file does not hold what the rules look for.
const skipped = ["test", 'skip("x", () => {});'].join(".");
const host = ["registry", "example", "org"].join(".");
const home = ["", "home", "ann", "till"].join("/");

const samples: Record<RuleName, Samples> = {
  "no source file is over 400 lines": {
    bad: { "packages/a/src/a.ts": "x\n".repeat(401) },
    finding: "packages/a/src/a.ts: 401 lines, at most 400",
    good: { "packages/a/src/a.ts": "x\n".repeat(400), "pnpm-lock.yaml": "x\n".repeat(900) },
  },
  "files and folders are kebab-case": {
    bad: { "packages/a/src/fooBar.ts": "" },
    finding: 'packages/a/src/fooBar.ts: "fooBar.ts" is not kebab-case',
    good: { "packages/a/src/foo-bar.laws.test.ts": "" },
  },
  "a folder's name says what is in it": {
    bad: { "packages/a/src/utils/a.ts": "" },
    finding: 'packages/a/src/utils/a.ts: folder "utils" does not say what is in it',
    good: { "packages/a/src/types.ts": "" },
  },
  "a module starts with a sentence about itself": {
    bad: { "packages/a/src/a.ts": "/**\n * About.\n */\nexport const a = 1;\n" },
    finding: "packages/a/src/a.ts: does not start with a doc comment that ends with @module",
    good: { "packages/a/src/a.ts": "/**\n * About.\n *\n * @module\n */\n" },
  },
  "a package has a README and an index": {
    bad: { "packages/a/package.json": "{}", "packages/a/src/index.ts": "" },
    finding: "packages/a/README.md: missing",
    good: {
      "packages/a/package.json": "{}",
      "packages/a/src/index.ts": "",
      "packages/a/README.md": "",
    },
  },
  "a package names what it exports": {
    bad: { "packages/a/src/index.ts": 'export * from "./a.ts";' },
    finding: "packages/a/src/index.ts: `export *`; name every export",
    good: { "packages/a/src/index.ts": 'export { a } from "./a.ts";' },
  },
  "versions are exact": {
    bad: { "packages/a/package.json": '{"dependencies":{"ws":"^8.0.0"}}' },
    finding: 'packages/a/package.json: ws "^8.0.0" is not an exact version',
    good: {
      "package.json":
        '{"dependencies":{"ws":"8.0.0","b":"workspace:*"},"devDependencies":{"t":"npm:@x/t@6.0.2"}}',
    },
  },
  "domain packages depend on the kernel only": {
    bad: { "packages/pricing-core/package.json": '{"dependencies":{"@tillmesh/sync-engine":""}}' },
    finding:
      "packages/pricing-core/package.json: depends on @tillmesh/sync-engine; " +
      "a domain package depends on @tillmesh/kernel only",
    good: { "packages/pricing-core/package.json": '{"dependencies":{"@tillmesh/kernel":""}}' },
  },
  "there is one copy of Automerge": {
    bad: {
      "pnpm-lock.yaml": "  '@automerge/automerge@3.5.0':\n  '@automerge/automerge@3.4.0': {}\n",
    },
    finding: "pnpm-lock.yaml: 2 copies of @automerge/automerge: 3.5.0, 3.4.0",
    good: {
      "pnpm-lock.yaml":
        "  '@automerge/automerge@3.5.0':\n  '@automerge/automerge-repo@2.5.6':\n" +
        "  '@automerge/automerge@3.5.0': {}\n",
    },
  },
  "every SPEC rule is named by a test": {
    bad: { "packages/a/SPEC.md": "[AL1] shares add up", "packages/a/src/a.test.ts": "" },
    finding: "packages/a/SPEC.md: no test names [AL1]",
    good: {
      "packages/a/SPEC.md": "[AL1] shares add up",
      "packages/a/src/a.test.ts": 'test("[AL1] one third", () => {});',
    },
  },
  "every rule a test names is in a SPEC": {
    bad: { "packages/a/SPEC.md": "", "packages/a/src/a.test.ts": "test(`[AL1] ${x}`, f)" },
    finding: "packages/a/src/a.test.ts: [AL1] stands in no SPEC.md",
    good: {
      "packages/a/SPEC.md": "- **[AL1]** shares add up\n- [AL2] no share is negative",
      "packages/a/src/a.test.ts": 'test("[AL1] [AL2] one third", () => {});',
    },
  },
  "a SPEC rule is defined once": {
    bad: { "packages/a/SPEC.md": "- **[AL1]** x", "packages/b/SPEC.md": "| [AL1] | y |" },
    finding: "packages/b/SPEC.md: [AL1] is defined a second time",
    good: { "packages/a/SPEC.md": "[AL1] x", "packages/b/SPEC.md": "[BL1] as in [AL1]" },
  },
  "money makes no fraction": {
    bad: {
      "packages/pricing-core/src/a.ts":
        "export function half(x: number): number {\n  return x / 2;\n}\n",
    },
    finding: "packages/pricing-core/src/a.ts: half divides; it is not among the integer divisions",
    good: {
      "packages/pricing-core/src/a.ts": "// 1 / 2\nconst path = `a/${/x\\/y/.test('/')}`;\n",
      "packages/pricing-core/src/allocate.ts":
        "function exactPart(a: bigint): bigint {\n  return a / 2n;\n}\n",
      "packages/pricing-core/src/a.test.ts": "const half = 0.5;",
      "packages/kernel/src/a.ts": "const half = 0.5;",
    },
  },
  "removeFromCache is not used": {
    bad: { "packages/a/src/a.ts": "await repo.removeFromCache(id);" },
    finding: "packages/a/src/a.ts: not to be used: removeFromCache",
    good: { "docs/decisions/a.md": "removeFromCache loses unsaved changes" },
  },
  "no registry host is mentioned": {
    bad: { ".npmrc": `# taken from https://${host}/\n` },
    finding: `.npmrc: a registry host: ${host}`,
    good: { "README.md": "taken from the npm registry." },
  },
  "no path of somebody's machine is mentioned": {
    bad: { "README.md": `cd ${home}\n` },
    finding: `README.md: somebody's own path: ${home.split("/").slice(0, 3).join("/")}`,
    good: { "README.md": "GET https://till.example/home/page, packages/home/item" },
  },
  "no test is switched off": {
    bad: { "packages/a/src/a.test.ts": skipped },
    finding: `packages/a/src/a.test.ts: not to be kept: ${skipped}`,
    good: { "packages/a/src/a.test.ts": 'test.skipIf(!found)("x", () => {});' },
  },
};

describe("money makes no fraction", () => {
  test.each([
    "const a = 0.5;",
    "const a = 1_000.25;",
    "const a = .5;",
    "const a = 5e-1;",
    "const a = Number.parseFloat(text);",
    "const a = Math.round(b);",
    "const a = Math.floor(b);",
    "const a = b.toFixed(2);",
    "const a = b ** -1;",
    "a /= 2;",
    "const a = `total ${b / 2} of ${{ c: `${d}` }.c}`;",
    'const a = "text".length / 2;',
    "const a = list[0] / 2; // half",
    "const a = f(b) /* of */ / 2;",
  ])("%s", (text) => expect(fractions(text)).toHaveLength(1));

  test.each([
    "const a = Math.max(b, Math.abs(c), Math.min(d, 1_000_000));",
    "const a = \"1/2 and 0.5\", b = '0.5 / 2';",
    "const a = `0.5 / ${b} / 0.5`;",
    "const a = /[/]0.5\\/2/u.test(b);",
    "/* 0.5 / 2 */ const a = b[0].c; // 1 / 2",
    "return /x/.test(a) ? [/y/] : b;",
  ])("not %s", (text) => expect(fractions(text)).toEqual([]));

  test("a name that is allowed for nothing is found", () => {
    expect(fractions("function exactPart() {}", "allocate.ts")).toEqual([
      "packages/pricing-core/src/allocate.ts: exactPart divides nothing; it is among the integer divisions",
    ]);
  });
});

function fractions(text: string, name = "a.ts"): readonly string[] {
  return rules["money makes no fraction"]([{ path: `packages/pricing-core/src/${name}`, text }]);
}

describe("each rule on its samples", () => {
  for (const [name, { bad, finding, good }] of Object.entries(samples)) {
    const rule = rules[name as RuleName];
    test(`${name}: bad sample`, () => expect(rule(toFiles(bad))).toEqual([finding]));
    test(`${name}: good sample`, () => expect(rule(toFiles(good))).toEqual([]));
  }
});

function toFiles(sample: Readonly<Record<string, string>>): { path: string; text: string }[] {
  return Object.entries(sample).map(([path, text]) => ({ path, text }));
}

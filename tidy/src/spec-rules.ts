/**
 * Rules that keep each SPEC.md and the tests in step, through ids such as `[AL2]`.
 *
 * @module
 */

import { isTest, type RepositoryFile, type Rule } from "./rule.ts";

export const specRulesAreTested: Rule = (files) => {
  const tested = new Set(files.filter(holdsTests).flatMap(({ text }) => idsInTitles(text)));
  return specs(files).flatMap(({ path, text }) =>
    unique(idsIn(text))
      .filter((id) => !tested.has(id))
      .map((id) => `${path}: no test names [${id}]`),
  );
};

export const testedRulesAreSpecified: Rule = (files) => {
  const specified = new Set(specs(files).flatMap(({ text }) => idsIn(text)));
  return files.filter(holdsTests).flatMap(({ path, text }) =>
    unique(idsInTitles(text))
      .filter((id) => !specified.has(id))
      .map((id) => `${path}: [${id}] stands in no SPEC.md`),
  );
};

/** A rule is defined where its id starts a line, item, heading or table row. */
export const specIdsAreUnique: Rule = (files) => {
  const definitions = specs(files).flatMap(({ path, text }) =>
    Array.from(text.matchAll(definition), ([, id]) => ({ path, id })),
  );
  return definitions
    .filter((one, index) => definitions.findIndex((other) => other.id === one.id) < index)
    .map(({ path, id }) => `${path}: [${id}] is defined a second time`);
};

const definition = /^[-*|#\s]*\[([A-Z]{2,3}\d+)\]/gm;

function idsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/\[([A-Z]{2,3}\d+)\]/g), ([, id]) => id ?? "");
}

/** Ids at the start of a string: that is where a title has them. */
function idsInTitles(text: string): readonly string[] {
  const titles = text.matchAll(/["'`]((?:\[[A-Z]{2,3}\d+\][\s,]*)+)/g);
  return Array.from(titles, ([, ids]) => idsIn(ids ?? "")).flat();
}

function specs(files: readonly RepositoryFile[]): readonly RepositoryFile[] {
  return files.filter(({ path }) => /(^|\/)SPEC\.md$/.test(path));
}

/** Contract suites live under testing/ and carry titles of their own. */
function holdsTests({ path }: RepositoryFile): boolean {
  return (isTest(path) || path.includes("/testing/")) && !path.startsWith("tidy/");
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)];
}

/**
 * Rules about names and sizes of files and folders.
 *
 * @module
 */

import { findingIf, isSource, isTest, perFile, type Rule } from "./rule.ts";

const linesMax = 400;

export const noLongFile: Rule = perFile(isSource, ({ text }) => {
  const lines = text.split("\n").length - Number(text.endsWith("\n"));
  return findingIf(lines > linesMax, `${lines} lines, at most ${linesMax}`);
});

export const kebabCaseNames: Rule = perFile(isSource, ({ path }) => {
  const wrong = path.split("/").filter((name) => !/^\.?[a-z0-9]+([-.][a-z0-9]+)*$/.test(name));
  return wrong.map((name) => `"${name}" is not kebab-case`);
});

export const tellingFolders: Rule = perFile(isSource, ({ path }) => {
  const folders = path.split("/").slice(0, -1);
  const empty = folders.filter((name) => /^(utils?|helpers?|common|types?)$/.test(name));
  return empty.map((name) => `folder "${name}" does not say what is in it`);
});

export const moduleDocs: Rule = perFile(hasModuleDoc, ({ text }) => {
  const doc = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? "";
  const ends = /\n \* @module\s*$/.test(doc);
  const says = /\n \* \w/.test(doc.replace("@module", ""));
  return findingIf(!ends || !says, "does not start with a doc comment that ends with @module");
});

function hasModuleDoc(path: string): boolean {
  const inPackage = /^(packages\/[^/]+\/src|apps\/[^/]+\/service)\//.test(path);
  return inPackage && path.endsWith(".ts") && !path.endsWith(".d.ts") && !isTest(path);
}

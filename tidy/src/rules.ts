/**
 * All rules of this repository, by what they ask for.
 *
 * @module
 */

import * as layout from "./layout-rules.ts";
import * as numbers from "./number-rules.ts";
import * as packages from "./package-rules.ts";
import type { Rule } from "./rule.ts";
import * as spec from "./spec-rules.ts";
import * as text from "./text-rules.ts";

export const rules = {
  "no source file is over 400 lines": layout.noLongFile,
  "files and folders are kebab-case": layout.kebabCaseNames,
  "a folder's name says what is in it": layout.tellingFolders,
  "a module starts with a sentence about itself": layout.moduleDocs,
  "a package has a README and an index": packages.packagesAreComplete,
  "a package names what it exports": packages.namedExports,
  "versions are exact": packages.exactVersions,
  "domain packages depend on the kernel only": packages.domainDependsOnKernel,
  "there is one copy of Automerge": packages.oneAutomerge,
  "every SPEC rule is named by a test": spec.specRulesAreTested,
  "every rule a test names is in a SPEC": spec.testedRulesAreSpecified,
  "a SPEC rule is defined once": spec.specIdsAreUnique,
  "money makes no fraction": numbers.noFractions,
  "removeFromCache is not used": text.noRemoveFromCache,
  "no registry host is mentioned": text.noRegistryHosts,
  "no path of somebody's machine is mentioned": text.noHomePaths,
  "no test is switched off": text.noSleepingTests,
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

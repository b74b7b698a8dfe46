/**
 * Rules about words that must not stand in the repository.
 *
 * @module
 */

import { isSource, isTest, matches, perFile, type Rule } from "./rule.ts";

/** The engine owns the documents' life; dropping one from the cache loses unsaved changes. */
export const noRemoveFromCache: Rule = perFile(
  (path) => isSource(path) && !path.startsWith("tidy/"),
  ({ text }) => matches(text, /\bremoveFromCache\b/g, "not to be used"),
);

export const noRegistryHosts: Rule = perFile(
  () => true,
  ({ text }) => [
    ...matches(text, /\bregistry\.[a-z0-9-]+(\.[a-z0-9-]+)+/g, "a registry host"),
    ...matches(text, /\btarball: https?:\S+/g, "an address of a package"),
    ...matches(text, /"resolved":\s"https?:[^"]+/g, "an address of a package"),
    ...matches(text, /^(@[\w-]+:)?registry ?=.*/gm, "a registry setting"),
  ],
);

export const noHomePaths: Rule = perFile(
  () => true,
  ({ text }) => [
    ...matches(text, /(?<![\w.@/:-])\/(home|Users|root|work)\/[\w.-]+/g, "somebody's own path"),
    ...matches(text, /\b[A-Z]:\\+Users\\+\w+/g, "somebody's own path"),
  ],
);

export const noSleepingTests: Rule = perFile(
  (path) => isTest(path) || path.includes("/testing/"),
  ({ text }) =>
    matches(text, /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo)\(.*/g, "not to be kept"),
);

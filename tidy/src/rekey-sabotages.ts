/**
 * Sabotages of key changes within an open stream.
 *
 * @module
 */

import type { Sabotage } from "./sabotages.ts";

const queue = "packages/fiscal-queue/src";
const service = "apps/reference-till/service/fiscal";
const laws = [`${queue}/rekey.laws.test.ts`];
const till = [`${service}/rekeying.test.ts`];

export const rekeySabotages: readonly Sabotage[] = [
  {
    name: "a key that signed before is forgotten with its change",
    file: `${queue}/rekey.ts`,
    find: "keys: [...retired, ...keys]",
    replace: "keys: [...keys]",
    tests: laws,
  },
  {
    name: "a retired key signs on",
    file: `${queue}/rekey.ts`,
    find: "return keys.filter(({ isRetired }) => isRetired !== true);",
    replace: "return keys;",
    tests: laws,
  },
  {
    name: "an older change of keys undoes a newer one",
    file: `${queue}/rekey.ts`,
    find: "record.number > now.number ||",
    replace: "record.number !== now.number ||",
    tests: laws,
  },
  {
    name: "a key id may name two keys",
    file: `${queue}/rekey.ts`,
    find: "if (known.length > 0) return refused(known);",
    replace: "",
    tests: laws,
  },
  {
    name: "what holds for the life of a stream is lost where it is not said again",
    file: `${queue}/rekey.ts`,
    find: "return ok({ ...settings, ...Object.fromEntries(kept) });",
    replace: "return ok(settings);",
    tests: laws,
  },
  {
    name: "the till signs on with the keys of before",
    file: `${service}/fiscal-state.ts`,
    find: `if (record.type === "rekeyed") return`,
    replace: `if (record.type === "rekeyed" && record.number < 0) return`,
    tests: till,
  },
  {
    name: "a planned activation takes the keys of today away",
    file: `${service}/key-files.ts`,
    find: "isSameOwner(one, activation) && one.from >= activation.from",
    replace: "isSameOwner(one, activation)",
    tests: till,
  },
  {
    name: "a cash box gets another key for its counter",
    file: `${service}/activation-secrets.ts`,
    find: "if (known === undefined || isSame(known, turnover)) return ok(said);",
    replace: "if (turnover.length === 32) return ok(said);",
    tests: till,
  },
];

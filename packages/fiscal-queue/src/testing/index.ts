/**
 * Sealing in tests, contract suites, and authorities that misbehave on purpose.
 *
 * @module
 */

export {
  hastyTimer,
  neverTimer,
  requestOf,
  sealAll,
  type SealAllOptions,
  type SealedRun,
} from "./seal-all.ts";

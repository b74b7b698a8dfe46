/**
 * Ledgers in memory, arbitraries of what happens at a till, and the reference model of its reports.
 *
 * @module
 */

export { tillActs, tillEntries } from "./arbitraries.ts";
export { referenceReport } from "./reference-till.ts";
export {
  append,
  newIncarnation,
  sha256,
  testContext,
  testDate,
  testLedger,
  type TestLedger,
} from "./test-ledger.ts";
export { playOn, playTill, type ActLine, type PlayedTill, type TillAct } from "./till-acts.ts";

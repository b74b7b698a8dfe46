import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runScenario } from "./run.ts";
import { scenarios } from "./scenarios.ts";

describe("a whole shop under a seed", () => {
  test("apart, reordered, repeated, cut, restarted: one stock, one price list, one ledger in the end", () => {
    const property = fc.property(scenarios({ accidents: false }), (one) => void runScenario(one));
    fc.assert(property, { numRuns: 60, endOnFailure: true });
  }, 120_000);

  test("with clones, old copies put back and disks that die: no branch's money or goods are lost", () => {
    const property = fc.property(scenarios({ accidents: true }), (one) => void runScenario(one));
    fc.assert(property, { numRuns: 60, endOnFailure: true });
  }, 120_000);

  test("the same seed gives the same trace", () => {
    const property = fc.property(scenarios({ accidents: true }), (one) => {
      expect(runScenario(one).trace).toBe(runScenario(one).trace);
    });
    fc.assert(property, { numRuns: 3, endOnFailure: true });
  }, 60_000);
});

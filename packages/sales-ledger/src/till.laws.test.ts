import type { HeldEntry } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifyChain } from "./chain.ts";
import type { ZBody } from "./bodies.ts";
import { entryFaults } from "./movements-of.ts";
import { readEntry } from "./parse-entry-body.ts";
import { tillActs, tillEntries } from "./testing/arbitraries.ts";
import { referenceReport } from "./testing/reference-till.ts";
import { sha256, testDate, testLedger } from "./testing/test-ledger.ts";
import { playOn, playTill } from "./testing/till-acts.ts";
import { emptyTill, foldTill, stepTill, xReport } from "./till.ts";
import { addTotals, noTotals, totalsOf } from "./totals.ts";
import { verifyReports } from "./verify-reports.ts";

const device = testLedger("dev_1").device;
const entries = tillEntries("dev_1");

function totalsOfAll(held: readonly HeldEntry[]) {
  return held.map((each) => totalsOf(readEntry(each))).reduce(addTotals, noTotals);
}

describe("till laws (TT, DY, ZV)", () => {
  test("[TT1] the X report at every moment is that of the reference model", () => {
    fc.assert(
      fc.property(entries, (all) => {
        let state = emptyTill(device);
        for (const [index, held] of all.entries()) {
          state = foldTill(state, held);
          const expected = referenceReport(all.slice(0, index + 1), device, testDate(0));
          expect(xReport(state, testDate(0))).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("[TT1] the report that a Z stores is that of the reference model", () => {
    fc.assert(
      fc.property(entries, (all) => {
        for (const [index, { entry }] of all.entries()) {
          if (entry.kind !== "z") continue;
          const { report, businessDate } = entry.body as ZBody;
          expect(report).toEqual(referenceReport(all.slice(0, index), device, businessDate));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("[TT2] totals add up in any order and any grouping", () => {
    fc.assert(
      fc.property(
        entries.chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray([...all], { minLength: all.length }),
            fc.nat(all.length),
          ),
        ),
        ([all, shuffled, cut]) => {
          const whole = totalsOfAll(all);
          expect(totalsOfAll(shuffled)).toEqual(whole);
          expect(addTotals(totalsOfAll(all.slice(0, cut)), totalsOfAll(all.slice(cut)))).toEqual(
            whole,
          );
          expect(addTotals(noTotals, whole)).toEqual(whole);
        },
      ),
    );
  });

  test("[TT3] taxes of a report add up to its net, and no amount is a negative zero", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const { taxes, netMinor } = totalsOfAll(all);
        expect(taxes.reduce((sum, tax) => sum + tax.grossMinor, 0)).toBe(netMinor);
        for (const { grossMinor, netMinor: net, taxMinor } of taxes) {
          expect(net + taxMinor).toBe(grossMinor);
          for (const amount of [grossMinor, net, taxMinor])
            expect(Object.is(amount, -0)).toBe(false);
        }
      }),
    );
  });

  test("[ZV1] every Z of a till verifies, across incarnations", () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(verifyReports(all)).toEqual([]);
      }),
    );
  });

  test("[HC2] [MV1] [RN1] what is played is a sound chain with right bodies and no exceptions", () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(verifyChain(all, sha256)).toEqual([]);
        expect(all.flatMap(entryFaults)).toEqual([]);
        let state = emptyTill(device);
        for (const held of all) {
          const step = stepTill(state, held);
          ({ state } = step);
          expect(step.raised).toEqual([]);
        }
      }),
    );
  });

  test("[DY10] the state is plain data: written down and read back, folding goes on", () => {
    fc.assert(
      fc.property(tillActs(20), tillActs(20), (before, after) => {
        const first = playTill(testLedger("dev_1"), before);
        const restored = JSON.parse(JSON.stringify(first.state)) as typeof first.state;
        const later = playOn(first, after).ledger.entries.slice(first.ledger.entries.length);
        expect(later.reduce(foldTill, restored)).toEqual(later.reduce(foldTill, first.state));
      }),
      { numRuns: 50 },
    );
  });
});

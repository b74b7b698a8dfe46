import type { HeldEntry } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { EntryKind } from "./bodies.ts";
import { readEntry } from "./parse-entry-body.ts";
import { exampleBodies } from "./testing/example-bodies.ts";
import { addMinor, totalsOf } from "./totals.ts";

function totals(kind: EntryKind, change: object = {}) {
  const body = { ...(exampleBodies[kind] as object), ...change };
  return totalsOf(
    readEntry({ entry: { kind, body }, hash: "h", flags: [] } as unknown as HeldEntry),
  );
}

describe("totals (TT)", () => {
  test("[TT1] a sale counts with its taxes, what was taken and what went back as change", () => {
    expect(totals("sale")).toMatchObject({
      sales: { count: 1, totalMinor: 870 },
      netMinor: 870,
      taxes: [{ taxCode: "standard", taxMinor: 97 }, { taxCode: "zero" }],
      tenders: [{ kind: "cash", takenMinor: 870, givenMinor: 0 }],
      changeMinor: 130,
    });
  });

  test("[TT1] a refund counts against it", () => {
    expect(totals("refund")).toMatchObject({
      refunds: { count: 1, totalMinor: 290 },
      netMinor: -290,
      taxes: [{ taxCode: "standard", grossMinor: -290, netMinor: -242, taxMinor: -48 }],
      tenders: [{ kind: "cash", takenMinor: 0, givenMinor: 290 }],
    });
  });

  test("[TT3] nothing given back is zero, not minus zero", () => {
    const lines = exampleBodies.refund.lines.map((line) => {
      return { ...line, amountMinor: 0, taxMinor: 0 };
    });
    const taxes = exampleBodies.refund.taxes.map((tax) => {
      return { ...tax, grossMinor: 0, netMinor: 0, taxMinor: 0 };
    });
    const { netMinor, taxes: found } = totals("refund", {
      lines,
      taxes,
      totalMinor: 0,
      tenders: [],
    });
    expect([netMinor, found[0]?.taxMinor]).toEqual([0, 0]);
  });

  test("[TT4] a sum that would not be exact stays at the end of the safe integers", () => {
    expect(addMinor(Number.MAX_SAFE_INTEGER, 1)).toBe(Number.MAX_SAFE_INTEGER);
    expect(addMinor(Number.MIN_SAFE_INTEGER, -1)).toBe(Number.MIN_SAFE_INTEGER);
    expect(addMinor(2, -3)).toBe(-1);
  });
});

import type { HeldEntry, Json } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { amountMaxMinor } from "./body-checks.ts";
import { parseEntryBody, readEntry } from "./parse-entry-body.ts";
import { exampleBodies } from "./testing/example-bodies.ts";

const { sale, refund, z } = exampleBodies;

function faultsOf(kind: string, body: Json) {
  const parsed = parseEntryBody(kind, body);
  return parsed.ok ? [] : parsed.error.faults;
}

function pointersOf(kind: string, body: Json) {
  return faultsOf(kind, body).map((fault) => fault.pointer);
}

describe("bodies (EB)", () => {
  for (const [kind, body] of Object.entries(exampleBodies)) {
    test(`[EB1] a ${kind} reads back as it was written`, () => {
      expect(parseEntryBody(kind, body)).toEqual({ ok: true, value: { kind, body } });
    });
  }

  test("[EB2] amounts are integers up to a bound", () => {
    const [tender] = sale.tenders;
    const wrong = (amountMinor: number) => ({ ...sale, tenders: [{ ...tender, amountMinor }] });
    expect(pointersOf("sale", wrong(870.5))).toEqual(["/tenders/0/amountMinor"]);
    expect(pointersOf("sale", wrong(amountMaxMinor + 1))).toEqual(["/tenders/0/amountMinor"]);
    expect(pointersOf("sale", wrong(-1))).toEqual(["/tenders/0/amountMinor"]);
  });

  test("[EB3] a quantity of a line is positive", () => {
    const lines = sale.lines.map((line) => ({ ...line, quantityMilli: 0 }));
    expect(pointersOf("sale", { ...sale, lines })).toEqual([
      "/lines/0/quantityMilli",
      "/lines/1/quantityMilli",
    ]);
  });

  test("[EB4] a sale has lines, and not without end", () => {
    expect(pointersOf("sale", { ...sale, lines: [] })).toEqual(["/lines"]);
    const lines = Array.from({ length: 1001 }, () => sale.lines[0]!);
    expect(pointersOf("sale", { ...sale, lines })).toEqual(["/lines"]);
  });
});

describe("reading bodies (RB)", () => {
  test("[RB1] all faults at once, each with a pointer and what was found", () => {
    const body = { ...refund, goods: "lost", currency: "pound", lines: "none" };
    expect(faultsOf("refund", body)).toEqual([
      { pointer: "/currency", expected: "three capital letters", found: '"pound"' },
      { pointer: "/lines", expected: "a list of 1 to 1000", found: '"none"' },
      { pointer: "/goods", expected: "one of restock, waste", found: '"lost"' },
    ]);
  });

  test("[RB2] an unknown kind is kept as it is", () => {
    expect(parseEntryBody("loan", { weeks: 3 })).toEqual({
      ok: true,
      value: { kind: "unknown-kind", unknownKind: "loan", body: { weeks: 3 } },
    });
    expect(parseEntryBody("constructor", {})).toMatchObject({ value: { kind: "unknown-kind" } });
  });

  test("[RB3] members of a later version survive", () => {
    const body = { ...sale, loyalty: { points: 3 } };
    expect(parseEntryBody("sale", body)).toEqual({ ok: true, value: { kind: "sale", body } });
  });

  test("[RB4] an entry that cannot be read is kept and says why", () => {
    const held = {
      entry: { kind: "sale", body: null },
      hash: "h",
      flags: [],
    } as unknown as HeldEntry;
    expect(readEntry(held)).toMatchObject({
      kind: "faulty",
      hash: "h",
      faults: [{ pointer: "", expected: "an object", found: "null" }],
    });
  });

  test("[RB5] lines, taxes and tenders of a sale add up", () => {
    expect(faultsOf("sale", { ...sale, totalMinor: 869 })).toEqual([
      { pointer: "/totalMinor", expected: "870", found: "869" },
      { pointer: "/taxes", expected: "869", found: "870" },
      { pointer: "/changeMinor", expected: "131", found: "130" },
    ]);
  });

  test("[RB6] each tax row is the sum of its lines, and gross is net plus tax", () => {
    const taxes = sale.taxes.map((tax) => ({ ...tax, taxMinor: tax.taxMinor + 1 }));
    expect(pointersOf("sale", { ...sale, taxes })).toEqual([
      "/taxes/0/taxMinor",
      "/taxes/0/netMinor",
      "/taxes/1/taxMinor",
      "/taxes/1/netMinor",
    ]);
  });

  test("[RB7] a refund pays back its total, a line id stands once", () => {
    const [line] = refund.lines;
    const body = { ...refund, lines: [line!, line!] };
    expect(pointersOf("refund", body)).toContain("/lines/1/lineId");
    expect(pointersOf("refund", { ...refund, tenders: [] })).toEqual(["/tenders"]);
  });

  test("[RB8] the difference of a shift is counted less expected", () => {
    const body = { ...exampleBodies["shift-closed"], differenceMinor: 1 };
    expect(pointersOf("shift-closed", body)).toEqual(["/differenceMinor"]);
  });

  test("[RB1] pointers escape what JSON pointers must", () => {
    const body = { ...exampleBodies.count, seen: { "a/b~c": { incarnation: 1, sequence: 2 } } };
    expect(pointersOf("count", body)).toEqual(["/seen/a~1b~0c/totalMilli"]);
  });

  test("[RB1] the report within a Z is checked too", () => {
    const report = { ...z.report, netMinor: "3" };
    expect(pointersOf("z", { ...z, report })).toEqual(["/report/netMinor"]);
  });
});

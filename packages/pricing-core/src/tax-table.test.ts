import { describe, expect, test } from "vitest";
import { isBusinessDate, type BusinessDate, type Json } from "@tillmesh/kernel";
import { taxKey, type TaxItem } from "./items.ts";
import { createTaxTable } from "./tax-table.ts";
import { publicationOf } from "./testing/index.ts";

function day(text: string): BusinessDate {
  if (!isBusinessDate(text)) throw new Error(text);
  return text;
}

const standard: TaxItem = { taxCode: "std", name: "VAT 19 %", rateBp: 1900 };
const lowered: TaxItem = { ...standard, rateBp: 1600, effectiveFrom: day("2026-07-01") };
const restored: TaxItem = { ...standard, rateBp: 1900, effectiveFrom: day("2027-01-01") };

function tableOf(items: readonly TaxItem[]) {
  const table = createTaxTable();
  publish(
    table,
    1,
    items.map((value) => ({ key: taxKey(value), value })),
  );
  return table;
}

function publish(
  { book }: ReturnType<typeof createTaxTable>,
  sequence: number,
  items: readonly { readonly key: string; readonly value: Json }[],
): void {
  book.apply(publicationOf({ topic: "taxes", sequence, items }));
}

describe("tax table in time (RT)", () => {
  test("[RT1] [RT2] the rate is the one at the tax point", () => {
    const table = tableOf([restored, standard, lowered]);
    const rateAt = (date: string) => table.byCode("std", day(date))?.value.rateBp;
    expect(rateAt("2026-06-30")).toBe(1900);
    expect(rateAt("2026-07-01")).toBe(1600);
    expect(rateAt("2026-12-31")).toBe(1600);
    expect(rateAt("2027-01-01")).toBe(1900);
    expect(table.byCode("std")?.value).toBe(standard);
    expect(table.byCode("red", day("2027-01-01"))).toBeUndefined();
  });

  test("[RT2] before its first date a code has no rate, unless it has one without a date", () => {
    const table = tableOf([lowered]);
    expect(table.byCode("std", day("2026-06-30"))).toBeUndefined();
    expect(table.byCode("std")).toBeUndefined();
    expect(table.schedule("std").map(({ value }) => value)).toEqual([lowered]);
  });

  test("[RT3] a date that is withdrawn leaves the rate before it in force", () => {
    const table = tableOf([standard, lowered, restored]);
    publish(table, 2, [{ key: "std/2026-07-01", value: null }]);
    expect(table.byCode("std", day("2026-08-01"))?.value).toEqual(standard);
    expect(table.schedule("std").map(({ value }) => value)).toEqual([standard, restored]);
    publish(table, 3, [{ key: "std/2026-07-01", value: { ...lowered, rateBp: 1500 } }]);
    expect(table.byCode("std", day("2026-08-01"))?.value.rateBp).toBe(1500);
    expect(table.schedule("std")).toHaveLength(3);
  });

  test("[RT3] a code that looks like a date of another one is not mixed up with it", () => {
    const table = tableOf([standard, { ...standard, taxCode: "std/2026-07-01", rateBp: 700 }]);
    expect(table.byCode("std", day("2026-08-01"))?.value.rateBp).toBe(1900);
    expect(table.byCode("std/2026-07-01")?.value.rateBp).toBe(700);
    publish(table, 2, [{ key: "std/2026-07-01", value: lowered }]);
    expect(table.byCode("std", day("2026-08-01"))?.value.rateBp).toBe(1600);
    expect(table.byCode("std/2026-07-01")).toBeUndefined();
  });

  test("[RT1] a value counts under its own key, dated or not", () => {
    const { book } = createTaxTable();
    book.apply(
      publicationOf({ topic: "taxes", sequence: 1, items: [{ key: "std", value: lowered }] }),
    );
    expect(book.unreadable()).toMatchObject([{ faults: [{ code: "KeyMismatch" }] }]);
  });
});

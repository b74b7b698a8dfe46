import { describe, expect, test } from "vitest";
import type { Json } from "@tillmesh/kernel";
import { parseTaxItem } from "../items.ts";

const gst = { id: "gst", name: "GST", rateBp: 500 };
const pst = { id: "pst", name: "PST", rateBp: 700, isCompound: true };
const several = { taxCode: "bc", name: "BC", rateBp: 1200, components: [gst, pst] };

function faultsOf(value: Json): readonly string[] {
  const parsed = parseTaxItem(value);
  return parsed.ok ? [] : parsed.error.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe("published taxes (RT)", () => {
  test.each<[Json]>([
    [{ taxCode: "std", name: "VAT", rateBp: 2000 }],
    [{ taxCode: "std", name: "VAT", rateBp: 2000, category: "S", effectiveFrom: "2027-01-01" }],
    [{ taxCode: "free", name: "Books", rateBp: 0, category: "E" }],
    [several],
    [{ ...several, components: [gst, { ...pst, perUnitMinor: 10, category: "S" }] }],
  ])("[RT4] %j is read", (value) => {
    expect(parseTaxItem(value)).toEqual({ ok: true, value });
  });

  test.each<[object, readonly string[]]>([
    [{ effectiveFrom: "2026-02-30" }, ["/effectiveFrom Format"]],
    [{ effectiveFrom: null }, ["/effectiveFrom Type"]],
    [{ category: "X" }, ["/category Unknown"]],
    [{ category: "S" }, ["/category Unknown"]],
    [{ rateBp: 1199 }, ["/rateBp OutOfRange"]],
    [{ components: [] }, ["/components OutOfRange"]],
    [
      { components: Array.from({ length: 9 }, (_, at) => ({ ...gst, id: `${at}` })) },
      ["/components TooLong"],
    ],
    [{ components: [gst, { ...pst, id: "gst" }] }, ["/components/1/id Duplicate"]],
    [{ components: [gst, { ...pst, category: "Z" }] }, ["/components/1/category OutOfRange"]],
    [
      {
        components: [
          { ...gst, perUnitMinor: -1 },
          { ...pst, isCompound: 1, rateBp: 1.5 },
        ],
      },
      [
        "/components/0/perUnitMinor OutOfRange",
        "/components/1/rateBp Type",
        "/components/1/isCompound Type",
      ],
    ],
    [
      { category: "S", rateBp: 5, components: [gst, { ...gst, category: "E" }] },
      [
        "/category Unknown",
        "/rateBp OutOfRange",
        "/components/1/id Duplicate",
        "/components/1/category OutOfRange",
      ],
    ],
  ])("[RT4] with %j every fault is said", (change, faults) => {
    expect(faultsOf({ ...several, ...change })).toEqual(faults);
  });

  test("[RT4] a category fits its rate", () => {
    const plain = { taxCode: "std", name: "VAT", rateBp: 0, category: "S" };
    expect(faultsOf(plain)).toEqual(["/category OutOfRange"]);
    expect(faultsOf({ ...plain, rateBp: 2000, category: "AE" })).toEqual(["/category OutOfRange"]);
  });
});

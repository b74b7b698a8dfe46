import { describe, expect, test } from "vitest";
import { conformanceText, isConformanceAbsent } from "../../testing/conformance.ts";
import { codeLists, eventCodes, paymentCodes } from "./codes.ts";

const isAbsent = isConformanceAbsent("Norwegian code lists", 6);
const name = "no-saft-cr/Norwegian SAF-T Cash Register data - Code list -";

/** Five lists are ISO-8859-1, list 13 is UTF-8; all have `;` and CRLF. */
const lists = [
  ["04", "iso-8859-1"],
  ["10", "iso-8859-1"],
  ["11", "iso-8859-1"],
  ["12", "iso-8859-1"],
  ["13", "utf-8"],
] as const;

describe("code lists of SAF-T Cash Register (RNR)", () => {
  test.skipIf(isAbsent).each(lists)(
    "[RNR13] list %s names each code used here",
    (type, encoding) => {
      const official = readList(`${name} PredefinedBasicID-${type}.csv`, encoding);
      for (const [code, description] of Object.entries(codeLists[type])) {
        expect(official.get(code)?.trim(), code).toBe(description);
      }
    },
  );

  test.skipIf(isAbsent)("[RNR13] basic types are those of the list", () => {
    const official = readList(`${name} BasicType.csv`, "iso-8859-1");
    expect([...official.keys()]).toEqual(expect.arrayContaining(["05", ...Object.keys(codeLists)]));
    expect(official.get("13")).toBe("Event codes");
  });

  test("[RNR13] events and payments stand for codes that are listed", () => {
    for (const code of Object.values(eventCodes)) expect(codeLists["13"]).toHaveProperty(code);
    for (const code of Object.values(paymentCodes)) expect(codeLists["12"]).toHaveProperty(code);
  });
});

function readList(file: string, encoding: string): ReadonlyMap<string, string> {
  const rows = conformanceText(file, encoding).split("\r\n").slice(1);
  return new Map(
    rows.filter((row) => row !== "").map((row) => row.split(";", 2) as [string, string]),
  );
}

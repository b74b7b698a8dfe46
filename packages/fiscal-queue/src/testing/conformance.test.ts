import { expect, test } from "vitest";
import {
  conformanceBytes,
  conformanceFiles,
  conformanceJson,
  isConformanceAbsent,
} from "./conformance.ts";

const isAbsent = isConformanceAbsent("files and their digests", 2);

test.skipIf(isAbsent)("every file of the conformance data is the one that was recorded", () => {
  const files = conformanceFiles("");
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) expect(conformanceBytes(file).length).toBeGreaterThan(0);
});

test.skipIf(isAbsent)("what is not recorded is not read", () => {
  expect(() => conformanceBytes("at-rksv/other.json")).toThrow("not in PROVENANCE.json");
  expect(conformanceJson("at-rksv/vectors.json")).toMatchObject({ cashBoxId: "CASHBOX-DEMO-1" });
});

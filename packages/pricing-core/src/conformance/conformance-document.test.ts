import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { policiesTable, suitesTable } from "./figures-table.ts";
import { deviations, unsupported } from "./marks.ts";
import { readSuites } from "./suites.ts";
import { figuresOf } from "./verdict.ts";

const document = readFileSync(new URL("../../CONFORMANCE.md", import.meta.url), "utf8");
const suites = readSuites((name) =>
  JSON.parse(readFileSync(new URL(`../../test-vectors/${name}.json`, import.meta.url), "utf8")),
);
const figures = suites.flatMap((suite) => figuresOf(suite));

describe("CONFORMANCE.md", () => {
  test("has the figures that the runner counts", () => {
    expect(document).toContain(suitesTable(figures));
    expect(document).toContain(policiesTable(figures));
  });

  test("says where each suite comes from", () => {
    for (const { file } of suites) {
      expect(document).toContain(file.repository);
      expect(document).toContain(file.commit);
      expect(document).toContain(file.path);
    }
  });

  test("explains each deviation and each policy that is not supported", () => {
    for (const [id, why] of Object.entries(deviations)) {
      expect(document).toContain(`**${id}**: ${why}.`);
    }
    for (const [key, why] of Object.entries(unsupported)) {
      expect(document).toContain(`| ${key} | ${why} |`);
    }
  });
});

import type { Entry, Json } from "@tillmesh/kernel";
import { expect, test } from "vitest";
import { carryRule } from "./carry-rule.ts";

const entry = (kind: string, body: Json = {}) => ({ kind, body }) as Entry;

test("a new device is given what it cannot read from sums: counts, opening stock, and how fiscal streams began", () => {
  expect(carryRule.keeps(entry("count"))).toBe(true);
  expect(carryRule.keeps(entry("stock", { reference: "opening-stock" }))).toBe(true);
  for (const type of ["opened", "closed", "handed-over", "deposited"])
    expect(carryRule.keeps(entry("fiscal", { type })), type).toBe(true);
});

test("what comes with the history stays out of it", () => {
  expect(carryRule.keeps(entry("sale", { fiscal: {} }))).toBe(false);
  for (const type of ["sealed", "answered"])
    expect(carryRule.keeps(entry("fiscal", { type })), type).toBe(false);
});

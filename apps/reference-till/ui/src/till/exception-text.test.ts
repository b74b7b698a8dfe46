import { expect, test } from "vitest";
import { exceptionText } from "./exception-text.ts";

const at = "2026-11-22T10:00:00.000Z";

test("an oversell names the product and its level", () => {
  const facts = { id: "1", type: "OversellRaised", at, sku: "C1", level: "-2" };
  expect(exceptionText(facts, new Map([["C1", "Tea"]]))).toEqual({
    title: "Oversold",
    detail: "Tea stands at −2. Count it, or receive what came.",
  });
});

test("what is not known by name is told by its facts", () => {
  const facts = { id: "1", type: "TailSetAside", at, sizeBytes: 12, path: "x" };
  expect(exceptionText(facts, new Map())).toEqual({
    title: "Tail set aside",
    detail: "sizeBytes: 12, path: x",
  });
});

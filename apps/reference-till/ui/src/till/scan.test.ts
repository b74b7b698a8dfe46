import { expect, test } from "vitest";
import { scanStart, stepScan, withoutScan } from "./scan.ts";

function typed(text: string, gapMs: number, end = "Enter"): string | undefined {
  let state = scanStart;
  let atMs = 1000;
  for (const key of text) {
    atMs += gapMs;
    ({ state } = stepScan(state, key, atMs));
  }
  return stepScan(state, end, atMs + gapMs).scanned;
}

test("a burst that ends with Enter is a scan", () => {
  expect(typed("5012345678900", 8)).toBe("5012345678900");
  expect(typed("ABC-123", 20, "Tab")).toBe("ABC-123");
});

test("a person typing is not", () => {
  expect(typed("5012345678900", 120)).toBeUndefined();
  expect(typed("12", 5)).toBeUndefined();
});

test("a pause before a burst parts it from what was typed; modifiers are no characters", () => {
  let { state } = stepScan(scanStart, "x", 1000);
  let atMs = 2000;
  for (const key of ["5", "Shift", "0", "1", "2"]) {
    atMs += 10;
    ({ state } = stepScan(state, key, atMs));
  }
  expect(stepScan(state, "Enter", atMs + 10).scanned).toBe("5012");
});

test("a scan that went into a field is taken back, and nothing else of it", () => {
  expect(withoutScan("5012", "5012")).toBe("");
  expect(withoutScan("late 5012 x", "5012")).toBe("late  x");
  expect(withoutScan("501", "5012")).toBe("501");
});

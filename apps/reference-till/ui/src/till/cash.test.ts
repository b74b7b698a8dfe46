import { expect, test } from "vitest";
import { likelyTenders, pressDigits, pressQuantity } from "./cash.ts";

test("likely tenders are notes and round sums above the total", () => {
  expect(likelyTenders(870, "GBP")).toEqual([900, 1000, 2000, 5000]);
  expect(likelyTenders(500, "GBP")).toEqual([1000, 2000, 5000, 10_000]);
  expect(likelyTenders(2000, "GBP")).toEqual([5000, 10_000]);
  expect(likelyTenders(870, "JPY")).toEqual([900, 1000, 2000, 5000]);
});

test("digits fill from the right", () => {
  const keyed = ["3", "7", "00", "back", "x"].reduce(pressDigits, 0);
  expect(keyed).toBe(370);
  expect(pressDigits(370, "clear")).toBe(0);
  expect(pressDigits(9_999_999_99, "9")).toBe(9_999_999_99);
});

test("a quantity has one point and three decimals", () => {
  expect(["0", "1", ".", "2", ".", "5", "0", "9"].reduce(pressQuantity, "")).toBe("1.250");
  expect(pressQuantity("1.2", "back")).toBe("1.");
});

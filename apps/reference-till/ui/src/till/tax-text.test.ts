import { expect, test } from "vitest";
import { taxKey, taxSummary } from "./tax-text.ts";

const gbp = (minor: number) => ({ minor, currency: "GBP" });
const row = (taxCode: string, ratePercent: string, tax: number) => ({
  taxCode,
  name: "VAT",
  ratePercent,
  net: gbp(100),
  tax: gbp(tax),
  gross: gbp(100 + tax),
});
const totals = {
  list: gbp(0),
  discount: gbp(0),
  net: gbp(200),
  tax: gbp(25),
  total: gbp(225),
};

test("the only tax that is anything is named", () => {
  expect(taxSummary([row("std", "20", 20), row("zero", "0", 0)], undefined)).toEqual({
    text: "VAT 20 %",
    amount: gbp(20),
  });
  expect(taxSummary([row("zero", "0", 0)], totals)).toMatchObject({ text: "VAT 0 %" });
});

test("of several the sum is the service's; without one there is no sum", () => {
  const rows = [row("std", "20", 20), row("low", "5", 5)];
  expect(taxSummary(rows, totals)).toEqual({ text: "tax", amount: gbp(25) });
  expect(taxSummary(rows, undefined)).toBeUndefined();
  expect(taxSummary([], totals)).toBeUndefined();
});

test("components of one code are rows of their own", () => {
  const [city, state] = ["city", "state"].map((component) => ({
    ...row("std", "5", 5),
    component,
  }));
  expect(city && taxKey(city)).not.toBe(state && taxKey(state));
});

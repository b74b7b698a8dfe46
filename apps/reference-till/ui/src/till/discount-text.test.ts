import { expect, test } from "vitest";
import { discountRows, overrideText, savedAmount, wasAmount } from "./discount-text.ts";

const gbp = (minor: number) => ({ minor, currency: "GBP" });
const discount = (kind: string, name: string, minor: number) => ({
  kind,
  id: "x",
  name,
  amount: gbp(minor),
  publication: null,
});
test("each discount says why, with its minus sign", () => {
  const discounts = [
    discount("promotion", "3 for 2", 370),
    discount("line", "Damaged", 50),
    discount("order", "", 10),
    discount("comp", "On the house", 5),
  ];
  expect(discountRows({ discounts })).toEqual([
    { text: "3 for 2", amount: "-£3.70" },
    { text: "Discount: Damaged", amount: "-£0.50" },
    { text: "Order discount", amount: "-£0.10" },
    { text: "Given away: On the house", amount: "-£0.05" },
  ]);
});

test("what it was is told only where something was taken off", () => {
  const listAmount = gbp(740);
  expect(wasAmount({ listAmount, discounts: [discount("line", "", 1)] })).toEqual(listAmount);
  expect(wasAmount({ listAmount, discounts: [] })).toBeUndefined();
});

test("an older answer without the newer members says nothing of them", () => {
  expect(discountRows({})).toEqual([]);
  expect([wasAmount({}), overrideText({}), savedAmount({})]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("savings of nothing are none", () => {
  const totals = { list: gbp(0), discount: gbp(0), net: gbp(0), tax: gbp(0), total: gbp(0) };
  expect(savedAmount({ totals })).toBeUndefined();
  expect(savedAmount({ totals: { ...totals, discount: gbp(5) } })).toEqual(gbp(5));
});

test("a changed price names the old one and the reason", () => {
  const override = { listPrice: gbp(370), reason: "Wrong label" };
  expect(overrideText({ override })).toBe("Price changed from £3.70: Wrong label");
});

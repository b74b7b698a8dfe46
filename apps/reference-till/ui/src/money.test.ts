import { describe, expect, test } from "vitest";
import { milliOf, moneyText, quantityText, readMilli, readMoney } from "./money.ts";

const minorOf = (text: string) => readMoney(text, "GBP")?.minor;

describe("money for people", () => {
  test("amounts are written from their integers, however large", () => {
    expect(moneyText({ minor: 870, currency: "GBP" })).toBe("£8.70");
    expect(moneyText({ minor: -5, currency: "GBP" })).toBe("-£0.05");
    expect(moneyText({ minor: 900_719_925_474_099_1, currency: "GBP" })).toBe(
      "£90,071,992,547,409.91",
    );
    expect(moneyText({ minor: 1200, currency: "JPY" })).toBe("JP¥1,200");
  });

  test("what is typed is read as people type it, or not at all", () => {
    expect(["3", "3.5", "£3.50", ".5", "1,200"].map(minorOf)).toEqual([300, 350, 350, 50, 120_000]);
    expect(["", "3.505", "-1", "1e3", "three"].map(minorOf)).toEqual(Array(5).fill(undefined));
  });
});

describe("quantities for people", () => {
  test("thousandths in and out", () => {
    expect([milliOf("1.5"), milliOf("-2"), milliOf("x")]).toEqual([1500, -2000, 0]);
    expect([readMilli(".25"), readMilli(" 3 "), readMilli("1.2345")]).toEqual([
      250,
      3000,
      undefined,
    ]);
    expect([quantityText(1500), quantityText(-2000)]).toEqual(["1.5", "−2"]);
  });
});

import { describe, expect, test } from "vitest";
import { toWire } from "./wire.ts";

describe("wire values", () => {
  test("the unit in a name says how it is written", () => {
    const inside = {
      totalMinor: 870,
      lines: [{ quantityMilli: 1500, rateBp: 1750, sku: "C1" }],
      countedMinor: null,
      seen: { dev_a: { totalMilli: -2000 } },
      count: 3,
    };
    expect(toWire(inside, "GBP")).toEqual({
      total: { minor: 870, currency: "GBP" },
      lines: [{ quantity: "1.5", ratePercent: "17.5", sku: "C1" }],
      counted: null,
      seen: { dev_a: { total: "-2" } },
      count: 3,
    });
  });
});

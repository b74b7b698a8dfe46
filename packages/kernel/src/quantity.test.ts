import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatQuantity, parseQuantity, quantityMaxMilli } from "./quantity.ts";

describe("quantities (QT)", () => {
  test.each([
    ["1.5", 1500],
    ["0.001", 1],
    ["-2", -2000],
    ["-0", 0],
    ["12.340", 12_340],
    ["1000000000", quantityMaxMilli],
  ])("[QT1] %s is %i thousandths", (text, quantityMilli) => {
    expect(parseQuantity(text)).toEqual({ ok: true, value: quantityMilli });
  });

  test.each(["", "1.", ".5", "1.2345", "1e3", "+1", "01", "1,5", " 1", "0x1", "NaN", "١", "1\n"])(
    "[QT2] %j is no quantity",
    (text) => expect(parseQuantity(text)).toMatchObject({ error: { type: "QuantityFormat" } }),
  );

  test("[QT2] more than a billion units is refused", () => {
    expect(parseQuantity("1000000000.001")).toEqual({
      ok: false,
      error: { type: "QuantityTooLarge", text: "1000000000.001" },
    });
    expect(parseQuantity("9".repeat(100))).toMatchObject({ error: { type: "QuantityFormat" } });
  });

  test("[QT3] what is written is the shortest text, and is read back", () => {
    expect([1500, 2000, -1, 0, -2500].map(formatQuantity)).toEqual([
      "1.5",
      "2",
      "-0.001",
      "0",
      "-2.5",
    ]);
    fc.assert(
      fc.property(fc.integer({ min: -quantityMaxMilli, max: quantityMaxMilli }), (milli) => {
        expect(parseQuantity(formatQuantity(milli))).toEqual({ ok: true, value: milli });
      }),
    );
  });
});

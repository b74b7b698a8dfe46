import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalKey, hundred, oneDecimal, parseDecimal, roundedMinor } from "./decimal.ts";

function decimal(text: string) {
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

describe("decimals (EI)", () => {
  test("[EI9] decimal text is read exactly or refused", () => {
    expect(decimal("-12.3450")).toEqual({ units: -12_345n, scale: 3 });
    expect(decimal("+64.")).toEqual({ units: 64n, scale: 0 });
    expect(decimal("0.00880")).toEqual({ units: 88n, scale: 4 });
    for (const text of ["", "-", ".5", "1e3", "1,5", " 1", "1.2.3", "9".repeat(31)]) {
      expect(parseDecimal(text)).toEqual({ ok: false, error: { type: "DecimalText", text } });
    }
  });

  test("[EI9] equal numbers have one key", () => {
    expect(decimalKey({ units: 2500n, scale: 2 })).toBe(decimalKey(decimal("25")));
    expect(decimalKey(decimal("2.5"))).not.toBe(decimalKey(decimal("25")));
    expect(decimalKey({ units: 0n, scale: 3 })).toBe(decimalKey(decimal("0")));
  });

  test("[EI9] a percentage of an amount is within half a minor unit of the exact one", () => {
    const cents = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    fc.assert(
      fc.property(cents, fc.bigInt({ min: 0n, max: 10n ** 6n }), (units, percent) => {
        const factors = [
          { units, scale: 2 },
          { units: percent, scale: 3 },
        ];
        const rounded = roundedMinor(factors, hundred, 2);
        const twiceGap = (rounded * 100_000n - units * percent) * 2n;
        expect(twiceGap <= 100_000n && twiceGap >= -100_000n).toBe(true);
        expect(roundedMinor([{ units, scale: 2 }], oneDecimal, 2)).toBe(units);
      }),
    );
  });
});

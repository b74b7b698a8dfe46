import { describe, expect, test } from "vitest";
import { documentTotals } from "./document-totals.ts";
import { taxBasket } from "./tax-basket.ts";
import type { TaxableLine } from "./taxed-basket.ts";

describe("documentTotals (EI)", () => {
  test("[EI4] BT-106 to BT-115 add up what is rounded already", () => {
    const totals = documentTotals({
      lineNetsMinor: [400_000, 99_999],
      allowancesMinor: [10_000, 1],
      chargesMinor: [20_000],
      taxMinor: 127_500,
      paidMinor: 100_000,
      roundingMinor: -2,
    });
    expect(totals).toEqual({
      ok: true,
      value: {
        linesMinor: 499_999,
        allowancesMinor: 10_001,
        chargesMinor: 20_000,
        withoutTaxMinor: 509_998,
        taxMinor: 127_500,
        withTaxMinor: 637_498,
        paidMinor: 100_000,
        roundingMinor: -2,
        dueMinor: 537_496,
      },
    });
  });

  test("[EI8] of a taxed basket they are its net, tax and gross, whatever the basis", () => {
    const component = {
      id: "std",
      name: "",
      category: "S",
      rateBp: 1907,
      perUnitMinor: 0,
      isCompound: false,
    } as const;
    const tax = { taxCode: "std", name: "", components: [component] };
    const lines = [101, 202, 303].map((amountMinor, index): TaxableLine => {
      return {
        lineId: `${index}`,
        quantityMilli: 1000,
        amountMinor,
        listAmountMinor: amountMinor,
        tax,
      };
    });
    for (const basis of ["inclusive", "exclusive"] as const) {
      const basket = taxBasket(lines, { basis, point: "rate", mode: "half-up" });
      if (!basket.ok) throw new Error(basket.error.type);
      const { netMinor, taxMinor, grossMinor } = basket.value;
      const lineNetsMinor = basket.value.lines.map((line) => line.netMinor);
      expect(documentTotals({ lineNetsMinor, taxMinor, roundingMinor: 2 })).toMatchObject({
        value: { linesMinor: netMinor, withTaxMinor: grossMinor, dueMinor: grossMinor + 2 },
      });
    }
  });

  test("[EI7] sums beyond safe integers are refused", () => {
    const large = Number.MAX_SAFE_INTEGER;
    const refused = { ok: false, error: { type: "Overflow" } };
    expect(documentTotals({ lineNetsMinor: [large, 1], taxMinor: 0 })).toMatchObject(refused);
    expect(documentTotals({ lineNetsMinor: [large], taxMinor: 1 })).toMatchObject(refused);
    expect(documentTotals({ lineNetsMinor: [0.5], taxMinor: 0 })).toMatchObject(refused);
  });
});

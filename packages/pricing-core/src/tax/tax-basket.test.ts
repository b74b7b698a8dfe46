import { describe, expect, test } from "vitest";
import { taxBasket } from "./tax-basket.ts";
import type { TaxComponent, TaxRule } from "./tax-rule.ts";
import type { TaxableLine, TaxedBasket, TaxPolicy } from "./taxed-basket.ts";

const inclusive: TaxPolicy = { basis: "inclusive", point: "rate", mode: "half-up" };
const exclusive: TaxPolicy = { basis: "exclusive", point: "rate", mode: "half-up" };

function component(id: string, rateBp: number, more: Partial<TaxComponent> = {}): TaxComponent {
  return { id, name: id, category: "S", rateBp, perUnitMinor: 0, isCompound: false, ...more };
}

function rule(...components: readonly TaxComponent[]): TaxRule {
  return { taxCode: components[0]?.id ?? "", name: "", components };
}

const std = rule(component("std", 2000));
const quebec = rule(component("gst", 500), component("qst", 1000, { isCompound: true }));
const beer = rule(
  component("excise", 0, { perUnitMinor: 10 }),
  component("vat", 2000, { isCompound: true }),
);

function line(amountMinor: number, tax: TaxRule, more: Partial<TaxableLine> = {}): TaxableLine {
  const quantityMilli = 1000;
  return { lineId: "1", quantityMilli, amountMinor, listAmountMinor: amountMinor, tax, ...more };
}

function taxed(lines: readonly TaxableLine[], policy: TaxPolicy): TaxedBasket {
  const result = taxBasket(lines, policy);
  if (!result.ok) throw new Error(result.error.value);
  return result.value;
}

function taxesOf({ lines }: TaxedBasket): readonly (readonly number[])[] {
  return lines.map(({ taxes }) => taxes.map(({ taxMinor }) => taxMinor));
}

function overflow(value: string): object {
  return { ok: false, error: { type: "Overflow", value } };
}

describe("taxBasket (LT)", () => {
  test("[LT1] a compound tax is on the net and the taxes before it", () => {
    // 100.00 + 5 % = 105.00; 10 % of that is 10.50.
    const basket = taxed([line(10_000, quebec)], exclusive);
    expect(basket.lines[0]).toEqual({
      lineId: "1",
      netMinor: 10_000,
      taxMinor: 1550,
      grossMinor: 11_550,
      taxes: [
        {
          id: "gst",
          name: "gst",
          category: "S",
          rateBp: 500,
          perUnitMinor: 0,
          baseMinor: 10_000,
          taxMinor: 500,
        },
        {
          id: "qst",
          name: "qst",
          category: "S",
          rateBp: 1000,
          perUnitMinor: 0,
          baseMinor: 10_500,
          taxMinor: 1050,
        },
      ],
    });
    expect(taxed([line(11_550, quebec)], inclusive).lines).toEqual(basket.lines);
  });

  test("[LT1] an amount per unit counts thousandths, and comes off before the rate in both bases", () => {
    // Six bottles at 1.00: 0.60 excise, then 20 % of 6.60.
    const six = { quantityMilli: 6000 };
    expect(taxesOf(taxed([line(600, beer, six)], exclusive))).toEqual([[60, 132]]);
    expect(taxesOf(taxed([line(792, beer, six)], inclusive))).toEqual([[60, 132]]);
    expect(taxesOf(taxed([line(600, beer, { quantityMilli: 1500 })], exclusive))).toEqual([
      [15, 123],
    ]);
  });

  test("[LT2] the point of rounding is the policy's: unit, line or rate", () => {
    // 3 x 0.12 at 20 %: 0.024 a unit, 0.072 a line, 0.144 the two lines.
    const two = [line(36, std, { quantityMilli: 3000 }), line(36, std, { quantityMilli: 3000 })];
    expect(taxesOf(taxed(two, { ...exclusive, point: "unit" }))).toEqual([[6], [6]]);
    expect(taxesOf(taxed(two, { ...exclusive, point: "line" }))).toEqual([[7], [7]]);
    expect(taxesOf(taxed(two, exclusive))).toEqual([[7], [7]]);
    expect(taxesOf(taxed([...two, ...two], exclusive))).toEqual([[8], [7], [7], [7]]);
  });

  test("[LT2] what has no whole units is rounded as one", () => {
    const weighed = line(36, std, { quantityMilli: 2999 });
    expect(taxesOf(taxed([weighed], { ...exclusive, point: "unit" }))).toEqual([[7]]);
  });

  test.each([
    ["half-up", 3],
    ["half-down", 2],
    ["half-even", 2],
  ] as const)("[LT2] halves go as the policy says: %s", (mode, taxMinor) => {
    const half = rule(component("half", 1000));
    expect(taxesOf(taxed([line(25, half)], { ...exclusive, mode }))).toEqual([[taxMinor]]);
  });

  test("[LT3] the odd unit of a rate goes to the largest remainder, then to the first line", () => {
    const lines = [line(1, std), line(2, std), line(2, std)];
    expect(taxesOf(taxed(lines, exclusive))).toEqual([[0], [1], [0]]);
  });

  test("[LT3] taxes are rounded together by id, category, rate and amount per unit", () => {
    const other = rule(component("std", 2000, { category: "K" }));
    const { rows } = taxed([line(2, std), line(2, other), line(2, std)], exclusive);
    expect(rows).toEqual([
      {
        taxCode: "std",
        name: "std",
        rateBp: 2000,
        grossMinor: 2,
        netMinor: 2,
        taxMinor: 0,
        category: "K",
      },
      { taxCode: "std", name: "std", rateBp: 2000, grossMinor: 5, netMinor: 4, taxMinor: 1 },
    ]);
  });

  test("[LT5] a price below its amounts per unit is all tax, and never more than the price", () => {
    const three = rule(
      component("a", 0, { perUnitMinor: 5 }),
      component("b", 0, { perUnitMinor: 5 }),
      component("c", 1000),
    );
    for (const point of ["rate", "line", "unit"] as const) {
      const { lines } = taxed([line(3, three), line(0, three)], { ...inclusive, point });
      expect(
        lines.map(({ netMinor, taxes }) => [netMinor, ...taxes.map((tax) => tax.taxMinor)]),
      ).toEqual([
        [0, 2, 1, 0],
        [0, 0, 0, 0],
      ]);
    }
  });

  test("[LT6] before tax a discount lowers what is taxed; after tax only what is paid", () => {
    const off = line(800, std, { listAmountMinor: 1000 });
    expect(taxed([off], exclusive)).toMatchObject({
      netMinor: 800,
      taxMinor: 160,
      grossMinor: 960,
    });
    const after = taxed([off], { ...exclusive, discounts: "after-tax" });
    expect(after).toMatchObject({ netMinor: 800, taxMinor: 200, grossMinor: 1000 });
    expect(after.lines[0]?.taxes[0]).toMatchObject({ baseMinor: 1000, taxMinor: 200 });
    expect(after.rows).toMatchObject([{ netMinor: 800, taxMinor: 200, baseMinor: 1000 }]);
  });

  test("[LT6] with taxes in the price the undiscounted tax stays in what is paid, as far as it goes", () => {
    const policy = { ...inclusive, discounts: "after-tax" } as const;
    const off = line(1000, std, { listAmountMinor: 1200 });
    expect(taxed([off], policy)).toMatchObject({ netMinor: 800, taxMinor: 200, grossMinor: 1000 });
    const given = line(150, std, { listAmountMinor: 1200 });
    expect(taxed([given], policy)).toMatchObject({ netMinor: 0, taxMinor: 150, grossMinor: 150 });
  });

  test("[LT7] rows say what is unusual and nothing else", () => {
    const { rows } = taxed([line(1000, beer), line(1000, std)], exclusive);
    expect(rows).toEqual([
      {
        taxCode: "excise",
        name: "excise",
        rateBp: 0,
        grossMinor: 1010,
        netMinor: 1000,
        taxMinor: 10,
        perUnitMinor: 10,
      },
      {
        taxCode: "std",
        name: "std",
        rateBp: 2000,
        grossMinor: 1200,
        netMinor: 1000,
        taxMinor: 200,
      },
      {
        taxCode: "vat",
        name: "vat",
        rateBp: 2000,
        grossMinor: 1212,
        netMinor: 1010,
        taxMinor: 202,
        isCompound: true,
      },
    ]);
  });

  test("[LT12] what does not fit safe integers is refused", () => {
    const max = Number.MAX_SAFE_INTEGER;
    expect(taxBasket([line(max, std)], exclusive)).toEqual(overflow("10808639105689189"));
    expect(taxBasket([line(1.5, std)], exclusive)).toEqual(overflow("1.5"));
    expect(taxBasket([line(max, std), line(max, std)], inclusive).ok).toBe(false);
    expect(taxBasket([line(10 ** 12, std)], exclusive).ok).toBe(true);
  });

  test("[LT13] an exempt line pays the price without the tax it is relieved of, or the price", () => {
    const exempt = component("exempt", 0, { category: "E", name: "diplomat" });
    const exemption = { reason: "diplomat", relieved: std.components };
    const relieved = { ...rule(exempt), exemption };
    expect(taxed([line(1200, relieved)], inclusive).rows).toEqual([
      {
        taxCode: "exempt",
        name: "diplomat",
        rateBp: 0,
        grossMinor: 1000,
        netMinor: 1000,
        taxMinor: 0,
        category: "E",
      },
    ]);
    const full = { ...rule(exempt), exemption: { ...exemption, relieved: [] } };
    expect(taxed([line(1200, full)], inclusive)).toMatchObject({
      netMinor: 1200,
      grossMinor: 1200,
    });
    expect(taxed([line(1000, relieved)], exclusive)).toMatchObject({
      netMinor: 1000,
      grossMinor: 1000,
    });
  });

  test("[LT9] which of two taxes has the last unit of a price does not depend on other lines", () => {
    const a = component("a", 0, { perUnitMinor: 5 });
    const b = component("b", 0, { perUnitMinor: 5 });
    const both = line(1, rule(a, b));
    const other = line(9, rule(b));
    const { rows } = taxed([both, other], inclusive);
    expect(rows).toMatchObject([
      { taxCode: "a", taxMinor: 1 },
      { taxCode: "b", taxMinor: 5 },
    ]);
    expect(taxed([other, both], inclusive).rows).toEqual(rows);
  });

  test("[LT13] what lines are relieved of is rounded apart from what others are taxed", () => {
    const exemption = { reason: "diplomat", relieved: std.components };
    const relieved = { ...rule(component("exempt", 0, { category: "E" })), exemption };
    const { lines } = taxed([line(3, std), line(3, relieved)], inclusive);
    expect(lines).toMatchObject([
      { netMinor: 2, taxMinor: 1, grossMinor: 3 },
      { netMinor: 2, taxMinor: 0, grossMinor: 2 },
    ]);
  });
});

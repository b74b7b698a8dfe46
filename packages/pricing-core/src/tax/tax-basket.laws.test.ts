import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { summariseTaxes, taxLines } from "./line-tax.ts";
import { naiveTaxes } from "../testing/index.ts";
import { taxBasket } from "./tax-basket.ts";
import type { TaxComponent, TaxRule } from "./tax-rule.ts";
import type { TaxableLine, TaxedBasket, TaxPolicy } from "./taxed-basket.ts";

function component(id: string, rateBp: number, more: Partial<TaxComponent> = {}): TaxComponent {
  const category = rateBp > 0 || (more.perUnitMinor ?? 0) > 0 ? "S" : "Z";
  return { id, name: id, category, rateBp, perUnitMinor: 0, isCompound: false, ...more };
}

function rule(taxCode: string, components: readonly TaxComponent[]): TaxRule {
  return { taxCode, name: taxCode, components };
}

const gst = component("gst", 500);
const pst = component("pst", 998, { isCompound: true });
const bottle = component("bottle", 0, { perUnitMinor: 7 });
const vat = component("vat", 1907, { isCompound: true });
const plainRules = [
  rule("std", [component("std", 2000)]),
  rule("odd", [component("odd", 1907)]),
  rule("zero", [component("zero", 0)]),
  rule("full", [component("full", 10_000)]),
];
const severalRules = [
  rule("gst", [gst]),
  rule("quebec", [gst, pst]),
  rule("beer", [bottle, gst, vat]),
  rule("bottle", [bottle]),
  rule("flat", [gst, component("city", 700), component("state", 0, { category: "O" })]),
];
const exemptRule: TaxRule = {
  ...rule("std", [component("exempt", 0, { category: "E" })]),
  exemption: { reason: "diplomat", relieved: [component("std", 2000)] },
};

const quantities = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((units) => units * 1000),
  fc.integer({ min: 1, max: 5000 }),
);
const amounts = fc.oneof(fc.nat(6), fc.nat(2000), fc.nat(10 ** 9));

function linesOf(rules: readonly TaxRule[]): fc.Arbitrary<readonly TaxableLine[]> {
  const line = fc
    .record({
      amountMinor: amounts,
      off: fc.oneof(fc.constant(0), fc.nat(500)),
      quantityMilli: quantities,
      tax: fc.constantFrom(...rules),
    })
    .map(({ off, ...rest }) => ({ ...rest, listAmountMinor: rest.amountMinor + off }));
  return fc
    .array(line, { minLength: 1, maxLength: 12 })
    .map((all) => all.map((one, index) => ({ ...one, lineId: String(index + 1) })));
}

const allLines = linesOf([...plainRules, ...severalRules, exemptRule]);
const policies: fc.Arbitrary<TaxPolicy> = fc.record({
  basis: fc.constantFrom("inclusive", "exclusive"),
  point: fc.constantFrom("rate", "line", "unit"),
  mode: fc.constantFrom("half-up", "half-down", "half-even"),
  discounts: fc.constantFrom("before-tax", "after-tax"),
});

function taxed(lines: readonly TaxableLine[], policy: TaxPolicy): TaxedBasket {
  const result = taxBasket(lines, policy);
  if (!result.ok) throw new Error(result.error.value);
  return result.value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function shuffled<T>(values: readonly T[], seed: number): readonly T[] {
  return values
    .map((value, index) => ({ value, rank: ((index + 1) * 7919 * (seed + 1)) % 104_729 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

describe("taxBasket laws (LT)", () => {
  test("[LT4] net and taxes are the gross of a line; lines add up to totals and rows", () => {
    fc.assert(
      fc.property(allLines, policies, (lines, policy) => {
        const basket = taxed(lines, policy);
        for (const line of basket.lines) {
          expect(line.netMinor + line.taxMinor).toBe(line.grossMinor);
          expect(sum(line.taxes.map(({ taxMinor }) => taxMinor))).toBe(line.taxMinor);
        }
        expect(sum(basket.lines.map(({ netMinor }) => netMinor))).toBe(basket.netMinor);
        expect(sum(basket.lines.map(({ taxMinor }) => taxMinor))).toBe(basket.taxMinor);
        expect(sum(basket.rows.map(({ taxMinor }) => taxMinor))).toBe(basket.taxMinor);
        expect(basket.netMinor + basket.taxMinor).toBe(basket.grossMinor);
        for (const row of basket.rows) expect(row.netMinor + row.taxMinor).toBe(row.grossMinor);
      }),
    );
  });

  test("[LT4] where each line has one tax the rows' gross is the total", () => {
    const single = linesOf([...plainRules, rule("bottle", [bottle]), exemptRule]);
    fc.assert(
      fc.property(single, policies, (lines, policy) => {
        const { rows, grossMinor, netMinor } = taxed(lines, policy);
        expect(sum(rows.map((row) => row.grossMinor))).toBe(grossMinor);
        expect(sum(rows.map((row) => row.netMinor))).toBe(netMinor);
      }),
    );
  });

  test("[LT4] what is paid is the amount, or the net is", () => {
    fc.assert(
      fc.property(allLines, policies, (lines, policy) => {
        for (const [index, line] of taxed(lines, policy).lines.entries()) {
          const { amountMinor = 0, tax = exemptRule } = lines[index] ?? {};
          if (policy.basis === "exclusive") expect(line.netMinor).toBe(amountMinor);
          else if (tax.exemption === undefined) expect(line.grossMinor).toBe(amountMinor);
          else expect(line.taxMinor === 0 && line.grossMinor <= amountMinor).toBe(true);
        }
      }),
    );
  });

  test("[LT5] no tax without an amount, none below zero, none above what is paid", () => {
    fc.assert(
      fc.property(allLines, policies, (lines, policy) => {
        for (const [index, line] of taxed(lines, policy).lines.entries()) {
          const { amountMinor = 0, listAmountMinor = 0 } = lines[index] ?? {};
          const isAfter = policy.discounts === "after-tax";
          if ((isAfter ? listAmountMinor : amountMinor) === 0) expect(line.taxMinor).toBe(0);
          for (const { taxMinor } of line.taxes) expect(taxMinor).toBeGreaterThanOrEqual(0);
          expect(line.netMinor).toBeGreaterThanOrEqual(0);
          expect(line.taxMinor).toBeLessThanOrEqual(line.grossMinor);
        }
      }),
    );
  });

  test.each([
    ["inclusive", "rate", plainRules],
    ["inclusive", "rate", severalRules],
    ["inclusive", "line", severalRules],
    ["inclusive", "unit", severalRules],
    ["exclusive", "rate", plainRules],
    ["exclusive", "rate", severalRules],
    ["exclusive", "line", severalRules],
    ["exclusive", "unit", severalRules],
  ] as const)("[LT1] [LT2] %s per %s it is what the school book gives", (basis, point, rules) => {
    const lines = fc.array(
      fc.record({
        // Above all amounts per unit, where an interval of net amounts exists.
        amountMinor: fc.oneof(fc.constant(0), fc.integer({ min: 100, max: 10 ** 6 })),
        quantityMilli: quantities,
        tax: fc.constantFrom(...rules),
      }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(lines, (all) => {
        const ordered = all.map((one) => ({
          ...one,
          listAmountMinor: one.amountMinor,
          lineId: "1",
        }));
        const naive = naiveTaxes(
          ordered.map((line) => ({ ...line, taxes: line.tax.components })),
          basis,
          point,
        );
        const { lines: out } = taxed(ordered, { basis, point, mode: "half-up" });
        const taxes = out.map((line) => line.taxes.map(({ taxMinor }) => taxMinor));
        const perId = (rows: readonly (readonly number[])[], id: string) =>
          sum(
            rows.flatMap((row, at) =>
              row.filter((_, place) => ordered[at]?.tax.components[place]?.id === id),
            ),
          );
        const hasOneTax = all.every(({ tax }) => tax.components.length === 1);
        if (point !== "rate" || hasOneTax) expect(taxes).toEqual(naive);
        for (const id of ["gst", "pst", "bottle", "vat", "std", "odd", "city"]) {
          expect(perId(taxes, id)).toBe(perId(naive, id));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("[LT3] per rate each tax of a line is next to its exact part, and each row is rounded once", () => {
    fc.assert(
      fc.property(linesOf(plainRules), fc.constantFrom("half-up", "half-even"), (lines, mode) => {
        const { lines: out, rows } = taxed(lines, { basis: "exclusive", point: "rate", mode });
        for (const line of out) {
          for (const { baseMinor, rateBp, taxMinor } of line.taxes) {
            const gap = BigInt(taxMinor) * 10_000n - BigInt(baseMinor) * BigInt(rateBp);
            expect(gap < 10_000n && gap > -10_000n).toBe(true);
          }
        }
        for (const { netMinor, rateBp, taxMinor } of rows) {
          const gap = BigInt(taxMinor) * 10_000n - BigInt(netMinor) * BigInt(rateBp);
          expect(gap <= 5000n && gap >= -5000n).toBe(true);
        }
      }),
    );
  });

  test("[LT8] of plain tax-inclusive lines it is what the policies per rate and per line always gave", () => {
    const lists = linesOf(plainRules);
    fc.assert(
      fc.property(lists, fc.constantFrom("rate", "line"), (lines, point) => {
        const basket = taxed(lines, { basis: "inclusive", point, mode: "half-up" });
        const gross = lines.map(({ amountMinor, tax }) => {
          const rateBp = tax.components[0]?.rateBp ?? 0;
          return { amountMinor, taxCode: tax.taxCode, rateBp };
        });
        const taxes = taxLines(gross, { point, mode: "half-up" });
        expect(basket.lines.map(({ taxMinor }) => taxMinor)).toEqual(taxes);
        const withTax = gross.map((line, index) => ({ ...line, taxMinor: taxes[index] ?? 0 }));
        expect(JSON.stringify(basket.rows)).toBe(
          JSON.stringify(summariseTaxes(withTax, (code) => code)),
        );
      }),
    );
  });

  test("[LT9] the order of lines changes no total and no row", () => {
    fc.assert(
      fc.property(allLines, policies, fc.nat(1000), (lines, policy, seed) => {
        const { lines: _there, ...totals } = taxed(lines, policy);
        const { lines: _back, ...shuffledTotals } = taxed(shuffled(lines, seed), policy);
        expect(shuffledTotals).toEqual(totals);
      }),
    );
  });

  test("[LT9] of lines with several taxes a permutation permutes the result", () => {
    const lists = linesOf(severalRules.filter(({ components }) => components.length > 1));
    fc.assert(
      fc.property(lists, policies, fc.nat(1000), (lines, policy, seed) => {
        const other = shuffled(lines, seed);
        expect(resultsByContent(other, policy)).toEqual(resultsByContent(lines, policy));
      }),
    );
  });

  test("[LT10] what is returned mirrors what was sold", () => {
    fc.assert(
      fc.property(allLines, policies, (lines, policy) => {
        const back = taxed(lines.map(returned), policy);
        const there = taxed(lines, policy);
        expect(back.lines.map(({ taxes }) => taxes.map(({ taxMinor }) => -taxMinor || 0))).toEqual(
          there.lines.map(({ taxes }) => taxes.map(({ taxMinor }) => taxMinor)),
        );
        expect([0 - back.netMinor, 0 - back.taxMinor, 0 - back.grossMinor]).toEqual([
          there.netMinor,
          there.taxMinor,
          there.grossMinor,
        ]);
      }),
    );
  });

  test("[LT11] tax put on top and taken out again leaves the net", () => {
    const lines = linesOf(plainRules).map((all) =>
      all.map((line) => ({ ...line, listAmountMinor: line.amountMinor })),
    );
    fc.assert(
      fc.property(lines, fc.constantFrom("rate", "line"), (all, point) => {
        const there = taxed(all, { basis: "exclusive", point, mode: "half-up" });
        const gross = all.map((line, index) => {
          const { grossMinor: amountMinor = 0 } = there.lines[index] ?? {};
          return { ...line, amountMinor, listAmountMinor: amountMinor };
        });
        const back = taxed(gross, { basis: "inclusive", point, mode: "half-up" });
        expect(back.rows).toEqual(there.rows);
        if (point === "line") expect(back.lines).toEqual(there.lines);
      }),
    );
  });

  test("[LT11] with several taxes the net comes back within one unit per tax", () => {
    const unit = linesOf([...severalRules]);
    fc.assert(
      fc.property(unit, (all) => {
        const sold = all.map((line) => ({ ...line, listAmountMinor: line.amountMinor }));
        const there = taxed(sold, { basis: "exclusive", point: "line", mode: "half-up" });
        const gross = sold.map((line, index) => {
          const { grossMinor: amountMinor = 0 } = there.lines[index] ?? {};
          return { ...line, amountMinor, listAmountMinor: amountMinor };
        });
        const back = taxed(gross, { basis: "inclusive", point: "line", mode: "half-up" });
        for (const [index, line] of back.lines.entries()) {
          const before = there.lines[index];
          if (before === undefined) continue;
          const gap = Math.abs(line.netMinor - before.netMinor);
          expect(gap).toBeLessThanOrEqual(line.taxes.length);
        }
      }),
    );
  });
});

// Lines of one content may trade places.
function resultsByContent(lines: readonly TaxableLine[], policy: TaxPolicy): readonly string[] {
  const { lines: out } = taxed(lines, policy);
  return lines
    .map((line, index) =>
      JSON.stringify([
        { ...line, lineId: "" },
        { ...out[index], lineId: "" },
      ]),
    )
    .toSorted();
}

function returned(line: TaxableLine): TaxableLine {
  return {
    ...line,
    quantityMilli: -line.quantityMilli,
    amountMinor: -line.amountMinor,
    listAmountMinor: -line.listAmountMinor,
  };
}

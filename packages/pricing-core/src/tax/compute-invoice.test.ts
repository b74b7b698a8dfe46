import { describe, expect, test } from "vitest";
import en16931 from "../../test-vectors/en16931.json" with { type: "json" };
import peppol from "../../test-vectors/peppol.json" with { type: "json" };
import {
  computeInvoice,
  type Adjustment,
  type ComputedInvoice,
  type InvoiceFacts,
  type InvoiceLine,
} from "./compute-invoice.ts";
import { oneDecimal, parseDecimal, roundedMinor, type Decimal } from "./decimal.ts";
import type { TaxCategory } from "./tax-rule.ts";

interface Tax {
  readonly category: TaxCategory;
  readonly percent: string;
}

interface StatedAdjustment {
  readonly amount: string;
  readonly base?: string;
  readonly percentOfBase?: string;
}

interface StatedLine extends Tax {
  readonly quantity: string;
  readonly price: string;
  readonly baseQuantity?: string;
  readonly allowances?: readonly StatedAdjustment[];
  readonly charges?: readonly StatedAdjustment[];
  readonly net: string;
}

interface Stated {
  readonly id: string;
  readonly path: string;
  /** 2 unless the invoice is in whole units of its currency. */
  readonly decimals?: number;
  readonly lines: readonly StatedLine[];
  readonly allowances?: readonly (StatedAdjustment & Tax)[];
  readonly charges?: readonly (StatedAdjustment & Tax)[];
  readonly paid?: string;
  readonly rounding?: string;
  readonly expected: {
    readonly lines: string;
    readonly allowances?: string;
    readonly charges?: string;
    readonly withoutTax: string;
    readonly tax?: string;
    readonly withTax: string;
    readonly due: string;
    readonly breakdown: readonly (Tax & { readonly taxable?: string; readonly tax: string })[];
  };
  /** Where the invoice contradicts itself: indexes of lines and adjustments. */
  readonly deviation?: Deviation;
}

interface Deviation {
  readonly reason: string;
  readonly lines?: readonly number[];
  readonly allowances?: readonly number[];
  readonly charges?: readonly number[];
}

const suites = [
  { name: "EN 16931", invoices: en16931.invoices as unknown as readonly Stated[] },
  { name: "Peppol BIS 3", invoices: peppol.invoices as unknown as readonly Stated[] },
];

describe.each(suites)("$name example invoices (EI)", ({ name, invoices }) => {
  const sound = invoices.filter(({ deviation }) => deviation === undefined);
  const contradictory = invoices.filter(({ deviation }) => deviation !== undefined);

  test.each(sound)("[EI5] $path is recomputed exactly", (stated) => {
    expect(amountsOf(computed(stated))).toEqual(statedAmounts(stated));
  });

  test.each(contradictory)("[EI5] $path: $deviation.reason All else is exact", (stated) => {
    const { deviation = { reason: "" } } = stated;
    const own = computed(stated);
    for (const index of deviation.lines ?? []) {
      expect(own.lines[index]?.netMinor).not.toBe(minor(stated.lines[index]?.net, stated));
    }
    for (const index of deviation.charges ?? []) {
      const { amount } = stated.charges?.[index] ?? {};
      expect(own.chargesMinor[index]).not.toBe(minor(amount, stated));
    }
    const mended = mend(stated, deviation);
    expect(amountsOf(computed(mended))).toEqual(statedAmounts(mended));
  });

  const total = invoices.length;
  test(`[EI5] ${name}: ${sound.length} of ${total} add up as they stand, ${contradictory.length} contradict themselves`, () => {
    const exact = invoices.filter((stated) => isExact(stated));
    expect(exact.map(({ path }) => path)).toEqual(sound.map(({ path }) => path));
    expect(new Set(invoices.map(({ path }) => path)).size).toBe(total);
  });
});

describe("computeInvoice (EI)", () => {
  const standard = { category: "S", percent: decimal("25") } as const;

  function lineOf25(price: string, quantity: string): InvoiceLine {
    return { price: decimal(price), quantity: decimal(quantity), tax: standard };
  }

  test("[EI1] price, base quantity and quantity are exact until the net of the line", () => {
    const third = { ...lineOf25("1", "2"), baseQuantity: decimal("3") };
    const { lines } = computedFrom({ decimals: 2, lines: [third, lineOf25("0.00880", "16000")] });
    expect(lines.map(({ netMinor }) => netMinor)).toEqual([67, 14_080]);
  });

  test("[EI1] halves go up, away from zero", () => {
    const lines = [lineOf25("0.005", "1"), lineOf25("-0.005", "1"), lineOf25("0.00499", "1")];
    const computedLines = computedFrom({ decimals: 2, lines }).lines;
    expect(computedLines.map(({ netMinor }) => netMinor)).toEqual([1, -1, 0]);
  });

  test("[EI2] each percentage is rounded on its own", () => {
    const tenth = { base: decimal("0.05"), percent: decimal("10") };
    const line = { ...lineOf25("1", "1"), charges: [tenth, tenth] };
    const { lines } = computedFrom({ decimals: 2, lines: [line] });
    expect(lines).toEqual([{ netMinor: 102, allowancesMinor: [], chargesMinor: [1, 1] }]);
  });

  test("[EI3] rates are one row when their numbers are equal, and categories are apart", () => {
    const tax = { category: "S", percent: decimal("25.00") } as const;
    const free = { category: "E", percent: decimal("25") } as const;
    const lines = [
      lineOf25("0.02", "1"),
      { ...lineOf25("0.02", "1"), tax },
      { ...lineOf25("9", "1"), tax: free },
    ];
    const { breakdown } = computedFrom({ decimals: 2, lines });
    expect(breakdown).toEqual([
      { tax: standard, taxableMinor: 4, taxMinor: 1 },
      { tax: free, taxableMinor: 900, taxMinor: 0 },
    ]);
  });

  test("[EI7] a base quantity that is not positive, and what is too large, is refused", () => {
    const zeroBase = { ...lineOf25("1", "1"), baseQuantity: decimal("0") };
    expect(computeInvoice({ decimals: 2, lines: [lineOf25("1", "1"), zeroBase] })).toEqual({
      ok: false,
      error: { type: "BaseQuantity", line: 1 },
    });
    const large = lineOf25("99999999999999", "1");
    expect(computeInvoice({ decimals: 2, lines: [large] })).toEqual({
      ok: false,
      error: { type: "Overflow", value: "9999999999999900" },
    });
  });
});

describe("Peppol rules (EI)", () => {
  const rules = peppol.rules as unknown as readonly (RuleCase & object)[];

  test.each(rules)(
    "[EI6] $rule, test $test: $verdict within the tolerance of the rule",
    (found) => {
      const gap = Math.abs(ruleGap(found));
      const toleranceMinor = found.rule === "R046" ? 0 : 2;
      expect(gap <= toleranceMinor ? "success" : "error").toBe(found.verdict);
    },
  );
});

interface RuleCase {
  readonly rule: string;
  readonly verdict: "success" | "error";
  readonly line?: Omit<StatedLine, "category" | "percent">;
  readonly adjustment?: StatedAdjustment;
  readonly price?: { readonly gross: string; readonly discount: string; readonly net: string };
}

/** What is stated minus what is right, in hundredths. */
function ruleGap(found: RuleCase): number {
  const stated = statedLine(found);
  const { lines } = computedFrom({ decimals: 2, lines: [lineOf(stated)] });
  return (minor(stated.net, {}) ?? 0) - (lines[0]?.netMinor ?? 0);
}

/** A percentage as a charge on nothing; a discount on a price as an allowance on one unit. */
function statedLine({ line, adjustment, price }: RuleCase): StatedLine {
  const tax = { category: "Z", percent: "0" } as const;
  if (line !== undefined) return { ...line, ...tax };
  if (adjustment !== undefined) {
    const charges = [adjustment];
    return { quantity: "0", price: "0", net: adjustment.amount, charges, ...tax };
  }
  const { gross = "", discount = "", net = "" } = price ?? {};
  return { quantity: "1", price: gross, net, allowances: [{ amount: discount }], ...tax };
}

function isExact(stated: Stated): boolean {
  return JSON.stringify(amountsOf(computed(stated))) === JSON.stringify(statedAmounts(stated));
}

function computed(stated: Stated): ComputedInvoice {
  const { decimals = 2, lines, allowances = [], charges = [], paid, rounding } = stated;
  return computedFrom({
    decimals,
    lines: lines.map(lineOf),
    allowances: allowances.map((one) => ({ ...adjustmentOf(one), tax: taxOf(one) })),
    charges: charges.map((one) => ({ ...adjustmentOf(one), tax: taxOf(one) })),
    ...(paid === undefined ? {} : { paid: decimal(paid) }),
    ...(rounding === undefined ? {} : { rounding: decimal(rounding) }),
  });
}

function computedFrom(facts: InvoiceFacts): ComputedInvoice {
  const result = computeInvoice(facts);
  if (!result.ok) throw new Error(result.error.type);
  return result.value;
}

function lineOf(line: StatedLine): InvoiceLine {
  const { quantity, price, baseQuantity = "1", allowances = [], charges = [] } = line;
  return {
    quantity: decimal(quantity),
    price: decimal(price),
    baseQuantity: decimal(baseQuantity),
    tax: taxOf(line),
    allowances: allowances.map(adjustmentOf),
    charges: charges.map(adjustmentOf),
  };
}

function taxOf({ category, percent }: Tax): InvoiceLine["tax"] {
  return { category, percent: decimal(percent) };
}

function adjustmentOf({ amount, base, percentOfBase }: StatedAdjustment): Adjustment {
  if (base === undefined || percentOfBase === undefined) return { amount: decimal(amount) };
  return { base: decimal(base), percent: decimal(percentOfBase) };
}

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

/** Exactly; an amount with more decimals than the invoice has is an error of the vector. */
function minor(
  text: string | undefined,
  { decimals = 2 }: Pick<Stated, "decimals">,
): number | undefined {
  if (text === undefined) return undefined;
  const { units, scale } = decimal(text);
  if (scale > decimals) throw new Error(text);
  return Number(roundedMinor([{ units, scale }], oneDecimal, decimals));
}

/** With what is stated in place of what contradicts it. */
function mend(stated: Stated, { lines = [], allowances = [], charges = [] }: Deviation): Stated {
  const amountOnly = (
    found: Stated["charges"] = [],
    indexes: readonly number[] = [],
  ): NonNullable<Stated["charges"]> =>
    found.map((one, index) => {
      const { amount, category, percent } = one;
      return indexes.includes(index) ? { amount, category, percent } : one;
    });
  return {
    ...stated,
    lines: stated.lines.map((line, index) => {
      const { category, percent, net } = line;
      return lines.includes(index) ? { category, percent, net, price: net, quantity: "1" } : line;
    }),
    allowances: amountOnly(stated.allowances, allowances),
    charges: amountOnly(stated.charges, charges),
  };
}

/** Every amount that the invoice states; what it leaves out is left out. */
function statedAmounts(stated: Stated): object {
  const { expected } = stated;
  const amounts = (all: readonly StatedAdjustment[] = []) =>
    all.map(({ amount }) => minor(amount, stated));
  return {
    lines: stated.lines.map((line) => ({
      net: minor(line.net, stated),
      allowances: amounts(line.allowances),
      charges: amounts(line.charges),
    })),
    allowances: amounts(stated.allowances),
    charges: amounts(stated.charges),
    totals: [
      minor(expected.lines, stated),
      minor(expected.allowances ?? "0", stated),
      minor(expected.charges ?? "0", stated),
      minor(expected.withoutTax, stated),
      minor(expected.tax ?? "0", stated),
      minor(expected.withTax, stated),
      minor(expected.due, stated),
    ],
    breakdown: expected.breakdown
      .map(({ category, percent, taxable, tax }) =>
        [category, Number(percent), minor(taxable, stated), minor(tax, stated)].join(" "),
      )
      .toSorted(),
  };
}

function amountsOf({ lines, totals, breakdown, ...own }: ComputedInvoice): object {
  return {
    lines: lines.map(({ netMinor: net, allowancesMinor, chargesMinor }) => ({
      net,
      allowances: allowancesMinor,
      charges: chargesMinor,
    })),
    allowances: own.allowancesMinor,
    charges: own.chargesMinor,
    totals: [
      totals.linesMinor,
      totals.allowancesMinor,
      totals.chargesMinor,
      totals.withoutTaxMinor,
      totals.taxMinor,
      totals.withTaxMinor,
      totals.dueMinor,
    ],
    breakdown: breakdown
      .map(({ tax, taxableMinor, taxMinor }) => {
        const percent = Number(tax.percent.units) / 10 ** tax.percent.scale;
        return [tax.category, percent, taxableMinor, taxMinor].join(" ");
      })
      .toSorted(),
  };
}

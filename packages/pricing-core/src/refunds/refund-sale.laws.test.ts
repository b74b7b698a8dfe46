import type { Sku } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { taxBasket, type TaxComponent, type TaxPolicy } from "../tax/index.ts";
import type { CashRounding } from "../tenders/cash-rounding.ts";
import { settle } from "../tenders/settle.ts";
import type { Tender } from "../tenders/settlement.ts";
import { refundSale, type RefundedSale } from "./refund-sale.ts";
import type { SoldLine, SoldSale } from "./sold-sale.ts";

/** Two taxes, of which the second is on the first; and one plain rate. */
const vat: TaxComponent = {
  id: "vat",
  name: "VAT",
  category: "S",
  rateBp: 2000,
  perUnitMinor: 0,
  isCompound: false,
};
const levy: TaxComponent = { ...vat, id: "levy", name: "Levy", rateBp: 700, perUnitMinor: 3 };
const duty: TaxComponent = { ...levy, id: "duty", isCompound: true, perUnitMinor: 0 };
const rules: readonly (readonly TaxComponent[])[] = [[vat], [levy, duty], [vat, duty], []];

interface DrawnLine {
  readonly pieces: number;
  readonly listMinor: number;
  readonly off: readonly number[];
  readonly rule: number;
  readonly hasDeposit: boolean;
}

const drawnLine: fc.Arbitrary<DrawnLine> = fc.record({
  pieces: fc.integer({ min: 1, max: 7 }),
  listMinor: fc.oneof(fc.nat(12), fc.nat(2500)),
  off: fc.array(fc.nat(40), { maxLength: 3 }),
  rule: fc.nat(3),
  hasDeposit: fc.boolean(),
});

interface Drawn {
  readonly sale: SoldSale;
  readonly cashRounding: CashRounding | null;
}

const drawnSale: fc.Arbitrary<Drawn> = fc
  .record({
    lines: fc.array(drawnLine, { minLength: 1, maxLength: 4 }),
    serviceMinor: fc.oneof(fc.constant(0), fc.nat(200)),
    basis: fc.constantFrom("inclusive" as const, "exclusive" as const),
    cardShare: fc.constantFrom(0, 0, 30, 100),
    step: fc.constantFrom(0, 5, 50),
    tipMinor: fc.constantFrom(0, 25),
  })
  .map(({ lines, serviceMinor, basis, cardShare, step, tipMinor }) => {
    const policy: TaxPolicy = { basis, point: "rate", mode: "half-up" };
    const priced = pricedLines(lines, serviceMinor, policy);
    const totalMinor = sum(priced.lines.map(({ amountMinor }) => amountMinor));
    const cashRounding = step === 0 ? null : ({ stepMinor: step, mode: "half-up" } as const);
    const cardMinor = Math.floor((totalMinor * cardShare) / 100);
    const card = { kind: "card" as const, amountMinor: cardMinor + tipMinor, tipMinor };
    const tenders: readonly Tender[] = [
      ...(cardMinor > 0 ? [card] : []),
      ...(cardMinor < totalMinor ? [{ kind: "cash" as const, amountMinor: 100_000 }] : []),
    ];
    const settled = settle({ totalMinor, currency: "CHF", cashRounding }, tenders);
    if (!settled.ok) throw new Error(JSON.stringify(settled.error));
    const { changeMinor, roundingMinor } = settled.value;
    const paid = { tenders: settled.value.tenders, changeMinor, roundingMinor };
    const marked = basis === "exclusive" ? { basis } : {};
    return { sale: { ...priced, totalMinor, ...paid, ...marked }, cashRounding };
  });

function pricedLines(drawn: readonly DrawnLine[], serviceMinor: number, policy: TaxPolicy) {
  const bare = drawn.flatMap((line, index) => bareLines(line, String(index + 1)));
  const service: BareLine = { ...bareLine("service", 1, serviceMinor), rule: [vat], discounts: [] };
  const all = serviceMinor === 0 ? bare : [...bare, service];
  const taxed = taxBasket(
    all.map(({ line, rule, discounts }) => ({
      lineId: line.lineId,
      quantityMilli: line.quantityMilli,
      listAmountMinor: line.amountMinor,
      amountMinor: line.amountMinor - sum(discounts),
      tax: { taxCode: "code", name: "Tax", components: rule },
    })),
    policy,
  );
  if (!taxed.ok) throw new Error(taxed.error.value);
  const { lines, rows } = taxed.value;
  return {
    lines: all.map(({ line, discounts, linkedTo }, index): SoldLine => ({
      ...line,
      amountMinor: lines[index]?.grossMinor ?? 0,
      taxMinor: lines[index]?.taxMinor ?? 0,
      listAmountMinor: line.amountMinor,
      discounts: discounts.map((amountMinor, at) => ({ ...discount, id: String(at), amountMinor })),
      taxes: lines[index]?.taxes ?? [],
      ...(linkedTo === undefined ? {} : { linkedTo }),
    })),
    taxes: rows,
  };
}

const discount = { kind: "promotion", id: "p", name: "Off", amountMinor: 0, publication: "pub" };

interface BareLine {
  readonly line: SoldLine;
  readonly rule: readonly TaxComponent[];
  readonly discounts: readonly number[];
  readonly linkedTo?: string;
}

function bareLines(drawn: DrawnLine, lineId: string): readonly BareLine[] {
  const { pieces, listMinor, off, hasDeposit } = drawn;
  let left = listMinor;
  const discounts = off.map((wanted) => {
    const taken = Math.min(wanted, left);
    left -= taken;
    return taken;
  });
  const article = { ...bareLine(lineId, pieces, listMinor), discounts };
  const deposit = { ...bareLine(`${lineId}.1`, pieces, pieces * 25), linkedTo: lineId };
  const rule = rules[drawn.rule] ?? [];
  return [{ ...article, rule }, ...(hasDeposit ? [{ ...deposit, rule: [], discounts: [] }] : [])];
}

function bareLine(lineId: string, pieces: number, amountMinor: number): Pick<BareLine, "line"> {
  const sku = `sku-${lineId}` as Sku;
  const plain = { lineId, sku, name: lineId, quantityMilli: pieces * 1000, amountMinor };
  return { line: { ...plain, taxCode: "code", rateBp: 0, taxMinor: 0 } };
}

const picks = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 3000 })), { maxLength: 8 });
type Picks = readonly (readonly [number, number])[];

/** Some of a line that has some left; undefined where nothing is. */
function ask(sale: SoldSale, before: readonly RefundedSale[], [at, wanted]: Picks[number]) {
  const articles = sale.lines.filter(({ linkedTo, lineId }) => !linkedTo && lineId !== "service");
  const left = articles.filter((line) => leftMilli(line, before) > 0);
  const line = left[at % Math.max(1, left.length)];
  if (line === undefined) return undefined;
  return { lineId: line.lineId, quantityMilli: Math.min(wanted, leftMilli(line, before)) };
}

function leftMilli(line: SoldLine, before: readonly RefundedSale[]): number {
  const back = before.flatMap(({ lines }) => lines.filter(({ lineId }) => lineId === line.lineId));
  return line.quantityMilli - sum(back.map(({ quantityMilli }) => quantityMilli));
}

function give({ sale, cashRounding }: Drawn, before: readonly RefundedSale[], parts: Asked) {
  const result = refundSale({ sale, before }, parts, { cashRounding });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

type Asked = Parameters<typeof refundSale>[1];

function refundAll(drawn: Drawn, steps: Picks): readonly RefundedSale[] {
  const given: RefundedSale[] = [];
  for (const step of steps) {
    const part = ask(drawn.sale, given, step);
    if (part !== undefined) given.push(give(drawn, given, [part]));
  }
  const rest = drawn.sale.lines
    .filter(({ linkedTo, lineId }) => !linkedTo && lineId !== "service")
    .map((line) => ({ lineId: line.lineId, quantityMilli: leftMilli(line, given) }))
    .filter(({ quantityMilli }) => quantityMilli > 0);
  return rest.length === 0 ? given : [...given, give(drawn, given, rest)];
}

/** Every number of a line, so that two can be compared or added up. */
function numbersOf(line: SoldLine): readonly number[] {
  const { quantityMilli, amountMinor, taxMinor, listAmountMinor = 0 } = line;
  return [
    quantityMilli,
    amountMinor,
    taxMinor,
    listAmountMinor,
    ...(line.discounts ?? []).map((each) => each.amountMinor),
    ...(line.taxes ?? []).flatMap((each) => [each.baseMinor, each.taxMinor]),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function paidOf({ tenders, changeMinor }: SoldSale): ReadonlyMap<string, number> {
  const paid = new Map<string, number>();
  for (const { kind, amountMinor, tipMinor = 0 } of tenders) {
    const out = kind === "cash" ? changeMinor : 0;
    paid.set(kind, (paid.get(kind) ?? 0) + amountMinor - tipMinor - out);
  }
  return new Map([...paid].filter(([, minor]) => minor > 0));
}

function returnedOf(given: readonly RefundedSale[]): ReadonlyMap<string, number> {
  const returned = new Map<string, number>();
  for (const { kind, amountMinor } of given.flatMap(({ tenders }) => tenders)) {
    returned.set(kind, (returned.get(kind) ?? 0) + amountMinor);
  }
  return returned;
}

describe("refundSale laws (GB)", () => {
  test("[GB1] [GB3] any steps to the end give back exactly the whole, component by component", () => {
    fc.assert(
      fc.property(drawnSale, picks, (drawn, steps) => {
        const given = refundAll(drawn, steps);
        for (const line of drawn.sale.lines) {
          const back = given
            .flatMap(({ lines }) => lines)
            .filter((each) => each.lineId === line.lineId);
          const sums = numbersOf(line).map((_, at) =>
            sum(back.map((each) => numbersOf(each)[at] ?? 0)),
          );
          expect(sums).toEqual(numbersOf(line));
        }
        expect(sum(given.map(({ totalMinor }) => totalMinor))).toBe(drawn.sale.totalMinor);
      }),
      { numRuns: 200 },
    );
  });

  test("[GB2] each step adds up: list less discounts, taxes, tax rows, tenders", () => {
    fc.assert(
      fc.property(drawnSale, picks, (drawn, steps) => {
        for (const { lines, taxes, totalMinor, tenders, roundingMinor } of refundAll(
          drawn,
          steps,
        )) {
          expect(sum(tenders.map(({ amountMinor }) => amountMinor))).toBe(
            totalMinor + roundingMinor,
          );
          expect(tenders.every(({ amountMinor }) => amountMinor > 0)).toBe(true);
          expect(sum(lines.map(({ amountMinor }) => amountMinor))).toBe(totalMinor);
          expect(sum(taxes.map(({ taxMinor }) => taxMinor))).toBe(
            sum(lines.map(({ taxMinor }) => taxMinor)),
          );
          for (const line of lines) {
            const { amountMinor, taxMinor, discounts = [], taxes: own = [] } = line;
            const left = drawn.sale.basis === "exclusive" ? amountMinor - taxMinor : amountMinor;
            const off = sum(discounts.map((each) => each.amountMinor));
            expect(line.listAmountMinor).toBe(left + off);
            expect(sum(own.map((each) => each.taxMinor))).toBe(taxMinor);
            expect(numbersOf(line).every((value) => value >= 0)).toBe(true);
            expect(taxMinor).toBeLessThanOrEqual(amountMinor);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("[GB1] amounts, discounts and taxes depend on how far it got, not on the steps", () => {
    fc.assert(
      fc.property(drawnSale, picks, (drawn, steps) => {
        const given: RefundedSale[] = [];
        for (const step of steps) {
          const part = ask(drawn.sale, given, step);
          if (part !== undefined) given.push(give(drawn, given, [part]));
        }
        for (const line of drawn.sale.lines.filter(({ lineId }) => lineId !== "service")) {
          const back = given
            .flatMap(({ lines }) => lines)
            .filter((each) => each.lineId === line.lineId);
          const milli = sum(back.map(({ quantityMilli }) => quantityMilli));
          const minor = sum(back.map(({ amountMinor }) => amountMinor));
          expect(minor).toBe(naiveShare(line.amountMinor, milli, line.quantityMilli));
          const tax = naiveShare(line.taxMinor, minor, line.amountMinor);
          expect(sum(back.map(({ taxMinor }) => taxMinor))).toBe(tax);
          for (const [at, { amountMinor }] of (line.discounts ?? []).entries()) {
            expect(sum(back.map(({ discounts = [] }) => discounts[at]?.amountMinor ?? 0))).toBe(
              naiveShare(amountMinor, milli, line.quantityMilli),
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("[GB4] [GB5] all back, each way of paying has back what it paid, rounding included", () => {
    fc.assert(
      fc.property(drawnSale, picks, (drawn, steps) => {
        const given = refundAll(drawn, steps);
        expect(returnedOf(given)).toEqual(paidOf(drawn.sale));
        const roundings = sum(given.map(({ roundingMinor }) => roundingMinor));
        expect(roundings).toBe(drawn.sale.roundingMinor ?? 0);
      }),
      { numRuns: 200 },
    );
  });

  test("[GB5] what goes back in cash can be paid in coins at every step", () => {
    fc.assert(
      fc.property(drawnSale, picks, (drawn, steps) => {
        const step = drawn.cashRounding?.stepMinor ?? 1;
        const cash = refundAll(drawn, steps).flatMap(({ tenders }) =>
          tenders.filter(({ kind }) => kind === "cash"),
        );
        expect(cash.filter(({ amountMinor }) => amountMinor % step !== 0)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("[GB6] refunds made apart, then all the rest: never less than the whole, and no step below zero", () => {
    fc.assert(
      fc.property(drawnSale, picks, picks, (drawn, ours, theirs) => {
        const apart = [ours, theirs].flatMap((steps) => {
          const part = ask(drawn.sale, [], steps[0] ?? [0, 1]);
          return part === undefined ? [] : [give(drawn, [], [part])];
        });
        fc.pre(drawn.sale.lines.every((line) => leftMilli(line, apart) >= 0));
        const rest = drawn.sale.lines
          .filter((line) => !line.linkedTo && line.lineId !== "service")
          .map((line) => ({ lineId: line.lineId, quantityMilli: leftMilli(line, apart) }))
          .filter(({ quantityMilli }) => quantityMilli > 0);
        const given = rest.length === 0 ? apart : [...apart, give(drawn, apart, rest)];
        const total = sum(given.map(({ totalMinor }) => totalMinor));
        expect(total).toBeGreaterThanOrEqual(drawn.sale.totalMinor);
        for (const one of given) {
          expect(one.totalMinor).toBeGreaterThanOrEqual(0);
          expect(sum(one.tenders.map(({ amountMinor }) => amountMinor))).toBe(
            one.totalMinor + one.roundingMinor,
          );
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** Half up, the plainest way. */
function naiveShare(whole: number, reached: number, of: number): number {
  return of === 0
    ? 0
    : Number((BigInt(whole) * BigInt(reached) * 2n + BigInt(of)) / (BigInt(of) * 2n));
}

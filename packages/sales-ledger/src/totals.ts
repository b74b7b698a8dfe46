/**
 * What one entry adds to a report, and how such sums add up. SPEC.md §5 (TT).
 *
 * `addTotals` with `noTotals` is a commutative monoid and a report is the sum of
 * `totalsOf` its entries, so reports can be built entry by entry, till by till or all at once.
 *
 * @module
 */

import type {
  CashBody,
  GoodsLine,
  RefundBody,
  ReversalBody,
  SaleBody,
  TaxLine,
  Tender,
} from "./bodies.ts";
import { compareText } from "./chain.ts";
import type { ReadEntry } from "./parse-entry-body.ts";
import type { Counted, TaxTotal, TenderTotal, Totals } from "./report.ts";

const nothing: Counted = { count: 0, totalMinor: 0 };

export const noTotals: Totals = {
  sales: nothing,
  refunds: nothing,
  reversals: nothing,
  netMinor: 0,
  taxes: [],
  tenders: [],
  changeMinor: 0,
  cash: { in: nothing, out: nothing, drop: nothing },
  drawerOpenings: 0,
  unread: 0,
};

/** What an entry is worth in a report. A revoked entry is worth nothing until it is admitted. */
export function totalsOf(read: ReadEntry): Totals {
  const { kind, body } = read;
  if (read.flags.includes("revoked")) return noTotals;
  if (kind === "sale") return ofSale(body);
  if (kind === "refund") return { ...ofGivenBack(body), refunds: once(body.totalMinor) };
  if (kind === "reversal") return { ...ofGivenBack(body), reversals: once(body.totalMinor) };
  if (kind === "cash") return ofCash(body);
  if (kind === "drawer-opened") return { ...noTotals, drawerOpenings: 1 };
  return kind === "faulty" || kind === "unknown-kind" ? { ...noTotals, unread: 1 } : noTotals;
}

export function addTotals(a: Totals, b: Totals): Totals {
  if (b === noTotals) return a;
  return {
    sales: addCounted(a.sales, b.sales),
    refunds: addCounted(a.refunds, b.refunds),
    reversals: addCounted(a.reversals, b.reversals),
    netMinor: addMinor(a.netMinor, b.netMinor),
    taxes: addTaxes(a.taxes, b.taxes),
    tenders: addTenders(a.tenders, b.tenders),
    changeMinor: addMinor(a.changeMinor, b.changeMinor),
    ...extras(
      addMinor(a.roundingMinor ?? 0, b.roundingMinor ?? 0),
      addMinor(a.discountMinor ?? 0, b.discountMinor ?? 0),
      addMinor(a.tipMinor ?? 0, b.tipMinor ?? 0),
    ),
    cash: {
      in: addCounted(a.cash.in, b.cash.in),
      out: addCounted(a.cash.out, b.cash.out),
      drop: addCounted(a.cash.drop, b.cash.drop),
    },
    drawerOpenings: a.drawerOpenings + b.drawerOpenings,
    unread: a.unread + b.unread,
  };
}

/**
 * A sum that stays at the end of the safe integers rather than become inexact. No honest ledger gets
 * there, and one that is not must not stop the folds of everybody else.
 */
export function addMinor(a: number, b: number): number {
  const sum = a + b;
  if (sum > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return sum < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : sum;
}

/** The part of `tenders` that lies in the drawer. */
export function cashOf(tenders: readonly Tender[]): number {
  return tenders.reduce((sum, { kind, amountMinor }) => {
    return kind === "cash" ? addMinor(sum, amountMinor) : sum;
  }, 0);
}

function ofSale(body: SaleBody): Totals {
  const taken = body.tenders.map(({ kind, amountMinor }) => tender(kind, amountMinor, 0));
  const change = body.changeMinor === 0 ? [] : [tender("cash", -body.changeMinor, 0)];
  return {
    ...noTotals,
    sales: once(body.totalMinor),
    netMinor: body.totalMinor,
    taxes: body.taxes.reduce<readonly TaxTotal[]>(
      (sum, tax) => addTaxes(sum, [taxTotal(tax, 1)]),
      [],
    ),
    tenders: sumTenders([...taken, ...change]),
    changeMinor: body.changeMinor,
    ...extras(body.roundingMinor ?? 0, discountsOf(body.lines), body.tipMinor ?? 0),
  };
}

function ofGivenBack(body: RefundBody | ReversalBody): Totals {
  return {
    ...noTotals,
    netMinor: negative(body.totalMinor),
    taxes: body.taxes.reduce<readonly TaxTotal[]>(
      (sum, tax) => addTaxes(sum, [taxTotal(tax, -1)]),
      [],
    ),
    tenders: sumTenders(body.tenders.map(({ kind, amountMinor }) => tender(kind, 0, amountMinor))),
    ...extras(
      negative(body.roundingMinor ?? 0),
      negative(discountsOf(body.lines)),
      negative(body.tipMinor ?? 0),
    ),
  };
}

type Extras = Pick<Totals, "roundingMinor" | "discountMinor" | "tipMinor">;

// Absent for 0, so that a Z of before they existed still equals the fold of its entries.
function extras(roundingMinor: number, discountMinor: number, tipMinor: number): Extras {
  return {
    ...(roundingMinor === 0 ? {} : { roundingMinor }),
    ...(discountMinor === 0 ? {} : { discountMinor }),
    ...(tipMinor === 0 ? {} : { tipMinor }),
  };
}

function discountsOf(lines: readonly GoodsLine[]): number {
  return lines
    .flatMap(({ discounts = [] }) => discounts)
    .reduce((sum, { amountMinor }) => addMinor(sum, amountMinor), 0);
}

function ofCash({ kind, amountMinor }: CashBody): Totals {
  return { ...noTotals, cash: { ...noTotals.cash, [kind]: once(amountMinor) } };
}

function once(totalMinor: number): Counted {
  return { count: 1, totalMinor };
}

function tender(kind: string, takenMinor: number, givenMinor: number): TenderTotal {
  return { kind, takenMinor, givenMinor };
}

function taxTotal(tax: TaxLine, sign: 1 | -1): TaxTotal {
  const { taxCode, name, rateBp, grossMinor, netMinor, taxMinor } = tax;
  if (sign === 1) return { taxCode, name, rateBp, grossMinor, netMinor, taxMinor };
  return {
    taxCode,
    name,
    rateBp,
    grossMinor: negative(grossMinor),
    netMinor: negative(netMinor),
    taxMinor: negative(taxMinor),
  };
}

// No report shows a negative zero.
function negative(amountMinor: number): number {
  return amountMinor === 0 ? 0 : -amountMinor;
}

function addCounted(a: Counted, b: Counted): Counted {
  return { count: a.count + b.count, totalMinor: addMinor(a.totalMinor, b.totalMinor) };
}

function sumTenders(tenders: readonly TenderTotal[]): readonly TenderTotal[] {
  return tenders.reduce<readonly TenderTotal[]>((sum, each) => addTenders(sum, [each]), []);
}

function addTenders(a: readonly TenderTotal[], b: readonly TenderTotal[]): readonly TenderTotal[] {
  return mergeSorted(
    [a, b],
    (x, y) => compareText(x.kind, y.kind),
    (x, y) => ({
      kind: x.kind,
      takenMinor: addMinor(x.takenMinor, y.takenMinor),
      givenMinor: addMinor(x.givenMinor, y.givenMinor),
    }),
  );
}

// The name is not part of the key: if it changed within a day, the lower text stands for both.
function addTaxes(a: readonly TaxTotal[], b: readonly TaxTotal[]): readonly TaxTotal[] {
  return mergeSorted(
    [a, b],
    (x, y) => compareText(x.taxCode, y.taxCode) || x.rateBp - y.rateBp,
    (x, y) => ({
      ...x,
      name: compareText(x.name, y.name) <= 0 ? x.name : y.name,
      grossMinor: addMinor(x.grossMinor, y.grossMinor),
      netMinor: addMinor(x.netMinor, y.netMinor),
      taxMinor: addMinor(x.taxMinor, y.taxMinor),
    }),
  );
}

/** Two sorted lists without equal items within one become such a list; equal items are added. The lists are short. */
export function mergeSorted<T>(
  [a, b]: readonly [readonly T[], readonly T[]],
  compare: (x: T, y: T) => number,
  add: (x: T, y: T) => T,
): readonly T[] {
  return b.reduce((list, item) => {
    const index = list.findIndex((each) => compare(each, item) >= 0);
    const found = list[index];
    if (found === undefined) return list.concat([item]);
    return compare(found, item) === 0
      ? list.with(index, add(found, item))
      : list.toSpliced(index, 0, item);
  }, a);
}

/**
 * Taxes of a basket by the school book: the oracle of `taxBasket`, rounding halves up.
 *
 * It works in a hundred digits of decimal fraction and finds the net of a tax-inclusive amount by
 * halving an interval, where the engine inverts ratios; it hands out minor units one by one.
 *
 * @module
 */

import type { TaxBasis } from "../basket/listed-line.ts";

export interface NaiveTaxLine {
  readonly amountMinor: number;
  readonly quantityMilli: number;
  readonly taxes: readonly NaiveTax[];
}

/** Taxes of one id have one rate and one amount per unit in the whole basket. */
export interface NaiveTax {
  readonly id: string;
  readonly rateBp: number;
  readonly perUnitMinor: number;
  readonly isCompound: boolean;
}

/** The taxes of each line; amounts of lines are at least their amounts per unit, or zero. */
export function naiveTaxes(
  lines: readonly NaiveTaxLine[],
  basis: TaxBasis,
  point: "rate" | "line" | "unit",
): readonly (readonly number[])[] {
  const fractions = lines.map((line) => fractionsOf(line, basis));
  if (point === "rate") return handOut(lines, fractions, basis);
  return lines.map((line, index) => {
    const isWhole = line.quantityMilli > 0 && line.quantityMilli % 1000 === 0;
    const units = point === "unit" && isWhole ? BigInt(line.quantityMilli / 1000) : 1n;
    const taxes = (fractions[index] ?? []).map((tax) =>
      Number((nearest(tax / units) / one) * units),
    );
    return basis === "inclusive" ? trimmed(taxes, line.amountMinor) : taxes;
  });
}

const one = 10n ** 100n;
/** What is closer than this is the same fraction. */
const grain = 10n ** 40n;

function fractionsOf(line: NaiveTaxLine, basis: TaxBasis): readonly bigint[] {
  const amount = BigInt(line.amountMinor) * one;
  if (amount === 0n) return line.taxes.map(() => 0n);
  if (basis === "exclusive") return onTop(line, amount);
  let low = 0n;
  let high = amount;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const gross = onTop(line, middle).reduce((total, tax) => total + tax, middle);
    if (gross > amount) high = middle;
    else low = middle;
  }
  return onTop(line, low);
}

function onTop({ taxes, quantityMilli }: NaiveTaxLine, net: bigint): readonly bigint[] {
  const found: bigint[] = [];
  let before = net;
  for (const { rateBp, perUnitMinor, isCompound } of taxes) {
    const base = isCompound ? before : net;
    const perUnit = (BigInt(perUnitMinor) * BigInt(quantityMilli) * one) / 1000n;
    const tax = (base * BigInt(rateBp)) / 10_000n + perUnit;
    found.push(tax);
    before += tax;
  }
  return found;
}

function handOut(
  lines: readonly NaiveTaxLine[],
  fractions: readonly (readonly bigint[])[],
  basis: TaxBasis,
): readonly (readonly number[])[] {
  const rows = lines.map((line, row) =>
    line.taxes.map(({ id }, column): Cell => {
      const fraction = snapped(fractions[row]?.[column] ?? 0n);
      const limitMinor = basis === "inclusive" ? line.amountMinor : Infinity;
      return {
        id,
        row,
        rest: fraction % one,
        fraction,
        limitMinor,
        taxMinor: Number(fraction / one),
      };
    }),
  );
  const ids = new Set(rows.flat().map(({ id }) => id));
  for (const id of [...ids].toSorted()) raiseCells(id, rows);
  return rows.map((row) => row.map(({ taxMinor }) => taxMinor));
}

interface Cell {
  readonly id: string;
  readonly row: number;
  readonly fraction: bigint;
  readonly rest: bigint;
  readonly limitMinor: number;
  taxMinor: number;
}

function raiseCells(id: string, rows: readonly (readonly Cell[])[]): void {
  const cells = rows.flat().filter((cell) => cell.id === id);
  const whole = nearest(cells.reduce((total, { fraction }) => total + fraction, 0n)) / one;
  let left = Number(whole) - sum(cells.map(({ taxMinor }) => taxMinor));
  for (const cell of cells.toSorted(byRest)) {
    const inLine = sum((rows[cell.row] ?? []).map(({ taxMinor }) => taxMinor));
    if (left <= 0 || inLine >= cell.limitMinor) continue;
    cell.taxMinor += 1;
    left -= 1;
  }
}

function byRest(a: Cell, b: Cell): number {
  return Number(b.rest > a.rest) - Number(b.rest < a.rest);
}

function trimmed(taxes: readonly number[], limit: number): readonly number[] {
  const kept = [...taxes];
  for (let at = kept.length - 1; at >= 0; at -= 1) {
    while (sum(kept) > limit && (kept[at] ?? 0) > 0) kept[at] = (kept[at] ?? 0) - 1;
  }
  return kept;
}

function snapped(fraction: bigint): bigint {
  return ((fraction + grain / 2n) / grain) * grain;
}

/** A whole number of `one`. */
function nearest(fraction: bigint): bigint {
  return ((snapped(fraction) + one / 2n) / one) * one;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

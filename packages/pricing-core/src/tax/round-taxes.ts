/**
 * Where exact taxes become integers: at the unit, at the line, or once per rate. SPEC.md §13 (LT).
 *
 * @module
 */

import { roundRatio, type RoundingMode } from "../rounding.ts";
import type { ExactTaxes } from "./exact-tax.ts";
import type { TaxPolicy } from "./taxed-basket.ts";

/** The taxes of one line; all numbers but the sign are magnitudes. */
export interface LineToRound {
  readonly sign: 1n | -1n;
  readonly exact: ExactTaxes;
  /** Per tax: those with one key are rounded together. */
  readonly keys: readonly string[];
  /** What all taxes of the line can be at most; null without a limit. */
  readonly limitMinor: bigint | null;
  /** 1 for what has no whole units. */
  readonly units: bigint;
  /** Decides between equal remainders before the position does. */
  readonly content: string;
}

/**
 * Magnitudes, per line in the order of its taxes. Where they would exceed the limit of the line, the last
 * tax gives way first.
 */
export function roundTaxes(
  lines: readonly LineToRound[],
  { point, mode }: Pick<TaxPolicy, "point" | "mode">,
): readonly (readonly bigint[])[] {
  if (point === "rate") return roundPerRate(lines, mode);
  return lines.map(({ exact, units, limitMinor }) => {
    const parts = point === "unit" ? units : 1n;
    const denominator = exact.denominator * parts;
    const rounded = exact.numerators.map((tax) => roundRatio(tax, denominator, mode) * parts);
    return within(limitMinor, rounded);
  });
}

/**
 * Each key's sum is rounded once. Each tax is rounded down and those with the largest remainders are
 * raised, as far as their lines have room.
 */
function roundPerRate(
  lines: readonly LineToRound[],
  mode: RoundingMode,
): readonly (readonly bigint[])[] {
  const taxes = lines.map(({ exact, limitMinor }) => {
    const floors = exact.numerators.map((tax) => tax / exact.denominator);
    return [...within(limitMinor, floors)];
  });
  for (const group of groupsByKey(lines)) raise(group, { mode, taxes });
  return taxes;
}

/** One tax of one line. */
interface Part {
  readonly line: LineToRound;
  readonly lineIndex: number;
  readonly taxIndex: number;
  readonly numerator: bigint;
}

// By key, so that neither the order of lines nor of their taxes decides which is rounded first.
function groupsByKey(lines: readonly LineToRound[]): readonly (readonly Part[])[] {
  const groups = new Map<string, Part[]>();
  for (const [lineIndex, line] of lines.entries()) {
    for (const [taxIndex, key] of line.keys.entries()) {
      const part = { line, lineIndex, taxIndex, numerator: line.exact.numerators[taxIndex] ?? 0n };
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [part]);
      else group.push(part);
    }
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

interface Rounding {
  readonly mode: RoundingMode;
  /** Raised in place. */
  readonly taxes: readonly bigint[][];
}

function raise(group: readonly Part[], { mode, taxes }: Rounding): void {
  const denominator = group.reduce((all, { line }) => lcm(all, line.exact.denominator), 1n);
  const scaled = group.map((part) => {
    const numerator = part.numerator * (denominator / part.line.exact.denominator);
    return { ...part, rest: numerator % denominator, numerator };
  });
  const exact = scaled.reduce((sum, { line, numerator }) => sum + line.sign * numerator, 0n);
  const floors = scaled.reduce(
    (sum, { line, numerator }) => sum + line.sign * (numerator / denominator),
    0n,
  );
  const leftover = roundRatio(exact, denominator, mode) - floors;
  const side = leftover < 0n ? -1n : 1n;
  let left = leftover * side;
  for (const { line, lineIndex, taxIndex } of scaled
    .filter(({ line: { sign }, rest }) => sign === side && rest > 0n)
    .toSorted(byRestThenContent)) {
    const own = taxes[lineIndex] ?? [];
    if (left === 0n) return;
    if (line.limitMinor !== null && sumOf(own) >= line.limitMinor) continue;
    own[taxIndex] = (own[taxIndex] ?? 0n) + 1n;
    left -= 1n;
  }
}

function byRestThenContent(
  a: Part & { readonly rest: bigint },
  b: Part & { readonly rest: bigint },
): number {
  if (a.rest !== b.rest) return a.rest > b.rest ? -1 : 1;
  if (a.line.content !== b.line.content) return a.line.content < b.line.content ? -1 : 1;
  return a.lineIndex - b.lineIndex || a.taxIndex - b.taxIndex;
}

function within(limitMinor: bigint | null, taxes: readonly bigint[]): readonly bigint[] {
  if (limitMinor === null) return taxes;
  let room = limitMinor;
  return taxes.map((tax) => {
    const kept = tax < room ? tax : room;
    room -= kept;
    return kept;
  });
}

function lcm(a: bigint, b: bigint): bigint {
  return a === b ? a : (a / gcd(a, b)) * b;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

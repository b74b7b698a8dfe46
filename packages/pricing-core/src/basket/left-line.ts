/**
 * A line on its way through the discounts. SPEC.md §8 (BA).
 *
 * @module
 */

import { assert, sumSafe } from "@tillmesh/kernel";
import type { Discount } from "../discount.ts";
import type { TaxRule } from "../tax/index.ts";
import type { BasketLine } from "./basket-input.ts";
import type { ChosenPrice } from "./choose-price.ts";
import type { ListedLine } from "./listed-line.ts";

/** A listed line with what it was made of. */
export interface ResolvedLine {
  readonly listed: ListedLine;
  readonly tax: TaxRule;
  /** The line that was asked for, and where. Absent from the service charge. */
  readonly asked?: AskedLine;
  readonly price?: ChosenPrice;
  /** Of a deposit: the line it belongs to. */
  readonly linkedTo?: string;
}

/** A deposit has the index of its line, and nothing that a person decided. */
export interface AskedLine extends BasketLine {
  readonly index: number;
}

/** `leftMinor` is the list amount without `discounts`: never negative. */
export interface LeftLine extends ResolvedLine {
  readonly discounts: readonly Discount[];
  readonly leftMinor: number;
}

/** `line` with discounts more; one of nothing is none. */
export function lowered(line: LeftLine, taken: readonly Discount[]): LeftLine {
  const added = taken.filter(({ amountMinor }) => amountMinor !== 0);
  if (added.length === 0) return line;
  const leftMinor = added.reduce((left, { amountMinor }) => left - amountMinor, line.leftMinor);
  assert(leftMinor >= 0, "no more is taken off than a line costs");
  return { ...line, discounts: [...line.discounts, ...added], leftMinor };
}

/** The list amounts of a basket add up safely, and so does what is left of them. */
export function sumLeft(lines: readonly LeftLine[]): number {
  const sum = sumSafe(lines.map(({ leftMinor }) => leftMinor));
  assert(sum.ok, "the list amounts were added up before");
  return sum.value;
}

/**
 * Where stock is kept in a state: one SKU at one location. SPEC.md §2 (PN).
 *
 * @module
 */

import type { LocationId, Sku } from "@tillmesh/kernel";
import type { CountFact } from "./count.ts";

export interface CellKey {
  readonly location: LocationId;
  readonly sku: Sku;
}

/** A sum per device: a PN-counter with one signed lane for each writer. */
export interface Cell extends CellKey {
  readonly totals: TotalsByDevice;
  /** By entry hash. */
  readonly counts: Readonly<Record<string, CountFact>>;
}

/** Thousandths by device id. */
export type TotalsByDevice = Readonly<Record<string, number>>;

export function emptyCell({ location, sku }: CellKey): Cell {
  return { location, sku, totals: {}, counts: {} };
}

export function cellText({ location, sku }: CellKey): string {
  return `${location}\n${sku}`;
}

export function sumOfTotals(totals: TotalsByDevice): number {
  return Object.values(totals).reduce(addMilli, 0);
}

/** A sum that stays at the end of the safe integers rather than become inexact; no honest ledger gets there. */
export function addMilli(a: number, b: number): number {
  const sum = a + b;
  if (sum > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  return sum < Number.MIN_SAFE_INTEGER ? Number.MIN_SAFE_INTEGER : sum;
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function compareCells(a: CellKey, b: CellKey): number {
  return compareText(a.location, b.location) || compareText(a.sku, b.sku);
}

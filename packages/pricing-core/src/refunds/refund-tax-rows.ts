/**
 * The tax rows of what is given back, after those of the sale. SPEC.md §21 (GB).
 *
 * @module
 */

import type { SoldLine, SoldTax, SoldTaxRow } from "./sold-sale.ts";
import { sumOf } from "./tally.ts";

type Line = Pick<SoldLine, "amountMinor" | "taxMinor" | "taxCode" | "rateBp" | "taxes">;

/** The rows of the sale that `lines` have a part in, in its order; what the sale does not name comes last. */
export function refundTaxRows(
  lines: readonly Line[],
  soldRows: readonly SoldTaxRow[],
): readonly SoldTaxRow[] {
  const parts = lines.flatMap(partsOf);
  const keys = [...new Set([...soldRows.map(keyOf), ...parts.map(({ key }) => key)])];
  return keys.flatMap((key) => {
    const own = parts.filter((part) => part.key === key);
    const [first] = own;
    if (first === undefined) return [];
    const row = soldRows.find((each) => keyOf(each) === key) ?? first.row;
    return [rowOf(row, own)];
  });
}

interface Part {
  readonly key: string;
  /** What a row would be called that the sale does not have. */
  readonly row: SoldTaxRow;
  readonly netMinor: number;
  readonly beforeMinor: number;
  readonly baseMinor: number;
  readonly taxMinor: number;
}

function partsOf({ amountMinor, taxMinor, taxCode, rateBp, taxes }: Line): readonly Part[] {
  const netMinor = amountMinor - taxMinor;
  const none = { grossMinor: 0, netMinor: 0, taxMinor: 0 };
  if (taxes === undefined) {
    const row = { taxCode, name: taxCode, rateBp, ...none };
    return [{ key: keyOf(row), row, netMinor, beforeMinor: 0, baseMinor: netMinor, taxMinor }];
  }
  return taxes.map((tax, index) => {
    const { id, name, category, perUnitMinor } = tax;
    const row = { taxCode: id, name, rateBp: tax.rateBp, ...none, category, perUnitMinor };
    const beforeMinor = sumOf(taxes.slice(0, index), (before) => before.taxMinor);
    const { baseMinor } = tax;
    return { key: keyOf(row), row, netMinor, beforeMinor, baseMinor, taxMinor: tax.taxMinor };
  });
}

type RowKey = Pick<SoldTaxRow, "taxCode" | "rateBp"> &
  Partial<Pick<SoldTax, "category">> & {
    readonly perUnitMinor?: number;
  };

function keyOf({ taxCode, rateBp, category, perUnitMinor = 0 }: RowKey): string {
  const usual = rateBp > 0 || perUnitMinor > 0 ? "S" : "Z";
  return JSON.stringify([taxCode, rateBp, perUnitMinor, category ?? usual]);
}

function rowOf(row: SoldTaxRow, parts: readonly Part[]): SoldTaxRow {
  const { baseMinor: soldBaseMinor, ...named } = row;
  const isCompound = row.isCompound === true;
  const netMinor = sumOf(parts, (part) => part.netMinor + (isCompound ? part.beforeMinor : 0));
  const taxMinor = sumOf(parts, (part) => part.taxMinor);
  const baseMinor = sumOf(parts, (part) => part.baseMinor);
  const base = soldBaseMinor === undefined ? {} : { baseMinor };
  return { ...named, grossMinor: netMinor + taxMinor, netMinor, taxMinor, ...base };
}

/**
 * The tax rows of a receipt against its lines. SPEC.md §2 (RB).
 *
 * A line that lists its taxes is in one row for each of them, any other line is in the row of its code.
 *
 * @module
 */

import type { GoodsLine, LineTax, TaxLine } from "./bodies.ts";
import type { BodyFault } from "./checks.ts";
import { differs, sumOf } from "./differs.ts";

type Line = Pick<GoodsLine, "amountMinor" | "taxMinor" | "taxCode" | "rateBp" | "taxes">;

export function taxRowFaults(
  lines: readonly Line[],
  rows: readonly TaxLine[],
  totalMinor: number,
): readonly BodyFault[] {
  const parts = lines.flatMap(partsOf);
  const isPlain = lines.every(({ taxes }) => taxes === undefined);
  const grossMinor = sumOf(rows, (row) => row.grossMinor);
  return [
    ...(isPlain ? differs("/taxes", totalMinor, grossMinor) : missingRows(parts, rows)),
    ...rows.flatMap((row, index) => rowFaults(rows, index, parts)),
  ];
}

/** What a line adds to a row. */
interface Part {
  readonly key: string;
  readonly netMinor: number;
  /** The taxes of the line before this one: a compound tax is on them too. */
  readonly beforeMinor: number;
  readonly taxMinor: number;
}

function partsOf({ amountMinor, taxMinor, taxCode, rateBp, taxes }: Line): readonly Part[] {
  const netMinor = amountMinor - taxMinor;
  if (taxes === undefined) {
    return [{ key: keyOf({ taxCode, rateBp }), netMinor, beforeMinor: 0, taxMinor }];
  }
  return taxes.map((tax, index) => ({
    key: keyOf({ ...tax, taxCode: tax.id }),
    netMinor,
    beforeMinor: sumOf(taxes.slice(0, index), (before) => before.taxMinor),
    taxMinor: tax.taxMinor,
  }));
}

type RowKey = Pick<TaxLine, "taxCode" | "rateBp"> &
  Partial<Pick<LineTax, "category" | "perUnitMinor">>;

function keyOf({ taxCode, rateBp, category, perUnitMinor = 0 }: RowKey): string {
  const usual = rateBp > 0 || perUnitMinor > 0 ? "S" : "Z";
  return JSON.stringify([taxCode, rateBp, perUnitMinor, category ?? usual]);
}

function missingRows(parts: readonly Part[], rows: readonly TaxLine[]): readonly BodyFault[] {
  const keys = new Set(rows.map(keyOf));
  const missing = parts.filter(({ key }) => !keys.has(key)).map(({ key }) => key);
  return [...new Set(missing)].map((key) => {
    return { pointer: "/taxes", expected: `a row for ${key}`, found: "nothing" };
  });
}

// Rows of one tax that differ in name share its lines, since lines do not say which row they are in.
function rowFaults(
  rows: readonly TaxLine[],
  index: number,
  parts: readonly Part[],
): readonly BodyFault[] {
  const row = rows[index];
  if (row === undefined) return [];
  const pointer = `/taxes/${index}`;
  const key = keyOf(row);
  const isOfGroup = (each: TaxLine) => keyOf(each) === key;
  const isFirst = rows.findIndex(isOfGroup) === index;
  const group = rows.filter(isOfGroup);
  const own = parts.filter((part) => part.key === key);
  const isRepeated = rows.findIndex((each) => isOfGroup(each) && isNamedAs(each, row)) !== index;
  return [
    ...(isFirst ? groupFaults(pointer, group, own) : []),
    ...(isRepeated ? [{ pointer, expected: "a tax row once", found: row.taxCode }] : []),
    ...differs(`${pointer}/netMinor`, row.grossMinor - row.taxMinor, row.netMinor),
  ];
}

function isNamedAs(a: TaxLine, b: TaxLine): boolean {
  return a.name === b.name && a.isCompound === b.isCompound;
}

function groupFaults(
  pointer: string,
  rows: readonly TaxLine[],
  parts: readonly Part[],
): readonly BodyFault[] {
  const isCompound = rows.some((row) => row.isCompound === true);
  const isMixed = isCompound && rows.some((row) => row.isCompound !== true);
  const netMinor = sumOf(parts, (part) => part.netMinor + (isCompound ? part.beforeMinor : 0));
  const taxMinor = sumOf(parts, (part) => part.taxMinor);
  const foundTaxMinor = sumOf(rows, (row) => row.taxMinor);
  const foundGrossMinor = sumOf(rows, (row) => row.grossMinor);
  return [
    ...(isMixed ? [] : differs(`${pointer}/grossMinor`, netMinor + taxMinor, foundGrossMinor)),
    ...differs(`${pointer}/taxMinor`, taxMinor, foundTaxMinor),
  ];
}

/**
 * Which of a receipt's five fields a tax rate belongs to, by date. SPEC.md §9 (RAT).
 *
 * A table is a list of periods `{ from: "2016-04-01", rates: { "2000": "normal", ... } }`, rates in basis points; the last period
 * that begins on or before the receipt's local date holds.
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";
import type { Receipt, ReceiptTax } from "../../receipt.ts";
import type { SealFault } from "../../regime.ts";

/** In the order of the payload. */
export const taxFields = ["normal", "reduced1", "reduced2", "zero", "special"] as const;

export type TaxField = (typeof taxFields)[number];

export interface RatePeriod {
  /** Local date, inclusive. */
  readonly from: string;
  readonly rates: ReadonlyMap<number, TaxField>;
}

const since2016: readonly (readonly [number, TaxField])[] = [
  [2000, "normal"],
  [1000, "reduced1"],
  [1300, "reduced2"],
  [0, "zero"],
  // Jungholz and Mittelberg.
  [1900, "special"],
];

export const builtInRates: readonly RatePeriod[] = [
  { from: "2016-01-01", rates: new Map(since2016) },
  { from: "2026-07-01", rates: new Map([...since2016, [490, "special"]]) },
];

/** Cents of the five fields, tax included; `undefined` where a rate belongs to none. */
export function amountsOf(
  { taxes }: Receipt,
  localDay: string,
  periods: readonly RatePeriod[],
): readonly number[] | undefined {
  const sums = new Map<TaxField, number>(taxFields.map((field) => [field, 0]));
  for (const tax of taxes) {
    const field = fieldOf(tax, localDay, periods);
    if (field === undefined) return undefined;
    sums.set(field, (sums.get(field) ?? 0) + tax.netMinor + tax.taxMinor);
  }
  return taxFields.map((field) => sums.get(field) ?? 0);
}

export function rateFaults(
  { taxes }: Receipt,
  localDay: string,
  periods: readonly RatePeriod[],
): readonly SealFault[] {
  return taxes.flatMap((tax, at) =>
    fieldOf(tax, localDay, periods) === undefined
      ? [{ pointer: `/taxes/${at}/rateBp`, code: "rate", detail: `no field for ${tax.rateBp} bp` }]
      : [],
  );
}

/** `undefined` for anything that is no table. */
export function readRates(value: Json): readonly RatePeriod[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const periods = (value as readonly Json[]).map(readPeriod);
  const known = periods.filter((period) => period !== undefined);
  const isSorted = known.every(({ from }, at) => at === 0 || (known[at - 1]?.from ?? "") < from);
  return known.length === periods.length && isSorted ? known : undefined;
}

// What is free of tax has no rate to look up.
function fieldOf(
  { category, rateBp }: ReceiptTax,
  localDay: string,
  periods: readonly RatePeriod[],
): TaxField | undefined {
  if (category !== "S") return rateBp === 0 ? "zero" : undefined;
  return periods.findLast(({ from }) => from <= localDay)?.rates.get(rateBp);
}

function readPeriod(value: Json): RatePeriod | undefined {
  const { from, rates } = isObject(value) ? value : {};
  if (typeof from !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(from)) return undefined;
  const entries = Object.entries(isObject(rates) ? rates : {}).map(
    ([rate, name]) => [Number(rate), taxFields.find((field) => field === name)] as const,
  );
  const known = entries.flatMap(([rate, field]) =>
    field !== undefined && Number.isSafeInteger(rate) ? [[rate, field] as const] : [],
  );
  return known.length > 0 && known.length === entries.length
    ? { from, rates: new Map(known) }
    : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The tax inside tax-inclusive amounts, and its summary. SPEC.md §8 (BA).
 *
 * tax = gross x rate / (10000 + rate). Whatever the policy, the taxes of the lines add up to the
 * summary, and each row of it to gross = net + tax.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import { apportion } from "../allocate.ts";
import type { PricingPolicy } from "../policy.ts";
import { roundRatio } from "../rounding.ts";
import type { TaxCategory } from "./tax-rule.ts";

export interface GrossLine {
  readonly amountMinor: number;
  readonly taxCode: string;
  readonly rateBp: number;
}

export interface TaxedGrossLine extends GrossLine {
  readonly taxMinor: number;
}

/**
 * One tax at one rate. What is absent is as usual, so a plain tax has the first six members only.
 * `grossMinor` is `netMinor` plus `taxMinor`.
 */
export interface TaxSummaryRow {
  /** Of a line with several taxes the id of the component. */
  readonly taxCode: string;
  readonly name: string;
  readonly rateBp: number;
  readonly grossMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
  /** Absent: S, or Z for a rate of 0. */
  readonly category?: TaxCategory;
  readonly perUnitMinor?: number;
  readonly isCompound?: true;
  /** What the tax was computed on, where that is not `netMinor`: discounts come after tax. */
  readonly baseMinor?: number;
}

/**
 * The tax in each line, in the order of `lines`. Lines of one tax code have one rate; no amount is
 * negative, and their sum is safe.
 */
export function taxLines(
  lines: readonly GrossLine[],
  policy: PricingPolicy["tax"],
): readonly number[] {
  if (policy.point === "line")
    return lines.map((line) => taxWithin(line.amountMinor, line.rateBp, policy));
  const taxes = lines.map(() => 0);
  for (const indexes of indexesByTaxCode(lines).values()) {
    const shares = taxGroup(
      indexes.flatMap((index) => lines[index] ?? []),
      policy,
    );
    for (const [at, index] of indexes.entries()) taxes[index] = shares[at] ?? 0;
  }
  return taxes;
}

/** One row per tax code and rate, by code, then rate; `nameOf` is asked for the name of a code. */
export function summariseTaxes(
  lines: readonly TaxedGrossLine[],
  nameOf: (taxCode: string) => string,
): readonly TaxSummaryRow[] {
  const rows = new Map<string, TaxSummaryRow>();
  for (const { amountMinor, taxCode, rateBp, taxMinor } of lines) {
    const key = `${taxCode}\n${rateBp}`;
    const row = rows.get(key) ?? emptyRow(taxCode, nameOf(taxCode), rateBp);
    rows.set(key, {
      ...row,
      grossMinor: row.grossMinor + amountMinor,
      netMinor: row.netMinor + amountMinor - taxMinor,
      taxMinor: row.taxMinor + taxMinor,
    });
  }
  return [...rows.values()].toSorted(byCodeAndRate);
}

function emptyRow(taxCode: string, name: string, rateBp: number): TaxSummaryRow {
  return { taxCode, name, rateBp, grossMinor: 0, netMinor: 0, taxMinor: 0 };
}

function byCodeAndRate(a: TaxSummaryRow, b: TaxSummaryRow): number {
  if (a.taxCode === b.taxCode) return a.rateBp - b.rateBp;
  return a.taxCode < b.taxCode ? -1 : 1;
}

function indexesByTaxCode(lines: readonly GrossLine[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { taxCode }] of lines.entries()) {
    const group = groups.get(taxCode);
    if (group === undefined) groups.set(taxCode, [index]);
    else group.push(index);
  }
  return groups;
}

/** Rounds the tax of all lines of a code once, and gives each line the integer next to its exact part. */
function taxGroup(lines: readonly GrossLine[], policy: PricingPolicy["tax"]): readonly number[] {
  const rateBp = lines[0]?.rateBp ?? 0;
  assert(
    lines.every((line) => line.rateBp === rateBp),
    "a tax code has one rate",
  );
  const grossMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  const exact = lines.map((line) => BigInt(line.amountMinor) * BigInt(rateBp));
  return apportion(taxWithin(grossMinor, rateBp, policy), exact, BigInt(10_000 + rateBp));
}

function taxWithin(grossMinor: number, rateBp: number, { mode }: PricingPolicy["tax"]): number {
  assert(Number.isSafeInteger(grossMinor), "the gross of a basket is safe");
  return Number(roundRatio(BigInt(grossMinor) * BigInt(rateBp), BigInt(10_000 + rateBp), mode));
}

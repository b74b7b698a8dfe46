/**
 * The tax summary: one row per tax and rate, summed up from lines. SPEC.md §13 (LT).
 *
 * @module
 */

import { ok, sumSafe, type OverflowError, type Result } from "@tillmesh/kernel";
import type { TaxSummaryRow } from "./line-tax.ts";
import { isPlainComponent, usualCategory, type TaxComponent, type TaxRule } from "./tax-rule.ts";
import type { TaxedLine } from "./taxed-basket.ts";

/** `rules` are those of the lines. By id, rate, then what else tells taxes apart. */
export function taxRows(
  lines: readonly TaxedLine[],
  rules: readonly TaxRule[],
): Result<readonly TaxSummaryRow[], OverflowError> {
  const columnsByKey = new Map<string, Columns>();
  for (const [index, line] of lines.entries()) {
    for (const [at, component] of (rules[index]?.components ?? []).entries()) {
      const key = taxRowKey(component);
      const columns = columnsByKey.get(key) ?? { component, net: [], tax: [], base: [] };
      columnsByKey.set(key, columns);
      addLine(columns, line, at);
    }
  }
  const rows: TaxSummaryRow[] = [];
  for (const [, columns] of [...columnsByKey].toSorted(byIdRateKey)) {
    const row = rowOf(columns);
    if (!row.ok) return row;
    rows.push(row.value);
  }
  return ok(rows);
}

/** Equal for taxes that share a row. */
export function taxRowKey(component: TaxComponent): string {
  const { id, name, category, rateBp, perUnitMinor, isCompound } = component;
  // Neither id nor name has a control character.
  return `${id}\n${category}\n${rateBp}\n${perUnitMinor}\n${isCompound}\n${name}`;
}

interface Columns {
  readonly component: TaxComponent;
  readonly net: number[];
  readonly tax: number[];
  readonly base: number[];
}

function addLine({ component, net, tax, base }: Columns, line: TaxedLine, at: number): void {
  const own = line.taxes[at];
  if (own === undefined) return;
  const before = component.isCompound ? line.taxes.slice(0, at) : [];
  net.push(line.netMinor, ...before.map(({ taxMinor }) => taxMinor));
  tax.push(own.taxMinor);
  base.push(own.baseMinor);
}

function rowOf(columns: Columns): Result<TaxSummaryRow, OverflowError> {
  const net = sumSafe(columns.net);
  const tax = sumSafe(columns.tax);
  const base = sumSafe(columns.base);
  const gross = sumSafe([...columns.net, ...columns.tax]);
  if (!net.ok) return net;
  if (!tax.ok) return tax;
  if (!base.ok) return base;
  if (!gross.ok) return gross;
  const { id, name, rateBp } = columns.component;
  return ok({
    taxCode: id,
    name,
    rateBp,
    grossMinor: gross.value,
    netMinor: net.value,
    taxMinor: tax.value,
    ...unusual(columns.component),
    ...(base.value === net.value ? {} : { baseMinor: base.value }),
  });
}

function unusual(component: TaxComponent): Partial<TaxSummaryRow> {
  if (isPlainComponent(component)) return {};
  const { category, perUnitMinor, isCompound } = component;
  return {
    ...(category === usualCategory(component) ? {} : { category }),
    ...(perUnitMinor === 0 ? {} : { perUnitMinor }),
    ...(isCompound ? { isCompound } : {}),
  };
}

function byIdRateKey([keyA, a]: [string, Columns], [keyB, b]: [string, Columns]): number {
  const [one, other] = [a.component, b.component];
  if (one.id !== other.id) return one.id < other.id ? -1 : 1;
  if (one.rateBp !== other.rateBp) return one.rateBp - other.rateBp;
  return keyA < keyB ? -1 : 1;
}

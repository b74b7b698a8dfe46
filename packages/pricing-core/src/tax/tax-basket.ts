/**
 * Net, taxes and gross of each line of a basket. SPEC.md §13 (LT).
 *
 * Exact until the policy's point of rounding: a tax is rounded there and nowhere else, and what is not
 * rounded follows from sums.
 *
 * @module
 */

import { err, ok, sumSafe, type OverflowError, type Result } from "@tillmesh/kernel";
import { exactTaxes } from "./exact-tax.ts";
import { roundTaxes, type LineToRound } from "./round-taxes.ts";
import type { TaxComponent } from "./tax-rule.ts";
import { taxRows, taxRowKey } from "./tax-rows.ts";
import type { LineTax, TaxableLine, TaxedBasket, TaxedLine, TaxPolicy } from "./taxed-basket.ts";

/**
 * Lines as they come; their order decides only which of two lines with one plain tax each and equal
 * remainders has the odd minor unit. Bring them in an order of content where that matters.
 */
export function taxBasket(
  lines: readonly TaxableLine[],
  policy: TaxPolicy,
): Result<TaxedBasket, OverflowError> {
  const stray = lines.flatMap(numbersOf).find((value) => !Number.isSafeInteger(value));
  if (stray !== undefined) return err({ type: "Overflow", value: String(stray) });
  const taxes = roundTaxes(
    lines.map((line) => lineToRound(line, policy)),
    policy,
  );
  const taxed = lines.map((line, index) => exactLine(line, taxes[index] ?? [], policy));
  const wide = taxed.flatMap(bigintsOf).find((value) => !Number.isSafeInteger(Number(value)));
  if (wide !== undefined) return err({ type: "Overflow", value: String(wide) });
  return totalsOf(taxed.map(safeLine), lines);
}

/** The components whose taxes are computed: of an exempt line with tax-inclusive price those it is relieved of. */
function computed({ tax }: TaxableLine, { basis }: TaxPolicy): readonly TaxComponent[] {
  return isRelieved(tax, basis) ? (tax.exemption?.relieved ?? []) : tax.components;
}

function isRelieved({ exemption }: TaxableLine["tax"], basis: TaxPolicy["basis"]): boolean {
  return basis === "inclusive" && exemption !== undefined && exemption.relieved.length > 0;
}

function lineToRound(line: TaxableLine, policy: TaxPolicy): LineToRound {
  const components = computed(line, policy);
  const taxedMinor = taxedAmount(line, policy);
  const quantityMilli = magnitude(line.quantityMilli);
  const { basis } = policy;
  const prefix = isRelieved(line.tax, basis) ? "relieved\n" : "";
  return {
    sign: taxedMinor < 0 ? -1n : 1n,
    exact: exactTaxes(components, { basis, amountMinor: magnitude(taxedMinor), quantityMilli }),
    keys: components.map((component) => prefix + taxRowKey(component)),
    limitMinor: basis === "inclusive" ? magnitude(line.amountMinor) : null,
    units: quantityMilli > 0n && quantityMilli % 1000n === 0n ? quantityMilli / 1000n : 1n,
    content: isByPosition(components, policy) ? "" : contentOf(line, components),
  };
}

function taxedAmount(line: TaxableLine, { discounts }: TaxPolicy): number {
  return discounts === "after-tax" ? line.listAmountMinor : line.amountMinor;
}

// One tax of what is paid always has room in its line, so that position cannot change a total.
function isByPosition(components: readonly TaxComponent[], { discounts }: TaxPolicy): boolean {
  return components.length === 1 && discounts !== "after-tax";
}

function contentOf(line: TaxableLine, components: readonly TaxComponent[]): string {
  const { amountMinor, listAmountMinor, quantityMilli } = line;
  return [amountMinor, listAmountMinor, quantityMilli, ...components.map(taxRowKey)].join("\n");
}

/** A taxed line before it is known to fit safe integers. */
interface ExactLine {
  readonly line: TaxableLine;
  readonly netMinor: bigint;
  readonly grossMinor: bigint;
  readonly taxes: readonly { readonly baseMinor: bigint; readonly taxMinor: bigint }[];
}

function exactLine(line: TaxableLine, magnitudes: readonly bigint[], policy: TaxPolicy): ExactLine {
  const sign = taxedAmount(line, policy) < 0 ? -1n : 1n;
  const computedMinor = sumOf(magnitudes) * sign;
  const amountMinor = BigInt(line.amountMinor);
  const isInclusive = policy.basis === "inclusive";
  const inAmount = isInclusive ? computedMinor : 0n;
  const netMinor = amountMinor - inAmount;
  const taxedNetMinor = BigInt(taxedAmount(line, policy)) - inAmount;
  const isExempt = isRelieved(line.tax, policy.basis);
  const own = isExempt ? line.tax.components.map(() => 0n) : magnitudes.map((tax) => tax * sign);
  return {
    line,
    netMinor,
    grossMinor: netMinor + sumOf(own),
    taxes: own.map((taxMinor, at) => {
      const before = line.tax.components[at]?.isCompound === true ? sumOf(own.slice(0, at)) : 0n;
      return { taxMinor, baseMinor: taxedNetMinor + before };
    }),
  };
}

function safeLine({ line, netMinor, grossMinor, taxes }: ExactLine): TaxedLine {
  return {
    lineId: line.lineId,
    netMinor: Number(netMinor),
    taxMinor: Number(grossMinor - netMinor),
    grossMinor: Number(grossMinor),
    taxes: line.tax.components.map((component, at): LineTax => {
      const { id, name, category, rateBp, perUnitMinor } = component;
      const { baseMinor = 0n, taxMinor = 0n } = taxes[at] ?? {};
      const amounts = { baseMinor: Number(baseMinor), taxMinor: Number(taxMinor) };
      return { id, name, category, rateBp, perUnitMinor, ...amounts };
    }),
  };
}

function totalsOf(
  lines: readonly TaxedLine[],
  from: readonly TaxableLine[],
): Result<TaxedBasket, OverflowError> {
  const rows = taxRows(
    lines,
    from.map(({ tax }) => tax),
  );
  const net = sumSafe(lines.map((line) => line.netMinor));
  const tax = sumSafe(lines.map((line) => line.taxMinor));
  const gross = sumSafe(lines.map((line) => line.grossMinor));
  if (!net.ok) return net;
  if (!tax.ok) return tax;
  if (!gross.ok) return gross;
  if (!rows.ok) return rows;
  const totals = { netMinor: net.value, taxMinor: tax.value, grossMinor: gross.value };
  return ok({ lines, rows: rows.value, ...totals });
}

function numbersOf({
  amountMinor,
  listAmountMinor,
  quantityMilli,
}: TaxableLine): readonly number[] {
  return [amountMinor, listAmountMinor, quantityMilli];
}

function bigintsOf({ netMinor, grossMinor, taxes }: ExactLine): readonly bigint[] {
  return [
    netMinor,
    grossMinor,
    grossMinor - netMinor,
    ...taxes.flatMap(({ baseMinor, taxMinor }) => [baseMinor, taxMinor]),
  ];
}

function magnitude(value: number): bigint {
  return BigInt(Math.abs(value));
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}

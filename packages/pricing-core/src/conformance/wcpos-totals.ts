/**
 * Totals of an order from its discounted lines, as WCPOS has them.
 *
 * @module
 */

import type { TaxedLine, TaxPolicy } from "../tax/index.ts";
import type { EngineLine, Run } from "./engine-basket.ts";
import { minorOf, textOf } from "./exact-decimal.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";
import { rateComponent, type Rate } from "./wcpos-taxes.ts";

export interface TotalsVector extends Vector {
  readonly input: {
    readonly priceDecimals: number;
    readonly rates: readonly Rate[];
    readonly lines: readonly (TotalsLine | DeletedLine)[];
  };
  /** Amounts as text. `list` is before discounts, `total` with tax. */
  readonly expected: Readonly<Record<string, unknown>> & { readonly rows?: readonly TaxRow[] };
}

interface TotalsLine {
  readonly kind: Kind;
  readonly isDeleted?: undefined;
  readonly list: string;
  readonly amount: string;
  readonly taxes: readonly { readonly id: string; readonly amount: string }[];
}

interface DeletedLine {
  readonly kind: Kind;
  readonly isDeleted: true;
}

type Kind = "item" | "fee" | "shipping";

interface TaxRow {
  readonly id: string;
  readonly tax?: string;
  readonly shippingTax?: string;
}

export function checkTotals({ input, expected, policy }: TotalsVector, run: Run): readonly Check[] {
  const actual = totalsOf(input, policy === "per-rate" ? "rate" : "line", run);
  const { rows: expectedRows, rowCount, ...amounts } = expected;
  return [
    ...Object.entries(amounts).flatMap(([what, amount]) =>
      checkOf(what, amount, textOf(actual.amounts[what] ?? Number.NaN, input.priceDecimals)),
    ),
    ...checkOf("number of rows", rowCount, actual.rows.length),
    ...rowChecks(expectedRows, actual.rows),
  ];
}

interface Totals {
  readonly amounts: Readonly<Record<string, number>>;
  readonly rows: readonly TaxRow[];
}

function totalsOf(input: TotalsVector["input"], point: TaxPolicy["point"], run: Run): Totals {
  const lines = input.lines.flatMap((line) => (line.isDeleted ? [] : [line]));
  const taxedBy = (toLine: (line: TotalsLine, index: number) => EngineLine) => {
    const tax = { basis: "exclusive", point, mode: "half-up" } as const;
    return run({ lines: lines.map(toLine), promotions: [], discountMode: "half-up", tax }).taxed
      .lines;
  };
  const paid = taxedBy((line, index) => engineLine(line, index, input));
  const listed = taxedBy((line, index) => ({ ...engineLine(line, index, input), manualMinor: 0 }));
  const items = ofKind(paid, "item");
  const listItems = ofKind(listed, "item");
  const amounts = {
    list: sum(listItems, "netMinor"),
    listTax: sum(listItems, "taxMinor"),
    discount: sum(listItems, "netMinor") - sum(items, "netMinor"),
    discountTax: sum(listItems, "taxMinor") - sum(items, "taxMinor"),
    shipping: sum(ofKind(paid, "shipping"), "netMinor"),
    shippingTax: sum(ofKind(paid, "shipping"), "taxMinor"),
    fee: sum(ofKind(paid, "fee"), "netMinor"),
    feeTax: sum(ofKind(paid, "fee"), "taxMinor"),
    cartTax: sum(items, "taxMinor") + sum(ofKind(paid, "fee"), "taxMinor"),
    tax: sum(paid, "taxMinor"),
    total: sum(paid, "grossMinor"),
  };
  return { amounts, rows: rowsOf(paid, input.priceDecimals) };
}

function ofKind(lines: readonly TaxedLine[], kind: Kind): readonly TaxedLine[] {
  return lines.filter(({ lineId }) => lineId.startsWith(kind));
}

/** The discounted amount is the list amount with a discount by hand. */
function engineLine(
  { kind, list, amount, taxes }: TotalsLine,
  index: number,
  { rates, priceDecimals }: TotalsVector["input"],
): EngineLine {
  const ids = new Set(taxes.flatMap((tax) => (Number(tax.amount) === 0 ? [] : [tax.id])));
  const unitPriceMinor = minorOf(list, priceDecimals);
  return {
    id: `${kind}-${index + 1}`,
    unitPriceMinor,
    quantity: 1,
    tags: [],
    components: rates.filter(({ id }) => ids.has(id)).map(rateComponent),
    manualMinor: unitPriceMinor - minorOf(amount, priceDecimals),
  };
}

function rowsOf(lines: readonly TaxedLine[], decimals: number): readonly TaxRow[] {
  const taxes = lines.flatMap((line) =>
    line.taxes.map((tax) => ({ ...tax, isShipping: line.lineId.startsWith("shipping") })),
  );
  const text = (id: string, isShipping: boolean) => {
    const own = taxes.filter((tax) => tax.id === id && tax.isShipping === isShipping);
    return textOf(sum(own, "taxMinor"), decimals);
  };
  return [...new Set(taxes.map(({ id }) => id))]
    .map((id) => ({ id, tax: text(id, false), shippingTax: text(id, true) }))
    .filter((row) => row.tax !== "0" || row.shippingTax !== "0");
}

/** No rows are no rows; otherwise those that are named have the members that are named. */
function rowChecks(
  expected: readonly TaxRow[] | undefined,
  rows: readonly TaxRow[],
): readonly Check[] {
  if (expected === undefined || expected.length === 0) return checkOf("rows", expected, rows);
  return expected.flatMap(({ id, tax, shippingTax }) => {
    const row = rows.find((one) => one.id === id);
    return [
      ...checkOf(`tax ${id}`, tax, row?.tax),
      ...checkOf(`shipping tax ${id}`, shippingTax, row?.shippingTax),
    ];
  });
}

function sum<Name extends string>(
  lines: readonly Readonly<Record<Name, number>>[],
  member: Name,
): number {
  return lines.reduce((total, line) => total + line[member], 0);
}

/**
 * Taxes of one amount, as WCPOS has them: at six decimals more than the currency shows.
 *
 * @module
 */

import { sumMoney } from "../money.ts";
import type { TaxBasis } from "../basket/listed-line.ts";
import type { TaxComponent } from "../tax/index.ts";
import { componentOf, type Run } from "./engine-basket.ts";
import { basisPointsOf, minorOf, textOf } from "./exact-decimal.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";

export interface TaxVector extends Vector {
  /** Sums of taxes that are given. */
  readonly input: { readonly taxes?: readonly (readonly TaxAmount[])[] };
  readonly expected?: ExpectedTax;
  readonly steps?: readonly TaxStep[];
}

interface TaxStep {
  readonly basis: TaxBasis;
  readonly amount: string;
  readonly priceDecimals: number;
  readonly components: readonly Rate[];
  readonly expected: ExpectedTax;
}

/** In the order in which the taxes apply. */
export interface Rate {
  readonly id: string;
  readonly ratePercent: string;
  readonly isCompound?: boolean;
}

interface ExpectedTax {
  readonly taxes?: readonly TaxAmount[];
  readonly total?: string;
}

interface TaxAmount {
  readonly id: string;
  readonly amount: string;
}

const moreDecimals = 6;

export function checkTaxes({ input, expected, steps = [] }: TaxVector, run: Run): readonly Check[] {
  if (input.taxes !== undefined) return checkSums(input.taxes, expected ?? {});
  return steps.flatMap((step) => checkStep(step, run));
}

export function rateComponent({ id, ratePercent, isCompound }: Rate): TaxComponent {
  return componentOf(id, basisPointsOf(ratePercent), isCompound);
}

function checkStep(step: TaxStep, run: Run): readonly Check[] {
  const { basis, amount, components, expected } = step;
  const decimals = step.priceDecimals + moreDecimals;
  const unitPriceMinor = minorOf(amount, decimals);
  const { taxed } = run({
    lines: [
      {
        id: "1",
        unitPriceMinor,
        quantity: 1,
        tags: [],
        components: components.map(rateComponent),
        isApart: true,
      },
    ],
    promotions: [],
    discountMode: "half-up",
    tax: { basis, point: "line", mode: "half-up" },
  });
  const taxes = taxed.lines.flatMap((line) =>
    line.taxes.map(({ id, taxMinor }) => ({ id, amount: textOf(taxMinor, decimals) })),
  );
  return [
    ...checkOf(`${basis} taxes`, byId(expected.taxes), byId(taxes)),
    ...checkOf(`${basis} total`, expected.total, textOf(taxed.taxMinor, decimals)),
  ];
}

function checkSums(
  taxes: readonly (readonly TaxAmount[])[],
  expected: ExpectedTax,
): readonly Check[] {
  const all = taxes.flat();
  const ids = [...new Set(all.map(({ id }) => id))];
  const sums = ids.map((id) => ({ id, amount: sumOf(all.filter((tax) => tax.id === id)) }));
  return [
    ...checkOf("taxes", expected.taxes, sums),
    ...checkOf("total", expected.total, sumOf(all)),
  ];
}

function sumOf(amounts: readonly TaxAmount[]): string {
  const currency = "USD";
  const money = amounts.map(({ amount }) => ({ minor: minorOf(amount, moreDecimals), currency }));
  const sum = sumMoney(money, currency);
  return sum.ok ? textOf(sum.value.minor, moreDecimals) : sum.error.type;
}

function byId(taxes: readonly TaxAmount[] | undefined): readonly TaxAmount[] | undefined {
  return taxes?.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

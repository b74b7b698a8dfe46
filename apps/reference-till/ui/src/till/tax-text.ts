/**
 * The taxes of a basket in one line; all of them on request.
 *
 * @module
 */

import type { Totals } from "../api/price-shapes.ts";
import type { TaxLine } from "../api/shapes.ts";
import { moneyText, type Money } from "../money.ts";

export interface TaxSummary {
  readonly text: string;
  readonly amount: Money;
}

/** The only tax that is anything, or the sum as the service says it; undefined where it says none. */
export function taxSummary(
  taxes: readonly TaxLine[],
  totals: Totals | undefined,
): TaxSummary | undefined {
  const charged = taxes.filter(({ tax }) => tax.minor !== 0);
  const [only] = charged.length === 0 ? taxes : charged;
  if (only === undefined) return undefined;
  if (charged.length <= 1) return { text: taxName(only), amount: only.tax };
  return totals === undefined ? undefined : { text: "tax", amount: totals.tax };
}

/** `"VAT 20 %"`; what is charged by the unit has no rate. */
export function taxName({ name, ratePercent }: Pick<TaxLine, "name" | "ratePercent">): string {
  return `${name} ${ratePercent} %`;
}

/** What identifies the row: a code, of several taxes of a line with its component, and the rate. */
export function taxKey({ taxCode, component = "", ratePercent }: TaxLine): string {
  return [taxCode, component, ratePercent].join(" ");
}

export function taxRowText({ net, tax }: TaxLine): string {
  return `${moneyText(tax)} on ${moneyText(net)}`;
}

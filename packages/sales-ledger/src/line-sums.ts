/**
 * What must add up within one line: discounts and taxes. SPEC.md §2 (RB).
 *
 * @module
 */

import type { GoodsLine, SaleBody } from "./bodies.ts";
import type { BodyFault } from "./checks.ts";
import { differs, sumOf } from "./differs.ts";

export function lineSumFaults(
  lines: readonly GoodsLine[],
  basis: SaleBody["basis"],
): readonly BodyFault[] {
  return lines.flatMap((line, index) => [
    ...listFaults(`/lines/${index}`, line, basis),
    ...taxFaults(`/lines/${index}`, line),
  ]);
}

function listFaults(
  pointer: string,
  line: GoodsLine,
  basis: SaleBody["basis"],
): readonly BodyFault[] {
  const { amountMinor, taxMinor, discounts, listAmountMinor = amountMinor } = line;
  if (discounts === undefined && line.listAmountMinor === undefined) return [];
  const discountMinor = sumOf(discounts ?? [], (discount) => discount.amountMinor);
  const leftMinor = basis === "exclusive" ? amountMinor - taxMinor : amountMinor;
  const isRelieved = isExempt(line) && listAmountMinor - discountMinor > leftMinor;
  if (isRelieved) return [];
  return differs(`${pointer}/listAmountMinor`, leftMinor + discountMinor, listAmountMinor);
}

/** Who is exempt may pay less than the price with tax by the tax that is in it. */
function isExempt({ taxMinor, taxes = [] }: GoodsLine): boolean {
  return taxMinor === 0 && taxes.some(({ category }) => exempt.has(category));
}

const exempt: ReadonlySet<string> = new Set(["E", "O", "AE", "K", "G"]);

function taxFaults(pointer: string, { amountMinor, rateBp, taxMinor, taxes }: GoodsLine) {
  if (taxes === undefined) return [];
  const excess = Math.max(0, taxMinor - amountMinor);
  return [
    ...differs(
      `${pointer}/taxMinor`,
      sumOf(taxes, (tax) => tax.taxMinor),
      taxMinor,
    ),
    ...differs(`${pointer}/taxMinor`, taxMinor - excess, taxMinor),
    ...differs(
      `${pointer}/rateBp`,
      sumOf(taxes, (tax) => tax.rateBp),
      rateBp,
    ),
  ];
}

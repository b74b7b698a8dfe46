/**
 * A line as it is answered, without what says nothing. SPEC.md §8 (BA).
 *
 * @module
 */

import { standardList } from "../items.ts";
import { isPlainRule, type TaxedLine } from "../tax/index.ts";
import type { LeftLine } from "./left-line.ts";
import type { TaxBasis } from "./listed-line.ts";
import type { PricedLine } from "./priced-basket.ts";

export function pricedLine(line: LeftLine, taxed: TaxedLine, basis: TaxBasis): PricedLine {
  const { listed, discounts, tax } = line;
  const { lineId, sku, name, quantityMilli, unitPriceMinor, publications } = listed;
  const isListed = discounts.length === 0 && basis === "inclusive";
  return {
    lineId,
    sku,
    name,
    quantityMilli,
    unitPriceMinor,
    ...(listed.perMilli === 1000 ? {} : { perMilli: listed.perMilli }),
    amountMinor: taxed.grossMinor,
    ...(isListed ? {} : { listAmountMinor: listed.listAmountMinor }),
    ...(discounts.length === 0 ? {} : { discounts }),
    taxCode: listed.taxCode,
    rateBp: tax.components.reduce((sum, { rateBp }) => sum + rateBp, 0),
    taxMinor: taxed.taxMinor,
    ...(isPlainRule(tax) ? {} : { taxes: taxed.taxes }),
    ...originOf(line),
    publications,
  };
}

function originOf({
  price,
  linkedTo,
}: LeftLine): Pick<PricedLine, "list" | "isOpenPrice" | "override" | "linkedTo"> {
  const list = price?.list?.id ?? standardList;
  return {
    ...(list === standardList ? {} : { list }),
    ...(price?.list === null ? { isOpenPrice: true } : {}),
    ...(price?.override === undefined ? {} : { override: price.override }),
    ...(linkedTo === undefined ? {} : { linkedTo }),
  };
}

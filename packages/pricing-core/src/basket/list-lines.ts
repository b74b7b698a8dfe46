/**
 * From what was scanned to lines with their list price, deposits among them. SPEC.md §16 (LI).
 *
 * @module
 */

import { checkQuantity, type BasketFault, type LineFault } from "../basket-fault.ts";
import type { InForce } from "../book.ts";
import type { CatalogueItem } from "../items.ts";
import type { ApplicableList } from "../list-table.ts";
import { inclusivePerRate } from "../policy.ts";
import { scaleInteger } from "../rounding.ts";
import { resolveTaxRule, type TaxRule } from "../tax/index.ts";
import type { BasketInput, BasketLine } from "./basket-input.ts";
import { choosePrice, type ChosenPrice, type Desk } from "./choose-price.ts";
import type { AskedLine, ResolvedLine } from "./left-line.ts";
import type { ListedLine } from "./listed-line.ts";
import { manualValueFaults } from "./manual-limits.ts";
import { taxFactsOf } from "./tax-facts.ts";

/** Lines in the order of the basket, each with its deposit behind it; and all that is wrong. */
export function listLines(input: BasketInput, lists: readonly ApplicableList[]): Listing {
  const desk: Desk = { input, lists, milliBySku: milliBySku(input) };
  const found = input.lines.map((line, index) => {
    const asked = { ...line, index };
    const { lines, faults } = withDeposit({ lineId: String(index + 1), asked }, desk);
    const pointed = faults.map((one) => ({ ...one, pointer: `/lines/${index}${one.pointer}` }));
    return { lines, faults: pointed };
  });
  return {
    lines: found.flatMap(({ lines }) => lines),
    faults: found.flatMap(({ faults }) => faults),
  };
}

export interface Listing {
  readonly lines: readonly ResolvedLine[];
  readonly faults: readonly BasketFault[];
}

interface Asked {
  readonly lineId: string;
  readonly asked: AskedLine;
  readonly linkedTo?: string;
}

interface Found {
  readonly lines: readonly ResolvedLine[];
  readonly faults: readonly LineFault[];
}

function milliBySku({ lines, catalogue }: BasketInput): ReadonlyMap<string, number> {
  const milli = new Map<string, number>();
  for (const { sku, quantityMilli } of lines) {
    for (const one of [sku, catalogue.bySku(sku)?.value.deposit]) {
      if (one !== undefined) milli.set(one, (milli.get(one) ?? 0) + quantityMilli);
    }
  }
  return milli;
}

// A deposit has none of its own.
function withDeposit(line: Asked, desk: Desk): Found {
  const own = listLine(line, desk);
  const deposit = desk.input.catalogue.bySku(line.asked.sku)?.value.deposit;
  if (deposit === undefined) return own;
  const { lineId, asked } = line;
  const { quantityMilli, index, serving } = asked;
  const served = serving === undefined ? {} : { serving };
  const linked = {
    lineId: `${lineId}.1`,
    asked: { sku: deposit, quantityMilli, index, ...served },
    linkedTo: lineId,
  };
  const its = listLine(linked, desk);
  const faults = own.faults.length > 0 ? own.faults : its.faults;
  return { lines: [...own.lines, ...its.lines], faults };
}

function listLine(line: Asked, desk: Desk): Found {
  const { sku, quantityMilli } = line.asked;
  const article = desk.input.catalogue.bySku(sku);
  const quantityFaults = checkQuantity(quantityMilli, article?.value.unit);
  if (article === undefined) {
    return faulty([{ pointer: "/sku", code: "UnknownSku", sku }, ...quantityFaults]);
  }
  const { price, faults } = choosePrice(article, line.asked, desk);
  const tax = taxOf(article.value, line.asked, desk.input);
  const all = [
    ...faults,
    ...(tax.ok
      ? []
      : [{ pointer: "/sku", code: "UnknownTaxCode", sku, taxCode: tax.error.taxCode } as const]),
    ...quantityFaults,
    ...manualValueFaults(line.asked, article.value),
  ];
  if (price === undefined || !tax.ok || all.length > 0) return faulty(all);
  const amount = amountOf(price, quantityMilli, desk.input);
  if (!amount.ok) return faulty([{ pointer: "/quantity", code: "AmountTooLarge" }]);
  const listed = listedLine(line, {
    article,
    price,
    tax: tax.value,
    listAmountMinor: amount.value,
  });
  return { lines: [{ ...line, listed, price, tax: tax.value.value }], faults: [] };
}

function taxOf(article: CatalogueItem, { serving }: BasketLine, input: BasketInput) {
  const facts = taxFactsOf(serving === undefined ? input : { ...input, serving });
  return resolveTaxRule({ article, ...facts }, input.taxes);
}

function amountOf(
  { unitPriceMinor, perMilli }: ChosenPrice,
  quantityMilli: number,
  input: BasketInput,
) {
  const { mode } = (input.policy ?? inclusivePerRate).line;
  return scaleInteger(unitPriceMinor, { numerator: quantityMilli, denominator: perMilli }, mode);
}

interface Facts {
  readonly article: InForce<CatalogueItem>;
  readonly price: ChosenPrice;
  readonly tax: InForce<TaxRule>;
  readonly listAmountMinor: number;
}

function listedLine({ lineId, asked, linkedTo }: Asked, facts: Facts): ListedLine {
  const { article, price, tax, listAmountMinor } = facts;
  const { sku, name, department, tags = [], unit, isDiscountable = true } = article.value;
  const { unitPriceMinor, perMilli } = price;
  const { taxCode } = tax.value;
  return {
    lineId,
    sku,
    name,
    department,
    tags,
    unit,
    quantityMilli: asked.quantityMilli,
    unitPriceMinor,
    perMilli,
    listAmountMinor,
    isDiscountable: isDiscountable && linkedTo === undefined,
    taxCode,
    publications: {
      price: price.publication,
      tax: tax.publication.id,
      catalogue: article.publication.id,
    },
  };
}

function faulty(faults: readonly LineFault[]): Found {
  return { lines: [], faults };
}

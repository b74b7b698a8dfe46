/**
 * Which price a line has: of which list, typed, or given by a person. SPEC.md §16 (LI), §18 (MD).
 *
 * @module
 */

import type { LineFault } from "../basket-fault.ts";
import type { InForce } from "../book.ts";
import { priceMaxMinor, standardList, type CatalogueItem } from "../items.ts";
import { plainList, type ApplicableList } from "../list-table.ts";
import { inclusivePerRate } from "../policy.ts";
import type { BasketInput, BasketLine } from "./basket-input.ts";
import type { TaxBasis } from "./listed-line.ts";
import { isReason, overrideFaults } from "./manual-limits.ts";
import type { LineOverride } from "./priced-basket.ts";

export interface ChosenPrice {
  readonly unitPriceMinor: number;
  readonly perMilli: number;
  readonly publication: string;
  readonly currency: string;
  /** Null for a typed price, which has the basis of the others. */
  readonly list: { readonly id: string; readonly basis: TaxBasis } | null;
  readonly override?: LineOverride;
}

/** The lists that are asked for a price, one after the other. */
export function listsOf(input: ListsInput): readonly ApplicableList[] {
  const { list, lists, policy = inclusivePerRate } = input;
  const plain = { ...plainList(list ?? standardList), basis: policy.taxBasis };
  if (lists === undefined) return [plain];
  if (list !== undefined) return [lists.named(list) ?? plain];
  return lists.applicable(input).map((one) => (one.publication === null ? plain : one));
}

export type ListsInput = Pick<
  BasketInput,
  "list" | "lists" | "location" | "customerGroups" | "policy"
>;

/** What one basket is priced with. */
export interface Desk {
  readonly input: BasketInput;
  readonly lists: readonly ApplicableList[];
  /** What the basket has of each article in all its lines: breaks are reached by that. */
  readonly milliBySku: ReadonlyMap<string, number>;
}

/** A typed price, else that of the first list that has one; in both cases a person's in its place. */
export function choosePrice(
  article: InForce<CatalogueItem>,
  asked: BasketLine,
  { input, lists, milliBySku }: Desk,
): Chosen {
  const open = openPrice(article, asked, input.currency);
  if (open.faults.length > 0) return open;
  const found = open.price ?? listPrice(article.value.sku, { input, lists, milliBySku });
  if (found === undefined) return { faults: [missingPrice(article.value, input)] };
  if (found.currency !== input.currency) {
    const facts = { sku: article.value.sku, expected: input.currency, found: found.currency };
    return { faults: [{ pointer: "/sku", code: "CurrencyMismatch", ...facts }] };
  }
  return overridden(found, asked, input);
}

interface Chosen {
  readonly price?: ChosenPrice;
  readonly faults: readonly LineFault[];
}

function listPrice(sku: string, { input, lists, milliBySku }: Desk): ChosenPrice | undefined {
  const { prices, businessDate } = input;
  const quantityMilli = milliBySku.get(sku) ?? 0;
  for (const { list, basis } of lists) {
    const found = prices.reached(sku, businessDate, { list, quantityMilli });
    if (found === undefined) continue;
    const { priceMinor, perMilli = 1000, currency } = found.value;
    const publication = found.publication.id;
    return {
      unitPriceMinor: priceMinor,
      perMilli,
      publication,
      currency,
      list: { id: list, basis },
    };
  }
  return undefined;
}

function missingPrice(
  { sku, openPrice: limits }: CatalogueItem,
  { businessDate, list = standardList }: BasketInput,
): LineFault {
  if (limits !== undefined)
    return { pointer: "/openPrice", code: "OpenPriceMissing", sku, ...limits };
  return { pointer: "/sku", code: "NoPrice", sku, list, businessDate };
}

function openPrice(
  { value: article, publication }: InForce<CatalogueItem>,
  { openPriceMinor }: BasketLine,
  currency: string,
): Chosen {
  if (openPriceMinor === undefined) return { faults: [] };
  const pointer = "/openPrice";
  const { sku, openPrice: limits } = article;
  if (limits === undefined) return { faults: [{ pointer, code: "PriceNotOpen", sku }] };
  const { minMinor, maxMinor } = limits;
  const isWithin = openPriceMinor >= minMinor && openPriceMinor <= maxMinor;
  if (!isWithin || !Number.isSafeInteger(openPriceMinor)) {
    return { faults: [{ pointer, code: "OpenPriceOutOfRange", sku, minMinor, maxMinor }] };
  }
  const price = { unitPriceMinor: openPriceMinor, perMilli: 1000, currency, list: null };
  return { price: { ...price, publication: publication.id }, faults: [] };
}

function overridden(
  price: ChosenPrice,
  { override }: BasketLine,
  { limits }: Pick<BasketInput, "limits">,
): Chosen {
  if (override === undefined) return { price, faults: [] };
  const { unitPriceMinor, reason, reasonCode = "" } = override;
  const isPrice =
    Number.isSafeInteger(unitPriceMinor) && unitPriceMinor >= 0 && unitPriceMinor <= priceMaxMinor;
  if (!isPrice || !isReason(override)) {
    return { price, faults: [{ pointer: "/override", code: "ManualValueInvalid" }] };
  }
  const listPriceMinor = price.unitPriceMinor;
  const faults = overrideFaults({ listPriceMinor, unitPriceMinor }, limits);
  return {
    price: { ...price, unitPriceMinor, override: { listPriceMinor, reason, reasonCode } },
    faults: faults.map((fault) => ({ pointer: "/override", ...fault })),
  };
}

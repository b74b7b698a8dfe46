/**
 * A basket of an outside case, through promotions and taxes of the engine.
 *
 * @module
 */

import { assert, type BusinessDate, type Sku } from "@tillmesh/kernel";
import type { ListedLine } from "../basket/listed-line.ts";
import { bestDeal, type Deal, type PromotionItem, type Selector } from "../promotions/index.ts";
import type { RoundingMode } from "../rounding.ts";
import {
  taxBasket,
  usualCategory,
  type TaxComponent,
  type TaxedBasket,
  type TaxPolicy,
  type TaxRule,
} from "../tax/index.ts";
import { publicationOf } from "../testing/publication-of.ts";

export interface EngineLine {
  readonly id: string;
  readonly unitPriceMinor: number;
  readonly quantity: number;
  readonly tags: readonly string[];
  readonly components: readonly TaxComponent[];
  /** Taken off by a person, after promotions. */
  readonly manualMinor?: number;
  /** No promotion takes it, and its price may be negative. */
  readonly isApart?: boolean;
}

export interface EngineBasket {
  readonly lines: readonly EngineLine[];
  readonly promotions: readonly PromotionItem[];
  readonly coupons?: readonly string[];
  readonly customerGroups?: readonly string[];
  readonly discountMode: RoundingMode;
  readonly tax: TaxPolicy;
}

export interface EngineAnswer {
  readonly deal: Deal;
  readonly taxed: TaxedBasket;
}

/** How a basket is put to the engine. */
export type Run = (basket: EngineBasket) => EngineAnswer;

/** Promotions, then taxes. */
export function runBasket(basket: EngineBasket): EngineAnswer {
  const deal = dealOf(basket);
  const taxed = taxBasket(
    basket.lines.map((line) => {
      const listAmountMinor = line.unitPriceMinor * line.quantity;
      const sign = listAmountMinor < 0 ? -1 : 1;
      return {
        lineId: line.id,
        quantityMilli: sign * line.quantity * 1000,
        amountMinor: listAmountMinor - discountOf(deal, line.id) - (line.manualMinor ?? 0),
        listAmountMinor,
        tax: taxRuleOf(line.components),
      };
    }),
    basket.tax,
  );
  assert(taxed.ok, "the amounts of a case are safe");
  return { deal, taxed: taxed.value };
}

/** What was taken off a line, by all promotions or by those with `id`. */
export function discountOf(deal: Deal, lineId: string, id?: string): number {
  const discounts = deal.discounts.get(lineId) ?? [];
  return discounts
    .filter((discount) => id === undefined || discount.id === id)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

export function componentOf(id: string, rateBp: number, isCompound = false): TaxComponent {
  const category = usualCategory({ rateBp, perUnitMinor: 0 });
  return { id, name: id, category, rateBp, perUnitMinor: 0, isCompound };
}

export function tagged(tags: readonly string[]): Selector {
  return { tags };
}

function dealOf(basket: EngineBasket): Deal {
  const publication = publicationOf({ topic: "promotions", id: "p", sequence: 1, items: [] });
  return bestDeal(basket.lines.filter(({ isApart }) => isApart !== true).map(listedLine), {
    promotions: basket.promotions.map((value) => ({ value, publication })),
    at: { date: "2026-11-22" as BusinessDate, time: "12:00", weekday: 7 },
    location: "shop",
    currency: "USD",
    customerGroups: basket.customerGroups ?? [],
    coupons: basket.coupons ?? [],
    mode: basket.discountMode,
  });
}

function listedLine({ id, unitPriceMinor, quantity, tags, components }: EngineLine): ListedLine {
  return {
    lineId: id,
    sku: id as Sku,
    name: id,
    department: "all",
    tags,
    unit: "each",
    quantityMilli: quantity * 1000,
    unitPriceMinor,
    perMilli: 1000,
    listAmountMinor: unitPriceMinor * quantity,
    isDiscountable: true,
    taxCode: components.map((component) => component.id).join("+"),
    publications: { price: "p", tax: "p", catalogue: "p" },
  };
}

function taxRuleOf(components: readonly TaxComponent[]): TaxRule {
  const taxCode = components.map(({ id }) => id).join("+");
  return { taxCode, name: taxCode, components };
}

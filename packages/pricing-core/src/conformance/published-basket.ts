/**
 * A basket of an outside case the whole way: published, read from the books, priced by `priceBasket`.
 *
 * @module
 */

import { assert, type BusinessDate, type Json, type PublicationItem } from "@tillmesh/kernel";
import { priceBasket, type BasketLine, type PricedBasket, type PricedLine } from "../basket.ts";
import { priceKey, type PriceItem } from "../items.ts";
import type { PricingPolicy } from "../policy.ts";
import { createShopBooks, type ShopBooks } from "../shop-books.ts";
import type { LineTax, TaxComponent, TaxedLine } from "../tax/index.ts";
import { publicationOf } from "../testing/publication-of.ts";
import type { EngineAnswer, EngineBasket, EngineLine } from "./engine-basket.ts";

/** Undefined for what a till cannot be asked: no lines, a negative price, a promotion that is refused. */
export function runPublished(basket: EngineBasket): EngineAnswer | undefined {
  const books = booksOf(basket);
  const isRefused = books.promotions.book.unreadable().length > 0;
  const isNegative = basket.lines.some(({ unitPriceMinor }) => unitPriceMinor < 0);
  if (basket.lines.length === 0 || isNegative || isRefused) return undefined;
  const priced = priceBasket({
    lines: basket.lines.map(basketLine),
    catalogue: books.catalogue,
    prices: books.prices,
    taxes: books.taxes,
    businessDate: "2026-11-22" as BusinessDate,
    currency: "USD",
    location: "shop",
    customerGroups: basket.customerGroups ?? [],
    promotions: {
      published: books.promotions.index(),
      at: { date: "2026-11-22" as BusinessDate, time: "12:00", weekday: 7 },
      coupons: basket.coupons ?? [],
    },
    policy: policyOf(basket),
  });
  assert(priced.ok, `a basket is priced: ${priced.ok ? "" : JSON.stringify(priced.error)}`);
  return answerOf(basket, priced.value);
}

function basketLine({ id, quantity, manualMinor = 0 }: EngineLine): BasketLine {
  const line = { sku: id, quantityMilli: quantity * 1000 };
  return manualMinor === 0
    ? line
    : { ...line, discount: { amountMinor: manualMinor, reason: "As in the case" } };
}

function policyOf({ tax, discountMode }: EngineBasket): PricingPolicy {
  const line = { point: "product", mode: discountMode } as const;
  return { name: "of the case", taxBasis: tax.basis, line, tax };
}

function booksOf({ lines, promotions }: EngineBasket): ShopBooks {
  const books = createShopBooks();
  const publish = (topic: string, items: readonly PublicationItem[]) =>
    books.apply(publicationOf({ topic, id: `${topic}-1`, sequence: 1, items }));
  publish("catalogue", lines.map(articleItem));
  publish("prices", lines.map(priceItem));
  publish("taxes", lines.map(taxItem));
  publish(
    "promotions",
    promotions.map((value) => ({ key: value.id, value: value as unknown as Json })),
  );
  return books;
}

function articleItem({ id, tags, components, isApart }: EngineLine): PublicationItem {
  const plain = { sku: id, name: id, barcodes: [], department: "all", unit: "each" };
  const apart = isApart === true ? { isDiscountable: false } : {};
  return { key: id, value: { ...plain, taxCode: codeOf(components), tags: [...tags], ...apart } };
}

function priceItem({ id, unitPriceMinor }: EngineLine): PublicationItem {
  const facts = { list: "standard", sku: id, effectiveFrom: null, currency: "USD" };
  const value = { ...facts, priceMinor: unitPriceMinor };
  return { key: priceKey(value as unknown as PriceItem), value };
}

function taxItem({ components }: EngineLine): PublicationItem {
  const taxCode = codeOf(components);
  const rateBp = components.reduce((sum, component) => sum + component.rateBp, 0);
  const value = { taxCode, name: taxCode, rateBp };
  const isPlain = components.every(({ isCompound }) => !isCompound) && components.length < 2;
  return { key: taxCode, value: isPlain ? value : { ...value, components: parts(components) } };
}

function parts(components: readonly TaxComponent[]): Json[] {
  return components.map(({ id, name, rateBp, isCompound }) => ({ id, name, rateBp, isCompound }));
}

const untaxed = "untaxed";

function codeOf(components: readonly TaxComponent[]): string {
  return components.length === 0 ? untaxed : components.map(({ id }) => id).join("+");
}

function answerOf({ lines }: EngineBasket, priced: PricedBasket): EngineAnswer {
  const taxed = priced.lines.map(taxedLine);
  const sum = (member: "netMinor" | "taxMinor" | "grossMinor") =>
    taxed.reduce((total, line) => total + line[member], 0);
  const discounts = priced.lines.map((line) => [line.sku, line.discounts ?? []] as const);
  const { applied = [], isExact = true, rejectedCoupons = [] } = priced;
  assert(taxed.length === lines.length, "each line is answered");
  assert(priced.totalMinor === sum("grossMinor"), "the lines add up to the total");
  return {
    deal: { discounts: new Map(discounts), applied, isExact, rejectedCoupons },
    taxed: {
      lines: taxed,
      rows: priced.taxes.filter(({ taxCode }) => taxCode !== untaxed),
      netMinor: sum("netMinor"),
      taxMinor: sum("taxMinor"),
      grossMinor: sum("grossMinor"),
    },
  };
}

function taxedLine(line: PricedLine): TaxedLine {
  const { sku, amountMinor, taxMinor } = line;
  const netMinor = amountMinor - taxMinor;
  const taxes = line.taxCode === untaxed ? [] : (line.taxes ?? [plainTax(line)]);
  return { lineId: sku, netMinor, taxMinor, grossMinor: amountMinor, taxes };
}

function plainTax({ taxCode, rateBp, amountMinor, taxMinor }: PricedLine): LineTax {
  const facts = { id: taxCode, name: taxCode, category: "S", rateBp, perUnitMinor: 0 } as const;
  return { ...facts, baseMinor: amountMinor - taxMinor, taxMinor };
}

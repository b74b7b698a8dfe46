/**
 * What is kept of a sale, priced again as it was sold, for shops whose refunds do so.
 *
 * Prices are those of the sale, and the promotions have to be those that were in force then. Where that
 * cannot be had, such as after a discount by hand, the refund is by shares.
 *
 * @module
 */

import type { BusinessDate, Result } from "@tillmesh/kernel";
import {
  localInstant,
  priceBasket,
  repriceSale,
  type AskedPart,
  type BasketLine,
  type PricedLine,
  type RefundedSale,
  type RefundPayment,
  type SaleToRefund,
} from "@tillmesh/pricing-core";
import type { SaleBody, SaleLine } from "@tillmesh/sales-ledger";
import { shopPolicy } from "./shop-policy.ts";
import type { Till } from "./till.ts";

/** A sale as it was made: when decides about its promotions and taxes. */
export interface SoldAt {
  readonly body: SaleBody;
  readonly atMs: number;
  readonly businessDate: BusinessDate;
}

/** Undefined where it cannot be priced again. */
export function repriced(
  till: Till,
  given: SaleToRefund & { readonly sold: SoldAt },
  asked: readonly AskedPart[],
): ((payment: RefundPayment) => Result<RefundedSale, unknown> | undefined) | undefined {
  const { sold } = given;
  if (!sold.body.lines.every((line) => isAsPublished(till, line))) {
    return undefined;
  }
  const kept = keptLines(till, sold, leftOf(given, asked));
  if (kept === undefined) return undefined;
  return (payment) => {
    const done = repriceSale(given, { asked, kept }, payment);
    return done.ok ? done : undefined;
  };
}

/** Nobody decided about its price, and its promotions are still what they were. */
function isAsPublished({ books }: Till, { discounts = [], override, lineId }: SaleLine): boolean {
  if (override !== undefined || lineId === "service") return false;
  return discounts.every(({ kind, id, publication }) => {
    const promotion = books.promotions.book.inForce(id);
    return kind === "promotion" && promotion?.publication.id === publication;
  });
}

/** Thousandths that stay, by line id; lines of which nothing stays are absent. */
function leftOf(
  { sale, before }: SaleToRefund,
  asked: readonly AskedPart[],
): ReadonlyMap<string, number> {
  const left = new Map(sale.lines.map(({ lineId, quantityMilli }) => [lineId, quantityMilli]));
  const take = ({ lineId, quantityMilli }: AskedPart) =>
    left.set(lineId, (left.get(lineId) ?? 0) - quantityMilli);
  for (const line of before.flatMap(({ lines }) => lines)) take(line);
  for (const part of asked) take(part);
  return new Map([...left].filter(([, milli]) => milli > 0));
}

function keptLines(
  till: Till,
  sold: SoldAt,
  left: ReadonlyMap<string, number>,
): readonly PricedLine[] | undefined {
  const own = sold.body.lines.filter(
    ({ lineId, linkedTo }) => left.has(lineId) && linkedTo === undefined,
  );
  if (own.length === 0) return [];
  const lines = own.map((line) => keptLine(line, left.get(line.lineId) ?? 0));
  const priced = priceBasket({ ...inputOf(till, sold), lines });
  if (!priced.ok) return undefined;
  const named = priced.value.lines.flatMap((line): readonly PricedLine[] => {
    const [place = "", deposit] = line.lineId.split(".");
    const base = own[Number(place) - 1]?.lineId;
    if (base === undefined) return [];
    const lineId = deposit === undefined ? base : `${base}.${deposit}`;
    return [{ ...line, lineId }];
  });
  return named.every((line) => isAlike(line, sold.body, left)) ? named : undefined;
}

/** Taxed as it was sold; a deposit that was given back by itself is no longer there to be priced. */
function isAlike(
  { lineId, taxCode, rateBp, quantityMilli }: PricedLine,
  { lines }: SaleBody,
  left: ReadonlyMap<string, number>,
): boolean {
  const line = lines.find((one) => one.lineId === lineId);
  const isSameTax = line?.taxCode === taxCode && line.rateBp === rateBp;
  return isSameTax && (line.linkedTo === undefined || left.get(lineId) === quantityMilli);
}

function keptLine(
  { sku, unitPriceMinor, isOpenPrice }: SaleLine,
  quantityMilli: number,
): BasketLine {
  if (isOpenPrice === true) return { sku, quantityMilli, openPriceMinor: unitPriceMinor };
  return { sku, quantityMilli, override: { unitPriceMinor, reason: "as sold" } };
}

function inputOf(till: Till, { body, atMs, businessDate }: SoldAt) {
  const { books, replica } = till;
  const { customerGroup, coupons = [], currency } = body;
  const { id: location, timeZone } = replica.location;
  return {
    catalogue: books.catalogue,
    prices: books.prices,
    lists: books.lists,
    taxes: books.taxes,
    businessDate,
    currency,
    location,
    customerGroups: customerGroup === undefined ? [] : [customerGroup],
    promotions: {
      published: books.promotions.index(),
      at: localInstant(atMs, timeZone),
      coupons,
    },
    policy: shopPolicy(till).pricing,
  };
}

/**
 * The deal that takes most off a basket. SPEC.md §12 (DL).
 *
 * @module
 */

import type { ListedLine } from "../basket/listed-line.ts";
import { articlesOf } from "./article.ts";
import { bestBasketOffers } from "./basket-offers.ts";
import { componentsOf } from "./component.ts";
import { rejectedCoupons } from "./coupons.ts";
import type { AppliedPromotion, Deal, PromotionContext } from "./deal.ts";
import { byContent, evaluate, type PricedLot } from "./evaluate.ts";
import { usesLeft, whyNotInForce } from "./in-force-here.ts";
import type { RoundingMode } from "../rounding.ts";
import { createLineDiscounts, type LineDiscounts } from "./line-discounts.ts";
import type { Offer } from "./offer.ts";
import { createPromotionIndex, type PromotionIndex } from "./promotion-index.ts";
import { timesIn } from "./ratio.ts";
import { sizeOf } from "./reduction.ts";
import { searchComponent } from "./search.ts";
import { createShelf } from "./shelf.ts";

/** Steps of the search per basket: what keeps it within its time. */
export const searchStepsMax = 1000;

/** Amounts of `lines` add up to a safe integer. The order of the lines does not matter. */
export function bestDeal(lines: readonly ListedLine[], context: PromotionContext): Deal {
  const index = indexOf(context.promotions);
  const mode = context.mode ?? "half-up";
  const isHere = hereIn(context);
  const articles = articlesOf(lines);
  const shelves = articles.map((article) =>
    createShelf(article, index.offersFor(article).filter(isHere), mode),
  );
  const steps = { left: searchStepsMax };
  const solutions = componentsOf(shelves, ({ item }) => usesLeft(item, context)).map((component) =>
    searchComponent(component, mode, steps),
  );
  const lots = solutions.flatMap((solution) => solution.lots).toSorted(byContent);
  const rows = createLineDiscounts(articles);
  const onArticles = applyToArticles(lots, rows, mode);
  const basket = { articles, leftMinor: rows.leftMinor() };
  const onAll = bestBasketOffers(index.basketOffers.filter(isHere), basket, mode);
  for (const { offer, amountMinor } of onAll.cuts) rows.cut(offer, amountMinor);
  const onBasket = onAll.cuts.map(({ offer, amountMinor }) => appliedOf(offer, amountMinor, 1));
  const applied = [...onArticles, ...onBasket];
  return {
    discounts: rows.byLine(),
    applied,
    isExact: onAll.isExact && solutions.every(({ isExact }) => isExact),
    rejectedCoupons: rejectedCoupons(index, applied, context),
  };
}

function indexOf(promotions: PromotionContext["promotions"]): PromotionIndex {
  return "offersFor" in promotions ? promotions : createPromotionIndex(promotions);
}

function hereIn(context: PromotionContext): (offer: Offer) => boolean {
  const known = new Map<Offer, boolean>();
  return (offer) => {
    const isHere = known.get(offer) ?? whyNotInForce(offer.item, context) === undefined;
    known.set(offer, isHere);
    return isHere;
  };
}

function applyToArticles(
  lots: readonly PricedLot[],
  rows: LineDiscounts,
  mode: RoundingMode,
): readonly AppliedPromotion[] {
  const amountByOffer = new Map<Offer, number>();
  for (const { offer, lot, amountMinor } of evaluate(lots, mode).cuts) {
    rows.cut(offer, amountMinor, lots[lot]?.shelf.article);
    amountByOffer.set(offer, (amountByOffer.get(offer) ?? 0) + amountMinor);
  }
  return Array.from(amountByOffer, ([offer, amountMinor]) =>
    appliedOf(offer, amountMinor, timesOf(offer, lots)),
  );
}

function appliedOf(
  { item, publication }: Offer,
  amountMinor: number,
  times: number,
): AppliedPromotion {
  return { id: item.id, name: item.name, times, amountMinor, publication };
}

function timesOf(offer: Offer, lots: readonly PricedLot[]): number {
  if (offer.takes === "pool") return 1;
  const units = lots.reduce((sum, { count, chain, uses }) => {
    const isTaken = chain.includes(offer) || uses.some((use) => use.offer === offer);
    return isTaken ? sum + count : sum;
  }, 0);
  return offer.takes === "unit" ? units : timesIn(units, sizeOf(offer.parts));
}

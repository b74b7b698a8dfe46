/**
 * Promotions for the whole basket, on what the others left of it. SPEC.md §12 (DL).
 *
 * @module
 */

import type { RoundingMode } from "../rounding.ts";
import type { Article } from "./article.ts";
import type { Offer } from "./offer.ts";
import type { BasketRule } from "./promotion-item.ts";
import { percentOf } from "./ratio.ts";
import { selects } from "./selector.ts";

/**
 * Those that together take most off `leftMinor`, in canonical order: one exclusive, or stackable ones
 * of different groups.
 */
export function bestBasketOffers(
  offers: readonly Offer[],
  basket: { readonly articles: readonly Article[]; readonly leftMinor: number },
  mode: RoundingMode,
): BasketDeal {
  const reached = offers.filter((offer) => isReached(offer, basket.articles));
  const stackable = reached.filter(({ isExclusive }) => !isExclusive);
  const alone = reached.filter(({ isExclusive }) => isExclusive).map((offer) => [offer]);
  const cuts = [...alone, ...stacks(stackable)]
    .map((chain) => cutsOf(chain, basket.leftMinor, mode))
    .reduce<readonly BasketCut[]>((best, one) => (sum(one) > sum(best) ? one : best), []);
  return { cuts, isExact: stackable.length <= stackedBasketOffersMax };
}

export interface BasketDeal {
  readonly cuts: readonly BasketCut[];
  /** False: there were too many ways to go together. */
  readonly isExact: boolean;
}

export interface BasketCut {
  readonly offer: Offer;
  readonly amountMinor: number;
}

/** Of more stackable ones the last are not tried. */
const stackedBasketOffersMax = 8;

/** By list prices, so that no discount takes another one away. */
function isReached({ item }: Offer, articles: readonly Article[]): boolean {
  const { items, fromMinor } = item.rule as BasketRule;
  const counted = articles.filter((article) => selects(items, article));
  const listMinor = counted.reduce((total, { count, unitMinor }) => total + count * unitMinor, 0);
  return counted.length > 0 && listMinor >= fromMinor;
}

function stacks(stackable: readonly Offer[]): readonly (readonly Offer[])[] {
  const tried = stackable.slice(0, stackedBasketOffersMax);
  const ways: (readonly Offer[])[] = [[]];
  for (const offer of tried) {
    const more = ways.filter((way) => way.every(({ group }) => group !== offer.group));
    ways.push(...more.map((way) => [...way, offer]));
  }
  return ways;
}

function cutsOf(
  chain: readonly Offer[],
  leftMinor: number,
  mode: RoundingMode,
): readonly BasketCut[] {
  let left = leftMinor;
  return chain.flatMap((offer) => {
    const { reduction } = offer.item.rule as BasketRule;
    const whole =
      reduction.kind === "percent"
        ? percentOf(left, reduction.percentBp, mode)
        : reduction.amountMinor;
    const max = offer.item.discountMaxMinor ?? Number.MAX_SAFE_INTEGER;
    const amountMinor = Math.min(left, whole, max);
    left -= amountMinor;
    return amountMinor === 0 ? [] : [{ offer, amountMinor }];
  });
}

function sum(cuts: readonly BasketCut[]): number {
  return cuts.reduce((total, { amountMinor }) => total + amountMinor, 0);
}

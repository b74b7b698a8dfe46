/**
 * An article with the promotions that can take it, and the best of the simple ones. SPEC.md §12 (DL).
 *
 * @module
 */

import type { RoundingMode } from "../rounding.ts";
import type { Article } from "./article.ts";
import type { Offer } from "./offer.ts";
import { unitWise } from "./reduction.ts";

/** `offers` can take the article here and now, in canonical order. */
export function createShelf(article: Article, offers: readonly Offer[], mode: RoundingMode): Shelf {
  const simple = offers.filter(({ kind }) => kind === "simple");
  const stackable = simple.filter(({ isExclusive }) => !isExclusive);
  const stacked = chainsOf(stackable);
  const alone = simple.filter(({ isExclusive }) => isExclusive).map((offer) => [offer]);
  const chains = [...alone, ...stacked.chains];
  const bestByCount = new Map<number, Best>();
  return {
    article,
    joint: offers.filter(({ kind }) => kind === "joint"),
    simple,
    stackedChains: stacked.chains,
    isExact: stacked.isExact,
    best: (count) => {
      const known = bestByCount.get(count);
      if (known !== undefined) return known;
      const made = bestChain(
        { article, count, amountMinor: count * article.unitMinor },
        chains,
        mode,
      );
      bestByCount.set(count, made);
      return made;
    },
  };
}

export interface Shelf {
  readonly article: Article;
  /** In canonical order. */
  readonly joint: readonly Offer[];
  readonly simple: readonly Offer[];
  /** Stackable simple promotions that can go together, each in canonical order; the first is none. */
  readonly stackedChains: readonly Chain[];
  /** False: there were too many ways to go together. */
  readonly isExact: boolean;
  /** What simple promotions take off `count` units that no other takes. */
  best(count: number): Best;
}

export type Chain = readonly Offer[];

export interface Best {
  readonly amountMinor: number;
  readonly chain: Chain;
}

/** Ways for stackable promotions to go together; of more only the first of a group is tried. */
const chainsMax = 64;

function bestChain(
  units: { readonly article: Article; readonly count: number; readonly amountMinor: number },
  chains: readonly Chain[],
  mode: RoundingMode,
): Best {
  let best: Best = { amountMinor: 0, chain: [] };
  if (units.count === 0) return best;
  for (const chain of chains) {
    let left = units.amountMinor;
    for (const { item } of chain)
      left -= unitWise(item.rule, { ...units, amountMinor: left }, mode);
    const amountMinor = units.amountMinor - left;
    if (
      amountMinor > best.amountMinor ||
      (amountMinor === best.amountMinor && comesFirst(chain, best))
    )
      best = { amountMinor, chain };
  }
  return best;
}

/** Of equal ones the chain whose promotions come first counts; then the shorter one. */
function comesFirst(chain: Chain, { chain: other }: Best): boolean {
  for (const [index, { order }] of other.entries()) {
    const own = chain[index]?.order ?? -1;
    if (own !== order) return own < order;
  }
  return false;
}

/** At most one of each group, none included. */
function chainsOf(stackable: readonly Offer[]): {
  readonly chains: readonly Chain[];
  readonly isExact: boolean;
} {
  const byGroup = new Map<string, Offer[]>();
  for (const offer of stackable) {
    byGroup.set(offer.group, [...(byGroup.get(offer.group) ?? []), offer]);
  }
  let chains: readonly Chain[] = [[]];
  let isExact = true;
  for (const offers of byGroup.values()) {
    const isTooMany = chains.length * (offers.length + 1) > chainsMax;
    const tried = isTooMany ? offers.slice(0, 1) : offers;
    if (isTooMany) isExact = false;
    if (chains.length * 2 > chainsMax) break;
    chains = chains.flatMap((chain) => [chain, ...tried.map((offer) => inOrder(chain, offer))]);
  }
  return { chains, isExact };
}

function inOrder(chain: Chain, offer: Offer): Chain {
  return [...chain, offer].toSorted((a, b) => a.order - b.order);
}

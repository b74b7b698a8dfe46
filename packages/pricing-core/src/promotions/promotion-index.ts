/**
 * Which promotions can take an article, without looking at all of them. SPEC.md §12 (DL).
 *
 * @module
 */

import type { InForce } from "../book.ts";
import { offersOf, type Offer } from "./offer.ts";
import type { PromotionItem, Selector } from "./promotion-item.ts";
import { selects, type NamedArticle } from "./selector.ts";

export function createPromotionIndex(
  promotions: readonly InForce<PromotionItem>[],
): PromotionIndex {
  const offers = offersOf(promotions);
  const byName = new Map<string, Offer[]>();
  const everywhere: Offer[] = [];
  const offersByContent = new Map<string, readonly Offer[]>();
  const add = (name: string, offer: Offer) => {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [offer]);
    else if (known.at(-1) !== offer) known.push(offer);
  };
  for (const offer of offers) {
    if (offer.kind === "basket") continue;
    for (const { items } of offer.parts) {
      for (const name of namesOf(items)) add(name, offer);
      if (items.everything === true && everywhere.at(-1) !== offer) everywhere.push(offer);
    }
  }
  return {
    offers,
    basketOffers: offers.filter(({ kind }) => kind === "basket"),
    offersFor: (article) => {
      const content = articleNames(article).join("\n");
      const known = offersByContent.get(content);
      if (known !== undefined) return known;
      const found = new Set(everywhere);
      for (const name of articleNames(article)) {
        for (const offer of byName.get(name) ?? []) found.add(offer);
      }
      const made = [...found]
        .filter(({ parts }) => parts.some(({ items }) => selects(items, article)))
        .toSorted((a, b) => a.order - b.order);
      if (offersByContent.size >= rememberedMax) offersByContent.clear();
      offersByContent.set(content, made);
      return made;
    },
  };
}

export interface PromotionIndex {
  /** In canonical order: by priority, then id. */
  readonly offers: readonly Offer[];
  readonly basketOffers: readonly Offer[];
  /** In canonical order; without those for the whole basket. */
  offersFor(article: NamedArticle): readonly Offer[];
}

/** Articles of which the answer is kept. */
const rememberedMax = 10_000;

function namesOf({ skus = [], departments = [], tags = [] }: Selector): readonly string[] {
  return [
    ...skus.map((sku) => `sku ${sku}`),
    ...departments.map((department) => `department ${department}`),
    ...tags.map((tag) => `tag ${tag}`),
  ];
}

function articleNames({ sku, department, tags }: NamedArticle): readonly string[] {
  return namesOf({ skus: [sku], departments: [department], tags });
}

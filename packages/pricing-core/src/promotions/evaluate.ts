/**
 * What promotions take off units that were dealt out to them. SPEC.md §12 (DL).
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import { allocate } from "../allocate.ts";
import type { RoundingMode } from "../rounding.ts";
import type { Offer } from "./offer.ts";
import { reductionOf, unitWise, type SpreadAmount } from "./reduction.ts";
import type { Chain, Shelf } from "./shelf.ts";

/** Promotions apply in canonical order, each on what is left of the price at its turn. Lots are by content. */
export function evaluate(lots: readonly PricedLot[], mode: RoundingMode): Evaluation {
  const left = lots.map(({ shelf, count }) => shelf.article.unitMinor * count);
  const cuts: Cut[] = [];
  const cut = (offer: Offer, lot: number, amountMinor: number) => {
    left[lot] = (left[lot] ?? 0) - amountMinor;
    if (amountMinor > 0) cuts.push({ offer, lot, amountMinor });
  };
  for (const [offer, members] of membersByOffer(lots)) {
    const taken = members.map(({ lot, part }) => {
      const { shelf, count } = lots[lot] as PricedLot;
      return { article: shelf.article, part, count, amountMinor: left[lot] ?? 0 };
    });
    const discounts =
      offer.kind === "simple"
        ? taken.map((one) => unitWise(offer.item.rule, one, mode))
        : spread(reductionOf(offer, taken, mode));
    members.forEach(({ lot }, index) => cut(offer, lot, discounts[index] ?? 0));
  }
  return { cuts, amountMinor: cuts.reduce((sum, { amountMinor }) => sum + amountMinor, 0) };
}

/** Units of one article that the same joint promotions take, for the same parts. */
export interface Lot {
  readonly shelf: Shelf;
  readonly count: number;
  readonly uses: readonly Use[];
}

export interface Use {
  readonly offer: Offer;
  readonly part: number;
}

/** With the simple promotions that take all of it. */
export interface PricedLot extends Lot {
  readonly chain: Chain;
}

export interface Evaluation {
  /** In the order in which they apply. */
  readonly cuts: readonly Cut[];
  readonly amountMinor: number;
}

export interface Cut {
  readonly offer: Offer;
  /** Index of the lot. */
  readonly lot: number;
  readonly amountMinor: number;
}

/** Of content: by article, then by the promotions that take it, the one with fewer of them first. */
export function byContent(a: Lot, b: Lot): number {
  const { article: first } = a.shelf;
  return first.place - b.shelf.article.place || byUses(a.uses, b.uses);
}

function byUses(a: readonly Use[], b: readonly Use[]): number {
  for (const [index, use] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = use.offer.order - other.offer.order || use.part - other.part;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By largest remainder; ties go to the first, and lots are in an order of content. */
export function spread({ amountMinor, weights }: SpreadAmount): readonly number[] {
  if (amountMinor === 0) return weights.map(() => 0);
  if (weights.reduce((sum, weight) => sum + weight, 0) === amountMinor) return weights;
  const shares = allocate(amountMinor, weights);
  assert(shares.ok, "a discount is on something that costs something");
  return shares.value;
}

interface Member {
  readonly lot: number;
  readonly part: number;
}

function membersByOffer(lots: readonly PricedLot[]): readonly (readonly [Offer, Member[]])[] {
  const byOffer = new Map<Offer, Member[]>();
  const add = (offer: Offer, member: Member) => {
    const members = byOffer.get(offer);
    if (members === undefined) byOffer.set(offer, [member]);
    else members.push(member);
  };
  lots.forEach(({ chain, uses }, lot) => {
    for (const { offer, part } of uses) add(offer, { lot, part });
    for (const offer of chain) add(offer, { lot, part: 0 });
  });
  return [...byOffer].toSorted(([a], [b]) => a.order - b.order);
}

/**
 * Units of a component as the search deals them out to its joint promotions. SPEC.md §12 (DL).
 *
 * The one mutable thing here, since a copy per step would cost more than the step.
 *
 * @module
 */

import type { RoundingMode } from "../rounding.ts";
import type { Component, Joint, Source } from "./component.ts";
import { byContent, evaluate, type Lot, type PricedLot } from "./evaluate.ts";
import { reductionOf } from "./reduction.ts";
import type { Chain, Shelf } from "./shelf.ts";

export function createDealing(component: Component, mode: RoundingMode): Dealing {
  return {
    component,
    mode,
    rest: new Map(component.shelves.map((shelf) => [shelf, shelf.article.count])),
    stacked: [],
    exclusive: [],
    exclusiveMinor: 0,
    restMinor: component.shelves.reduce(
      (sum, shelf) => sum + shelf.best(shelf.article.count).amountMinor,
      0,
    ),
  };
}

export interface Dealing {
  readonly component: Component;
  readonly mode: RoundingMode;
  /** Units of each shelf that no joint promotion has. */
  readonly rest: Map<Shelf, number>;
  /** What stackable promotions have. */
  readonly stacked: Lot[];
  /** What exclusive ones have. */
  readonly exclusive: Lot[];
  /** What those take off. */
  exclusiveMinor: number;
  /** What simple promotions take off `rest`. */
  restMinor: number;
}

/** By part, then shelf: the dearest first; stackable promotions also take what others stacked. */
export function sourcesOf({ stacked }: Dealing, { offer, sources }: Joint): readonly Source[] {
  if (offer.isExclusive || stacked.length === 0) return sources;
  return sources.flatMap((source) => {
    const lots = stacked.flatMap((lot, index) =>
      lot.shelf === source.shelf && lot.uses.every((use) => use.offer.group !== offer.group)
        ? [{ ...source, lot: index }]
        : [],
    );
    return [source, ...lots];
  });
}

export function availableAt({ rest, stacked }: Dealing, { lot, shelf }: Source): number {
  return (lot < 0 ? rest.get(shelf) : stacked[lot]?.count) ?? 0;
}

export interface Pick {
  readonly source: Source;
  readonly count: number;
}

/** Gives the picked units to the promotion; the answer takes them back. */
export function deal(dealing: Dealing, { offer }: Joint, picks: readonly Pick[]): () => void {
  const { exclusiveMinor, restMinor } = dealing;
  const lots = picks.map(({ source, count }): Lot => {
    const uses = [...(dealing.stacked[source.lot]?.uses ?? []), { offer, part: source.part }];
    return { shelf: source.shelf, count, uses };
  });
  for (const { source, count } of picks) move(dealing, source, -count);
  const target = offer.isExclusive ? dealing.exclusive : dealing.stacked;
  const before = target.length;
  target.push(...lots);
  if (offer.isExclusive) dealing.exclusiveMinor += exclusiveReduction(dealing, lots);
  return () => {
    target.length = before;
    for (const { source, count } of picks) move(dealing, source, count);
    dealing.exclusiveMinor = exclusiveMinor;
    dealing.restMinor = restMinor;
  };
}

/** All that is taken off, when the stacked lots have the chains that are best alone, or that `spend` finds. */
export function valueOf(dealing: Dealing, spend?: Spend): Valued {
  const sure = dealing.exclusiveMinor + dealing.restMinor;
  if (dealing.stacked.length === 0) return { amountMinor: sure, stacked: [] };
  const lots = dealing.stacked.filter(({ count }) => count > 0).toSorted(byContent);
  const first = lots.map((lot): PricedLot => ({ ...lot, chain: aloneChain(lot, dealing.mode) }));
  let best: Valued = { amountMinor: evaluate(first, dealing.mode).amountMinor, stacked: first };
  if (spend !== undefined) {
    forEachChaining(lots, spend, (priced) => {
      const { amountMinor } = evaluate(priced, dealing.mode);
      if (amountMinor > best.amountMinor) best = { amountMinor, stacked: [...priced] };
    });
  }
  return { amountMinor: sure + best.amountMinor, stacked: best.stacked };
}

/** One step of the search; false when there are none left. */
export type Spend = () => boolean;

/** Those that are left for the whole basket. */
export interface Steps {
  left: number;
}

export interface Valued {
  readonly amountMinor: number;
  readonly stacked: readonly PricedLot[];
}

function move(dealing: Dealing, { shelf, lot }: Source, count: number): void {
  if (lot >= 0) {
    const from = dealing.stacked[lot];
    if (from !== undefined) dealing.stacked[lot] = { ...from, count: from.count + count };
    return;
  }
  const before = dealing.rest.get(shelf) ?? 0;
  dealing.rest.set(shelf, before + count);
  dealing.restMinor += shelf.best(before + count).amountMinor - shelf.best(before).amountMinor;
}

function exclusiveReduction({ mode }: Dealing, lots: readonly Lot[]): number {
  const [first] = lots[0]?.uses ?? [];
  if (first === undefined) return 0;
  const taken = lots.map(({ shelf, count, uses }) => ({
    article: shelf.article,
    part: uses[0]?.part ?? 0,
    count,
    amountMinor: count * shelf.article.unitMinor,
  }));
  return reductionOf(first.offer, taken, mode).amountMinor;
}

function chainsFor({ shelf, uses }: Lot): readonly Chain[] {
  const groups = new Set(uses.map(({ offer }) => offer.group));
  return shelf.stackedChains.filter((chain) => chain.every(({ group }) => !groups.has(group)));
}

function aloneChain(lot: Lot, mode: RoundingMode): Chain {
  const { shelf, count } = lot;
  let best: { readonly chain: Chain; readonly amountMinor: number } = { chain: [], amountMinor: 0 };
  for (const chain of chainsFor(lot)) {
    const { amountMinor } = evaluate([{ shelf, count, uses: [], chain }], mode);
    if (amountMinor > best.amountMinor) best = { chain, amountMinor };
  }
  return best.chain;
}

function forEachChaining(
  lots: readonly Lot[],
  spend: Spend,
  see: (priced: readonly PricedLot[]) => void,
): void {
  const priced: PricedLot[] = [];
  const visit = (index: number) => {
    const lot = lots[index];
    if (lot === undefined) {
      see(priced);
      return;
    }
    for (const chain of chainsFor(lot)) {
      if (!spend()) return;
      priced[index] = { ...lot, chain };
      visit(index + 1);
    }
  };
  visit(0);
}

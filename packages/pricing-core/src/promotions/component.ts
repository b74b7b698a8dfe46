/**
 * Parts of a basket that no promotion connects: each is searched on its own. SPEC.md §12 (DL).
 *
 * @module
 */

import type { Offer } from "./offer.ts";
import { timesIn } from "./ratio.ts";
import { selects } from "./selector.ts";
import type { Shelf } from "./shelf.ts";

/** Those with few joint promotions first. `usesLeft` of each promotion; those that cannot be used once connect nothing. */
export function componentsOf(
  shelves: readonly Shelf[],
  usesLeft: (offer: Offer) => number,
): readonly Component[] {
  const shelvesByOffer = new Map<Offer, Shelf[]>();
  for (const shelf of shelves) {
    for (const offer of shelf.joint) {
      const own = shelvesByOffer.get(offer);
      if (own === undefined) shelvesByOffer.set(offer, [shelf]);
      else own.push(shelf);
    }
  }
  const possible = [...shelvesByOffer]
    .map(([offer, own]) => jointOf(offer, own, usesLeft(offer)))
    .filter(({ usesMax }) => usesMax > 0)
    .toSorted((a, b) => a.offer.order - b.offer.order);
  return connected(shelves, possible);
}

export interface Component {
  readonly shelves: readonly Shelf[];
  /** In canonical order. */
  readonly joints: readonly Joint[];
}

/** A joint promotion, and what its parts can take. */
export interface Joint {
  readonly offer: Offer;
  readonly usesMax: number;
  /** By part, then place: the dearest first. */
  readonly sources: readonly Source[];
}

/** Where a part of a promotion can take units: from the rest of a shelf, or from a stacked lot. */
export interface Source {
  readonly part: number;
  readonly shelf: Shelf;
  /** Index of the stacked lot; -1: the rest of the shelf. */
  readonly lot: number;
}

function canTake(offer: Offer, part: number, { article }: Shelf): boolean {
  const found = offer.parts[part];
  if (found === undefined || (found.quantity !== null && !article.isPiece)) return false;
  return selects(found.items, article);
}

function jointOf(offer: Offer, shelves: readonly Shelf[], usesLeft: number): Joint {
  const sources = offer.parts.flatMap((_, part) =>
    shelves
      .filter((shelf) => canTake(offer, part, shelf))
      .map((shelf): Source => ({ part, shelf, lot: -1 })),
  );
  const usesMax = offer.parts.reduce((most, { quantity }, part) => {
    const units = unitsOf(sources.filter((source) => source.part === part));
    return Math.min(most, quantity === null ? units : timesIn(units, quantity));
  }, usesLeft);
  return { offer, usesMax, sources };
}

function unitsOf(sources: readonly Source[]): number {
  return sources.reduce((sum, { shelf }) => sum + shelf.article.count, 0);
}

function connected(shelves: readonly Shelf[], joints: readonly Joint[]): readonly Component[] {
  const roots = new Map<Shelf, Shelf>();
  const rootOf = (shelf: Shelf): Shelf => {
    const parent = roots.get(shelf) ?? shelf;
    return parent === shelf ? shelf : rootOf(parent);
  };
  for (const { sources } of joints) {
    const [first, ...others] = sources;
    for (const { shelf } of others) {
      if (first !== undefined && rootOf(shelf) !== rootOf(first.shelf))
        roots.set(rootOf(shelf), rootOf(first.shelf));
    }
  }
  const byRoot = new Map<Shelf, { shelves: Shelf[]; joints: Joint[] }>();
  for (const shelf of shelves) {
    const root = rootOf(shelf);
    const known = byRoot.get(root);
    if (known === undefined) byRoot.set(root, { shelves: [shelf], joints: [] });
    else known.shelves.push(shelf);
  }
  for (const joint of joints) {
    const [first] = joint.sources;
    if (first !== undefined) byRoot.get(rootOf(first.shelf))?.joints.push(joint);
  }
  return [...byRoot.values()].toSorted((a, b) => a.joints.length - b.joints.length);
}

/**
 * All ways in which a promotion can take units, one after the other. SPEC.md §12 (DL).
 *
 * @module
 */

import type { Joint, Source } from "./component.ts";
import { availableAt, sourcesOf, type Dealing, type Pick, type Spend } from "./dealing.ts";

/** In a fixed order: as many uses as possible first, the dearest units first. */
export function forEachTake(
  dealing: Dealing,
  joint: Joint,
  { spend, see }: { readonly spend: Spend; readonly see: (picks: readonly Pick[]) => void },
): void {
  const { offer, usesMax } = joint;
  if (offer.takes !== "group") {
    const most = offer.takes === "unit" ? usesMax : Number.MAX_SAFE_INTEGER;
    takeAny(dealing, joint, { most, spend, see });
    return;
  }
  for (let uses = usesMax; uses >= 1; uses -= 1) {
    if (!spend()) return;
    takeUses(dealing, joint, { uses, spend, see });
  }
}

interface Any {
  readonly most: number;
  readonly spend: Spend;
  readonly see: (picks: readonly Pick[]) => void;
}

function takeAny(dealing: Dealing, joint: Joint, { most, spend, see }: Any): void {
  const sources = sourcesOf(dealing, joint);
  const picks: Pick[] = [];
  const visit = (index: number, left: number) => {
    const source = sources[index];
    if (source === undefined) {
      if (picks.length > 0) see(picks);
      return;
    }
    for (let count = Math.min(left, availableAt(dealing, source)); count >= 0; count -= 1) {
      if (!spend()) return;
      if (count > 0) picks.push({ source, count });
      visit(index + 1, left - count);
      if (count > 0) picks.pop();
    }
  };
  visit(0, most);
}

interface Uses {
  readonly uses: number;
  readonly spend: Spend;
  readonly see: (picks: readonly Pick[]) => void;
}

function takeUses(dealing: Dealing, joint: Joint, { uses, spend, see }: Uses): void {
  const sources = sourcesOf(dealing, joint);
  const available = sources.map((source) => availableAt(dealing, source));
  const needs = joint.offer.parts.map(({ quantity }) => (quantity ?? 0) * uses);
  const picks: Pick[] = [];
  const visit = (index: number) => {
    const source = sources[index];
    if (source === undefined) {
      see(picks);
      return;
    }
    const need = needs[source.part] ?? 0;
    const isLast = sources[index + 1]?.part !== source.part;
    const most = Math.min(need, (available[index] ?? 0) - pickedFrom(picks, source));
    for (let count = most; count >= (isLast ? need : 0); count -= 1) {
      if (!spend()) return;
      if (count > 0) picks.push({ source, count });
      needs[source.part] = need - count;
      visit(index + 1);
      needs[source.part] = need;
      if (count > 0) picks.pop();
    }
  };
  if (needs.every((_, part) => sources.some((source) => source.part === part))) visit(0);
}

/** One source can serve several parts. */
export function pickedFrom(picks: readonly Pick[], { shelf, lot }: Source): number {
  return picks.reduce(
    (sum, { source, count }) => (source.shelf === shelf && source.lot === lot ? sum + count : sum),
    0,
  );
}

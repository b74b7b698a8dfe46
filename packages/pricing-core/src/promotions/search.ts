/**
 * The best deal of a component: branch and bound, within a number of steps. SPEC.md §12 (DL).
 *
 * @module
 */

import type { RoundingMode } from "../rounding.ts";
import { createBound } from "./bound.ts";
import type { Component } from "./component.ts";
import {
  createDealing,
  deal,
  valueOf,
  type Dealing,
  type Pick,
  type Spend,
  type Steps,
  type Valued,
} from "./dealing.ts";
import type { PricedLot } from "./evaluate.ts";
import { dealGreedily } from "./greedy.ts";
import { soleGroupPicks } from "./sole-group.ts";
import { forEachTake } from "./takes.ts";

/** `steps` are those that are left for the whole basket; the search takes from them. */
export function searchComponent(component: Component, mode: RoundingMode, steps: Steps): Solution {
  const dealing = createDealing(component, mode);
  const isSure = component.shelves.every(({ isExact }) => isExact);
  if (component.joints.length === 0) return solutionOf(dealing, isSure, valueOf(dealing));
  const spend: Spend = () => (steps.left -= 1) >= 0;
  const solePicks = soleGroupPicks(dealing, steps);
  if (solePicks !== undefined) {
    for (const sole of component.joints) deal(dealing, sole, solePicks);
    return solutionOf(dealing, isSure, valueOf(dealing));
  }
  const takeBack = dealGreedily(dealing);
  let best = solutionOf(dealing, false, valueOf(dealing));
  takeBack();
  const bound = createBound(component, mode);
  const visit = (next: number): void => {
    if (bound(dealing, next) <= best.amountMinor) return;
    const joint = component.joints[next];
    if (joint === undefined) {
      const found = valueOf(dealing, spend);
      if (found.amountMinor > best.amountMinor) best = solutionOf(dealing, false, found);
      return;
    }
    const see = (picks: readonly Pick[]) => {
      const back = deal(dealing, joint, picks);
      visit(next + 1);
      back();
    };
    forEachTake(dealing, joint, { spend, see });
    if (spend()) visit(next + 1);
  };
  const isHopeless = component.joints.length > searchedJointsMax;
  if (isHopeless) return { ...best, isExact: isSure && bound(dealing, 0) <= best.amountMinor };
  visit(0);
  return { ...best, isExact: isSure && steps.left >= 0 };
}

/** Of more joint promotions that compete for units, not even their bounds are worth the time. */
const searchedJointsMax = 8;

export interface Solution {
  /** All units of the component. */
  readonly lots: readonly PricedLot[];
  readonly amountMinor: number;
  readonly isExact: boolean;
}

function solutionOf(
  dealing: Dealing,
  isExact: boolean,
  { amountMinor, stacked }: Valued,
): Solution {
  const untouched = dealing.component.shelves.map((shelf): PricedLot => {
    const count = dealing.rest.get(shelf) ?? 0;
    return { shelf, count, uses: [], chain: shelf.best(count).chain };
  });
  const exclusive = dealing.exclusive.map((lot): PricedLot => ({ ...lot, chain: [] }));
  const lots = [...untouched, ...stacked, ...exclusive].filter(({ count }) => count > 0);
  return { lots, amountMinor, isExact };
}

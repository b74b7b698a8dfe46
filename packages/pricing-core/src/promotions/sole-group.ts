/**
 * The best deal where only one promotion groups units, and all for one part. SPEC.md §12 (DL).
 *
 * Units are gone through from the dearest on, remembering the best for each number of units that were
 * taken so far: what the next unit brings depends on that number only. So it is exact in few steps,
 * also where there are too many ways for a search.
 *
 * @module
 */

import type { Joint } from "./component.ts";
import type { Dealing, Pick, Steps } from "./dealing.ts";
import type { PromotionRule } from "./promotion-item.ts";
import { timesIn } from "./ratio.ts";
import { reducedUpTo } from "./reduction.ts";
import type { Shelf } from "./shelf.ts";

/** What the promotion takes in the best deal; undefined when this is another case, or takes too many steps. */
export function soleGroupPicks(dealing: Dealing, steps: Steps): readonly Pick[] | undefined {
  const [joint, ...others] = dealing.component.joints;
  if (joint === undefined || others.length > 0) return undefined;
  const gain = gainOf(joint, dealing);
  const size = joint.offer.parts[0]?.quantity ?? 1;
  const most = joint.usesMax * size;
  const cost = timesIn(costOf(joint, most), waysPerStep) + 1;
  if (gain === undefined || cost > steps.left) return undefined;
  steps.left -= cost;
  const rows: Row[] = [{ best: [0], counts: [] }];
  for (const { shelf } of joint.sources) {
    rows.push(nextRow(rows.at(-1)?.best ?? [], shelf, { gain, most }));
  }
  return picksOf(joint, rows, size);
}

/** To look at one way here costs less than a step of the search. */
const waysPerStep = 16;

function costOf({ sources }: Joint, most: number): number {
  let reached = 0;
  return sources.reduce((cost, { shelf: { article } }) => {
    const ways = (reached + 1) * (article.count + 1);
    reached = Math.min(most, reached + article.count);
    return cost + ways;
  }, 0);
}

interface Row {
  /** The most that is taken off, by the number of units that are taken; undefined where there is no way. */
  readonly best: readonly (number | undefined)[];
  /** How many of them are of this shelf. */
  readonly counts: readonly (number | undefined)[];
}

/** What `count` more units bring when `taken` were taken before, in ten thousandths. */
type Gain = (shelf: Shelf, taken: number, count: number) => number;

const fine = 10_000;

function nextRow(
  before: Row["best"],
  shelf: Shelf,
  { gain, most }: { readonly gain: Gain; readonly most: number },
): Row {
  const best: (number | undefined)[] = [];
  const counts: (number | undefined)[] = [];
  for (const [taken, value] of before.entries()) {
    if (value === undefined) continue;
    for (let count = 0; count <= Math.min(shelf.article.count, most - taken); count += 1) {
      const rest = shelf.best(shelf.article.count - count).amountMinor * fine;
      const total = value + rest + gain(shelf, taken, count);
      if (total <= (best[taken + count] ?? -1)) continue;
      best[taken + count] = total;
      counts[taken + count] = count;
    }
  }
  return { best, counts };
}

function picksOf({ sources }: Joint, rows: readonly Row[], size: number): readonly Pick[] {
  let taken = bestCount(rows.at(-1)?.best ?? [], size);
  const picks = sources.toReversed().map((source, index) => {
    const count = rows[sources.length - index]?.counts[taken] ?? 0;
    taken -= count;
    return { source, count };
  });
  return picks.toReversed().filter(({ count }) => count > 0);
}

/** Complete groups only; the fewest units of equal ones. */
function bestCount(totals: Row["best"], size: number): number {
  let best = 0;
  for (let units = size; units < totals.length; units += size) {
    if ((totals[units] ?? -1) > (totals[best] ?? -1)) best = units;
  }
  return best;
}

function gainOf(joint: Joint, { component }: Dealing): Gain | undefined {
  const { offer, sources } = joint;
  const listMinor = sources.reduce(
    (sum, { shelf: { article } }) => sum + article.count * article.unitMinor,
    0,
  );
  const isStacked =
    !offer.isExclusive && component.shelves.some((one) => one.stackedChains.length > 1);
  const isCapped = typeof offer.item.discountMaxMinor === "number";
  const isSafe = Number.isSafeInteger(listMinor * fine * 2);
  const isOther = offer.takes !== "group" || offer.parts.length > 1;
  return isStacked || isCapped || isOther || !isSafe ? undefined : ruleGain(offer.item.rule);
}

function ruleGain(rule: PromotionRule): Gain | undefined {
  if (rule.kind === "set") return setGain(rule);
  if (rule.kind !== "x-for-y" && rule.kind !== "buy-get") return undefined;
  const isGift = rule.kind === "buy-get";
  const size = isGift ? rule.buyQuantity + rule.getQuantity : rule.quantity;
  const buyQuantity = isGift ? rule.buyQuantity : rule.payFor;
  const percentBp = isGift ? rule.percentBp : fine;
  const reduced = (units: number) => reducedUpTo(units, { size, buyQuantity });
  return ({ article }, taken, count) =>
    (reduced(taken + count) - reduced(taken)) * article.unitMinor * percentBp;
}

function setGain({ parts, reduction }: Extract<PromotionRule, { kind: "set" }>): Gain | undefined {
  const size = parts[0]?.quantity ?? 1;
  if (reduction.kind === "amount") return undefined;
  if (reduction.kind === "percent") {
    return ({ article }, _, count) => count * article.unitMinor * reduction.percentBp;
  }
  const sets = (units: number) => timesIn(units, size);
  return ({ article }, taken, count) =>
    (count * article.unitMinor - (sets(taken + count) - sets(taken)) * reduction.priceMinor) * fine;
}

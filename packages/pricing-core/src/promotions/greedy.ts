/**
 * A good deal in few steps: where the search starts, and what is left when it is cut short. SPEC.md §12 (DL).
 *
 * Promotions take what is good for them, the one that gains most on its own first.
 *
 * @module
 */

import type { Joint, Source } from "./component.ts";
import { availableAt, deal, sourcesOf, valueOf, type Dealing, type Pick } from "./dealing.ts";
import { pickedFrom } from "./takes.ts";

/** Deals in place; the answer takes all back. */
export function dealGreedily(dealing: Dealing): () => void {
  const undo: (() => void)[] = [];
  const alone = dealing.component.joints
    .map((joint) => ({ joint, gainMinor: bestTake(dealing, joint).gainMinor }))
    .filter(({ gainMinor }) => gainMinor > 0)
    .toSorted((a, b) => b.gainMinor - a.gainMinor || a.joint.offer.order - b.joint.offer.order);
  // Later promotions take from the lots of earlier ones only: stackable ones go in their order.
  const stackable = alone
    .filter(({ joint }) => !joint.offer.isExclusive)
    .toSorted((a, b) => a.joint.offer.order - b.joint.offer.order);
  const exclusive = alone.filter(({ joint }) => joint.offer.isExclusive);
  const isStackedFirst = gainOf(stackable) > gainOf(exclusive);
  const order = isStackedFirst ? [...stackable, ...exclusive] : [...exclusive, ...stackable];
  for (const { joint } of order) {
    const { picks, gainMinor } = bestTake(dealing, joint);
    if (gainMinor > 0) undo.push(deal(dealing, joint, picks));
  }
  return () => {
    for (const back of undo.toReversed()) back();
  };
}

interface Take {
  readonly picks: readonly Pick[];
  readonly gainMinor: number;
}

// More are tried than help: the fewer uses, the more is left for others.
const usesTriedMax = 2;

function bestTake(dealing: Dealing, joint: Joint): Take {
  const before = valueOf(dealing).amountMinor;
  let best: Take = { picks: [], gainMinor: 0 };
  const see = (picks: readonly Pick[]) => {
    if (picks.length === 0) return;
    const back = deal(dealing, joint, picks);
    const gainMinor = valueOf(dealing).amountMinor - before;
    back();
    if (gainMinor > best.gainMinor) best = { picks, gainMinor };
  };
  const dearest = sourcesOf(dealing, joint);
  // Units that no simple promotion lowers have nothing to lose.
  const freest = dearest.toSorted((a, b) => lossAt(a) - lossAt(b));
  for (const sources of [dearest, freest]) {
    if (joint.offer.takes === "group") {
      for (let less = 0; less < usesTriedMax; less += 1) {
        see(fill(dealing, joint, { sources, uses: joint.usesMax - less }));
      }
      continue;
    }
    see(upTo(dealing, sources, usesOf(joint)));
    see(
      upTo(
        dealing,
        sources.filter((source) => lossAt(source) === 0),
        usesOf(joint),
      ),
    );
  }
  return best;
}

function gainOf(takes: readonly { readonly gainMinor: number }[]): number {
  return takes.reduce((sum, { gainMinor }) => sum + gainMinor, 0);
}

function lossAt({ shelf }: Source): number {
  return shelf.best(1).amountMinor;
}

function usesOf({ offer, usesMax }: Joint): number {
  return offer.takes === "unit" ? usesMax : Number.MAX_SAFE_INTEGER;
}

function upTo(dealing: Dealing, sources: readonly Source[], most: number): readonly Pick[] {
  let left = most;
  return sources.flatMap((source) => {
    const count = Math.min(left, availableAt(dealing, source));
    left -= count;
    return count === 0 ? [] : [{ source, count }];
  });
}

/** Complete uses or nothing. */
function fill(
  dealing: Dealing,
  { offer }: Joint,
  { sources, uses }: { readonly sources: readonly Source[]; readonly uses: number },
): readonly Pick[] {
  if (uses <= 0) return [];
  const picks: Pick[] = [];
  for (const [part, { quantity }] of offer.parts.entries()) {
    let need = (quantity ?? 0) * uses;
    for (const source of sources) {
      if (source.part !== part || need === 0) continue;
      const count = Math.min(need, availableAt(dealing, source) - pickedFrom(picks, source));
      need -= count;
      if (count > 0) picks.push({ source, count });
    }
    if (need > 0) return [];
  }
  return picks;
}

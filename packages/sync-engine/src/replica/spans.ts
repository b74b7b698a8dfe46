/**
 * Stretches of a ledger: from one entry through another, whose hash is known. SPEC.md §5 (HZ).
 *
 * @module
 */

export type Span = {
  readonly from: number;
  readonly through: number;
  /** Of the entry `through`; by its chain it names all before it. */
  readonly hash: string;
};

/** All that either says; in order, apart from each other, as few as possible. */
export function addSpan(spans: readonly Span[], span: Span): readonly Span[] {
  const apart = spans.filter((one) => !touches(one, span));
  const joined = spans.filter((one) => touches(one, span)).reduce(join, span);
  return [...apart, joined].toSorted((a, b) => a.from - b.from);
}

export function isInSpans(spans: readonly Span[], sequence: number): boolean {
  return spans.some(({ from, through }) => from <= sequence && sequence <= through);
}

/** How many numbers from 1 through `limit` lie in any of them. */
export function countInSpans(
  spans: readonly Pick<Span, "from" | "through">[],
  limit: number,
): number {
  let reached = 0;
  let count = 0;
  for (const { from, through } of spans.toSorted((a, b) => a.from - b.from)) {
    const first = Math.max(from, reached + 1);
    const last = Math.min(through, limit);
    if (last < first) continue;
    count += last - first + 1;
    reached = last;
  }
  return count;
}

function touches(a: Span, b: Span): boolean {
  return a.from <= b.through + 1 && b.from <= a.through + 1;
}

function join(a: Span, b: Span): Span {
  const last = a.through >= b.through ? a : b;
  return { from: Math.min(a.from, b.from), through: last.through, hash: last.hash };
}

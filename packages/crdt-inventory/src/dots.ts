/**
 * Which entries of a device are already in its sums. SPEC.md §2 (PN).
 *
 * A fork has two entries with one number, so a place alone does not name an entry. Each run of a device's process
 * writes under an actor of its own and no actor ever numbers twice: (incarnation, actor, sequence)
 * names exactly one entry, and a run of them is one interval.
 *
 * @module
 */

import type { Entry } from "@tillmesh/kernel";

/** By lane, which is `incarnation/actor`; intervals are sorted, apart from each other, ends included. */
export type Dots = Readonly<Record<string, readonly Interval[]>>;

export type Interval = readonly [from: number, through: number];

export const noDots: Dots = {};

export function hasDot(dots: Dots, entry: Entry): boolean {
  const { sequence } = entry;
  return intervalsOf(dots, laneOf(entry)).some(
    ([from, through]) => from <= sequence && sequence <= through,
  );
}

export function addDot(dots: Dots, entry: Entry): Dots {
  const lane = laneOf(entry);
  return {
    ...dots,
    [lane]: addInterval(intervalsOf(dots, lane), [entry.sequence, entry.sequence]),
  };
}

/** Is every dot of `inner` in `outer`? */
export function includesDots(outer: Dots, inner: Dots): boolean {
  return Object.entries(inner).every(([lane, intervals]) =>
    intervals.every(([from, through]) =>
      intervalsOf(outer, lane).some(([start, end]) => start <= from && through <= end),
    ),
  );
}

function laneOf({ incarnation, actor }: Entry): string {
  return `${incarnation}/${actor}`;
}

function intervalsOf(dots: Dots, lane: string): readonly Interval[] {
  return Object.hasOwn(dots, lane) ? (dots[lane] ?? []) : [];
}

function addInterval(intervals: readonly Interval[], added: Interval): readonly Interval[] {
  const before = intervals.filter(([, through]) => through + 1 < added[0]);
  const after = intervals.filter(([from]) => from > added[1] + 1);
  const touched = intervals.slice(before.length, intervals.length - after.length);
  const from = Math.min(added[0], ...touched.map(([start]) => start));
  const through = Math.max(added[1], ...touched.map(([, end]) => end));
  return [...before, [from, through], ...after];
}

/**
 * When a device writes down what its ledger adds up to, and what goes in. SPEC.md §5 (CW).
 *
 * A carry is a text under its hash, like a sealed part; the first entry of the
 * owner's next part names the hash, so the owner's signature covers it.
 *
 * @module
 */

import { hlcMs, parseJson, type Entry, type Hlc } from "@tillmesh/kernel";
import {
  carryMaxSizeBytes,
  headLine,
  totalKey,
  totalLine,
  totalOf,
  type CarryHead,
  type CarryLine,
} from "../documents/carry-text.ts";
import type { CarryRef } from "../documents/opened.ts";
import type { SealedPart } from "../documents/sealed-part.ts";
import type { Signed } from "../documents/signed-text.ts";
import type { Ledger } from "./ledger.ts";
import type { ReplicaLimits } from "./limits.ts";

/**
 * Which entries an app needs although their movements are in the totals: counts, for instance. The engine knows no
 * kinds. `name` stands in every carry; a carry that was kept by another rule is no place to start from.
 */
export interface CarryRule {
  readonly name: string;
  readonly keeps: (entry: Entry) => boolean;
}

/** Of a device that says nothing about carries: it writes totals, and starts from no carry. */
export const totalsOnly: CarryRule = { name: "", keeps: () => false };

/** What a carry says; mutable while it is being put together. */
export interface Carried {
  /** Thousandths by `<location>/<sku>`. */
  readonly totals: Map<string, number>;
  /** Signed texts, in order. */
  readonly kept: string[];
}

export function emptyCarried(): Carried {
  return { totals: new Map(), kept: [] };
}

/** The sealed parts that a new carry would add to the newest one; none if it is too early for one. */
export function partsToCarry(
  { sealed, firstAt }: Pick<Ledger, "sealed"> & { readonly firstAt: Hlc | undefined },
  last: { readonly ref: CarryRef; readonly at: Hlc } | undefined,
  due: Pick<ReplicaLimits, "carryAfterParts" | "carryAfterMs"> & { readonly nowMs: number },
): readonly SealedPart[] {
  const carried = last?.ref.throughSequence ?? 0;
  const parts = [...sealed.values()]
    .filter((part) => part.firstSequence > carried)
    .toSorted((a, b) => a.firstSequence - b.firstSequence);
  const isContiguous = parts.every(
    (part, index) => part.firstSequence === (parts[index - 1]?.lastSequence ?? carried) + 1,
  );
  const since = last?.at ?? firstAt;
  const ageMs = since ? due.nowMs - hlcMs(since) : 0;
  const isDue =
    parts.length >= due.carryAfterParts || (parts.length > 0 && ageMs >= due.carryAfterMs);
  return isDue && isContiguous ? parts : [];
}

/** Moves totals on over the entries of one part. */
export function addToTotals(totals: Map<string, number>, entries: readonly Signed<Entry>[]): void {
  for (const { fact } of entries) {
    for (const { location, sku, quantityMilli } of fact.movements ?? []) {
      const key = `${location}/${sku}`;
      totals.set(key, (totals.get(key) ?? 0) + quantityMilli);
    }
  }
}

/** Moves a carry on over the entries of one part. */
export function addToCarried(
  { totals, kept }: Carried,
  entries: readonly Signed<Entry>[],
  rule: CarryRule,
): void {
  addToTotals(totals, entries);
  for (const { fact, text } of entries) if (rule.keeps(fact)) kept.push(text);
}

/** Takes over a line of the carry before. */
export function addLine({ totals, kept }: Carried, line: CarryLine): void {
  if (line.type === "total") totals.set(totalKey(line.total), line.total.totalMilli);
  else kept.push(line.kept.text);
}

/** The head of the carry that ends with this part. */
export function carryHead(
  { name, sha256, lastSequence }: SealedPart,
  last: Signed<Entry>,
  keeps: string,
): CarryHead {
  const { device, incarnation, part } = name;
  const { location, at } = last.fact;
  return {
    v: 2,
    device,
    incarnation,
    location,
    throughSequence: lastSequence,
    hash: last.hash,
    at,
    part,
    sealed: sha256,
    keeps,
  };
}

/**
 * The lines of a carry's text, in the one order that it has. `undefined` is a step of work without a line: no step
 * takes long, so whoever writes tens of thousands of totals can let sales come between.
 */
export function* carryLines(
  head: CarryHead,
  { totals, kept }: Carried,
): Generator<string | undefined, void, undefined> {
  yield headLine(head);
  const keys = [...totals.keys()];
  const runs: (readonly string[])[] = [];
  for (let from = 0; from < keys.length; from += runLength) {
    runs.push(keys.slice(from, from + runLength).toSorted());
    yield undefined;
  }
  for (const key of merged(runs)) {
    const milli = totals.get(key) ?? 0;
    if (milli !== 0) yield totalLine(totalOf(key, milli));
  }
  yield* kept;
}

const runLength = 4_096;

/** The items of sorted runs as one sorted run. */
function* merged(runs: readonly (readonly string[])[]): Generator<string, void, undefined> {
  const places = runs.map(() => 0);
  for (;;) {
    let lowest: string | undefined;
    let at = 0;
    runs.forEach((run, index) => {
      const item = run[places[index] ?? 0];
      if (item === undefined || (lowest !== undefined && lowest <= item)) return;
      lowest = item;
      at = index;
    });
    if (lowest === undefined) return;
    places[at] = (places[at] ?? 0) + 1;
    yield lowest;
  }
}

/** Whether sums can be written down exactly; only a ledger full of absurd quantities comes this far. */
export function isExact({ totals }: Carried): boolean {
  return [...totals.values()].every((milli) => Number.isSafeInteger(milli));
}

/** The totals in a carry of format 1, which nobody starts from; undefined if the text is none. */
export function parseFirstCarry(text: string): ReadonlyMap<string, number> | undefined {
  const parsed = parseJson(text, { maxBytes: carryMaxSizeBytes });
  const carry = parsed.ok ? (parsed.value as unknown as FirstCarry) : undefined;
  return carry?.v === 1 ? new Map(Object.entries(carry.totals)) : undefined;
}

interface FirstCarry {
  readonly v: 1;
  readonly totals: Readonly<Record<string, number>>;
}

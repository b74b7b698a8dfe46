/**
 * Counts while selling. SPEC.md §3 (CN).
 *
 * A count says what lay on the shelf and which movements its device had seen by then. Those it saw are
 * inside what was counted; all others keep their effect on top:
 *
 *     level = counted + sum over devices of (total now - total seen)
 *
 * Literature: Weidner and Almeida, "An oblivious observed-reset
 * embeddable replicated counter" (PaPoC 2022).
 *
 * @module
 */

import {
  type EntryRef,
  type HeldEntry,
  type Hlc,
  isQuantityMilli,
  type Json,
  type JsonObject,
  type LocationId,
  type Sku,
} from "@tillmesh/kernel";
import { addMilli, type CellKey, compareText, sumOfTotals, type TotalsByDevice } from "./cell.ts";

export interface CountFact extends CellKey {
  readonly entry: EntryRef;
  readonly hash: string;
  readonly at: Hlc;
  readonly countId: string;
  readonly countedMilli: number;
  /** By device id; a device that is absent was not seen at all. */
  readonly seen: SeenByDevice;
}

export type SeenByDevice = Readonly<Record<string, Seen>>;

/** All of the device's movements of this SKU here through this entry, and what they add up to. */
export type Seen = {
  readonly incarnation: number;
  readonly sequence: number;
  readonly totalMilli: number;
};

export interface Level {
  readonly levelMilli: number;
  /** The count the level stands on; `null` while the level is a sum of movements alone. */
  readonly inForce: CountFact | null;
  /** Counts that neither saw nor were seen by the one in force, by hash: a recount is needed. */
  readonly concurrent: readonly CountFact[];
}

/** The level of one SKU at one location. Neither the order of `counts` nor that of `totals` matters. */
export function levelOf({ totals, counts }: LevelInput): Level {
  const total = sumOfTotals(totals);
  const [inForce = null, ...concurrent] = standingCounts(counts);
  if (inForce === null) return { levelMilli: total, inForce, concurrent };
  const seen = Object.values(inForce.seen).reduce((sum, each) => addMilli(sum, each.totalMilli), 0);
  return {
    levelMilli: addMilli(inForce.countedMilli, addMilli(total, -seen)),
    inForce,
    concurrent,
  };
}

export interface LevelInput {
  readonly totals: TotalsByDevice;
  readonly counts: readonly CountFact[];
}

/**
 * RULE a count supersedes those it saw: its `seen` covers the place of the other.
 * It need not have seen what those in turn superseded; superseded once is superseded.
 */
export function supersedes(count: CountFact, other: CountFact): boolean {
  return count.hash !== other.hash && hasSeen(count.seen, other.entry);
}

/** Does `seen` cover the entry at `ref`? A later incarnation goes on from what the earlier one knew. */
export function hasSeen(seen: SeenByDevice, ref: EntryRef): boolean {
  const known = Object.hasOwn(seen, ref.device) ? seen[ref.device] : undefined;
  if (known === undefined) return false;
  return known.incarnation === ref.incarnation
    ? known.sequence >= ref.sequence
    : known.incarnation > ref.incarnation;
}

/**
 * RULE of concurrent counts the one with the lowest hash is in force. Counts that none supersedes, by hash.
 * Should a device lie about what it saw, so that counts supersede each other in a ring, all stand.
 */
export function standingCounts(counts: readonly CountFact[]): readonly CountFact[] {
  const standing = counts.filter((count) => !counts.some((other) => supersedes(other, count)));
  const candidates = standing.length === 0 ? counts : standing;
  return candidates.toSorted((a, b) => compareText(a.hash, b.hash));
}

/** The count an entry states; `null` if it states none that can be read, or is revoked. */
export function countFactOf({ entry, hash, flags }: HeldEntry): CountFact | null {
  if (entry.kind !== "count" || flags.includes("revoked")) return null;
  const body = countBodyOf(entry.body);
  if (body === null) return null;
  const { device, incarnation, sequence, at } = entry;
  return { ...body, entry: { device, incarnation, sequence }, hash, at };
}

type CountBody = Pick<CountFact, "countId" | "location" | "sku" | "countedMilli" | "seen">;

/** The same shape is in an entry's body and in a carry. */
export function countBodyOf(value: Json | undefined): CountBody | null {
  if (!isObject(value)) return null;
  const { countId, location, sku, countedMilli, seen } = value;
  if (typeof countId !== "string" || typeof location !== "string" || typeof sku !== "string") {
    return null;
  }
  const isRight = typeof countedMilli === "number" && isQuantityMilli(countedMilli);
  if (!isRight || !isSeenByDevice(seen)) return null;
  return { countId, location: location as LocationId, sku: sku as Sku, countedMilli, seen };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSeenByDevice(value: Json | undefined): value is SeenByDevice {
  return isObject(value) && Object.values(value).every(isSeen);
}

function isSeen(value: Json | undefined): value is Seen {
  if (!isObject(value)) return false;
  return [value.incarnation, value.sequence, value.totalMilli].every(Number.isSafeInteger);
}

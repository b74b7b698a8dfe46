/**
 * What a person should look at, as data. Nothing here stops a sale. SPEC.md §6 (SX).
 *
 * @module
 */

import type { EntryRef, HeldEntry, Hlc, LocationId, MovementKind, Sku } from "@tillmesh/kernel";
import { type CellKey, compareText } from "./cell.ts";
import { type CountFact, hasSeen, type Level } from "./count.ts";
import { transfersOf } from "./availability.ts";
import { countedMovements, type MovementFault, movementFaults } from "./movement-faults.ts";
import { cellsOf, countsOf, type StockState, stockLevel } from "./stock.ts";
import { standingCounts } from "./count.ts";

export type StockException =
  | OversellRaised
  | RecountNeeded
  | LateMovement
  | OverReceived
  | MovementsFaulty;

/** Sold is sold: the level is below zero. */
export interface OversellRaised {
  readonly type: "OversellRaised";
  readonly location: LocationId;
  readonly sku: Sku;
  readonly levelMilli: number;
}

/** Counts made apart: the first is in force until a recount that has seen them all. */
export interface RecountNeeded {
  readonly type: "RecountNeeded";
  readonly location: LocationId;
  readonly sku: Sku;
  /** By hash. */
  readonly counts: readonly CountMade[];
}

export interface CountMade {
  readonly entry: EntryRef;
  readonly at: Hlc;
  readonly countedMilli: number;
}

/** A movement of before a count that the count had not seen: were the goods still on the shelf? */
export interface LateMovement {
  readonly type: "LateMovement";
  readonly location: LocationId;
  readonly sku: Sku;
  readonly count: EntryRef;
  readonly countedAt: Hlc;
  readonly entry: EntryRef;
  readonly movedAt: Hlc;
  readonly kind: MovementKind;
  readonly quantityMilli: number;
}

/** More was received than is known to be shipped; a shipment that arrives later may settle it. */
export interface OverReceived {
  readonly type: "OverReceived";
  readonly transfer: string;
  readonly sku: Sku;
  readonly destination: LocationId;
  readonly shippedMilli: number;
  readonly receivedMilli: number;
}

export interface MovementsFaulty {
  readonly type: "MovementsFaulty";
  readonly entry: EntryRef;
  readonly faults: readonly MovementFault[];
}

/** Oversell and recounts at the cells given; by default at all of them. */
export function stockExceptions(
  state: StockState,
  cells: readonly CellKey[] = cellsOf(state),
): readonly (OversellRaised | RecountNeeded)[] {
  return cells.flatMap(({ location, sku }) => {
    const level = stockLevel(state, { location, sku });
    return [...oversell({ location, sku }, level), ...recount({ location, sku }, level)];
  });
}

export function transferExceptions(state: StockState, sku?: Sku): readonly OverReceived[] {
  return transfersOf(state, sku)
    .filter(({ restMilli }) => restMilli < 0)
    .map(({ transfer, sku: moved, destination, shippedMilli, receivedMilli }) => ({
      type: "OverReceived",
      transfer,
      sku: moved,
      destination,
      shippedMilli,
      receivedMilli,
    }));
}

/** Movements of an entry whose sign or fields are wrong. They count all the same. */
export function entryExceptions({ entry }: HeldEntry): readonly MovementsFaulty[] {
  const faults = movementFaults(entry.movements ?? []);
  const { device, incarnation, sequence } = entry;
  return faults.length === 0
    ? []
    : [{ type: "MovementsFaulty", entry: { device, incarnation, sequence }, faults }];
}

/**
 * The movements among `entries` that were made before `count`, by their devices' clocks, and that it had not
 * seen. A pure function of the set: ask for the entries held when a count arrives, and for each entry that
 * arrives afterwards. The counted goods stand; the list is for a person to judge.
 */
export function lateMovements(
  count: CountFact,
  entries: readonly HeldEntry[],
): readonly LateMovement[] {
  return entries
    .filter(({ entry }) => entry.at < count.at && !hasSeen(count.seen, entry))
    .flatMap((held) => lateOf(count, held))
    .toSorted(compareLate);
}

/** As `lateMovements`, of one entry against every count that stands in `state`. */
export function lateAgainstCounts(state: StockState, held: HeldEntry): readonly LateMovement[] {
  const keys = new Map(
    countedMovements(held).map((each) => [`${each.location}\n${each.sku}`, each]),
  );
  return [...keys.values()].flatMap((key) =>
    standingCounts(countsOf(state, key)).flatMap((count) => lateMovements(count, [held])),
  );
}

function lateOf(count: CountFact, held: HeldEntry): readonly LateMovement[] {
  const { device, incarnation, sequence, at } = held.entry;
  return countedMovements(held)
    .filter(({ location, sku }) => location === count.location && sku === count.sku)
    .map(({ kind, quantityMilli }) => ({
      type: "LateMovement",
      location: count.location,
      sku: count.sku,
      count: count.entry,
      countedAt: count.at,
      entry: { device, incarnation, sequence },
      movedAt: at,
      kind,
      quantityMilli,
    }));
}

function compareLate(a: LateMovement, b: LateMovement): number {
  return (
    compareText(a.movedAt, b.movedAt) ||
    compareText(a.entry.device, b.entry.device) ||
    a.entry.incarnation - b.entry.incarnation ||
    a.entry.sequence - b.entry.sequence
  );
}

function oversell(key: CellKey, { levelMilli }: Level): readonly OversellRaised[] {
  return levelMilli < 0 ? [{ type: "OversellRaised", ...key, levelMilli }] : [];
}

function recount(key: CellKey, { inForce, concurrent }: Level): readonly RecountNeeded[] {
  if (inForce === null || concurrent.length === 0) return [];
  const counts = [inForce, ...concurrent].map(({ entry, at, countedMilli }) => ({
    entry,
    at,
    countedMilli,
  }));
  return [{ type: "RecountNeeded", ...key, counts }];
}

/**
 * How much of a SKU lies where, and how fresh that knowledge is. SPEC.md §5 (AV).
 *
 * @module
 */

import { type DeviceId, type Hlc, hlcMs, type LocationId, type Sku } from "@tillmesh/kernel";
import { addMilli, compareText } from "./cell.ts";
import {
  allTransfers,
  cellOf,
  knownDevices,
  type StockState,
  stockLevel,
  transfersOfSku,
} from "./stock.ts";
import { type TransferState, transferStateOf } from "./transfer.ts";

export interface Availability {
  readonly sku: Sku;
  /** Sorted by id. */
  readonly locations: readonly LocationAvailability[];
}

export interface LocationAvailability {
  readonly location: LocationId;
  readonly onHandMilli: number;
  /** Shipped to this location and not received. */
  readonly inTransitMilli: number;
  /** The devices of this location and those that moved the SKU here, sorted by id. */
  readonly devices: readonly DevicePart[];
}

/** The newest entry known of a device. */
export interface DevicePart {
  readonly device: DeviceId;
  readonly incarnation: number;
  readonly sequence: number;
  readonly at: Hlc;
}

/** At every location that has devices, stock or goods on their way; or at `locations` alone. */
export function availabilityOf(
  state: StockState,
  sku: Sku,
  locations: readonly LocationId[] = locationsOf(state, sku),
): Availability {
  const inTransit = inTransitMilliByLocation(state, sku);
  return {
    sku,
    locations: [...new Set(locations)].toSorted(compareText).map((location) => ({
      location,
      onHandMilli: stockLevel(state, { location, sku }).levelMilli,
      inTransitMilli: inTransit.get(location) ?? 0,
      devices: devicePartsOf(state, location, sku),
    })),
  };
}

/** Milliseconds since the newest entry known of the device; a clock that is behind counts as none. */
export function partAgeMs({ at }: Pick<DevicePart, "at">, nowMs: number): number {
  return Math.max(0, nowMs - hlcMs(at));
}

/** Every transfer known of `sku`, or of all SKUs: by id, then SKU, then destination. */
export function transfersOf(state: StockState, sku?: Sku): readonly TransferState[] {
  const transfers = sku === undefined ? allTransfers(state) : transfersOfSku(state, sku);
  return transfers
    .map(transferStateOf)
    .toSorted(
      (a, b) =>
        compareText(a.transfer, b.transfer) ||
        compareText(a.sku, b.sku) ||
        compareText(a.destination, b.destination),
    );
}

function inTransitMilliByLocation(state: StockState, sku: Sku): ReadonlyMap<LocationId, number> {
  const sums = new Map<LocationId, number>();
  for (const { destination, restMilli } of transfersOf(state, sku)) {
    if (restMilli > 0) sums.set(destination, addMilli(sums.get(destination) ?? 0, restMilli));
  }
  return sums;
}

function locationsOf(state: StockState, sku: Sku): readonly LocationId[] {
  const homes = knownDevices(state).map((known) => known.location);
  const moved = state.locations.filter((location) => cellOf(state, { location, sku }) !== null);
  return [...homes, ...moved, ...inTransitMilliByLocation(state, sku).keys()];
}

function devicePartsOf(state: StockState, location: LocationId, sku: Sku): readonly DevicePart[] {
  const totals = cellOf(state, { location, sku })?.totals ?? {};
  return knownDevices(state)
    .filter((known) => known.location === location || Object.hasOwn(totals, known.device))
    .map(({ device, incarnation, sequence, at }) => ({ device, incarnation, sequence, at }));
}

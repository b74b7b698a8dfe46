/**
 * Stock as a fold over entries. SPEC.md §2 (PN).
 *
 * For each device the state knows which entries it holds and what they add up to per location and SKU, so an
 * entry counts once whatever order or however often it comes, and two states merge
 * device by device.
 *
 * @module
 */

import {
  type DeviceId,
  err,
  type HeldEntry,
  type Hlc,
  type LocationId,
  type Movement,
  ok,
  type Result,
  type Sku,
} from "@tillmesh/kernel";
import { type BucketMap, emptyBucketMap, getItem, itemsOf, setItem } from "./bucket-map.ts";
import {
  addMilli,
  type Cell,
  type CellKey,
  cellText,
  compareCells,
  compareText,
  emptyCell,
  type TotalsByDevice,
} from "./cell.ts";
import { type CountFact, countFactOf, type Level, levelOf, type SeenByDevice } from "./count.ts";
import { addDot, type Dots, hasDot, includesDots, noDots } from "./dots.ts";
import { countedMovements } from "./movement-faults.ts";
import {
  addParts,
  noPart,
  partOf,
  type SkuTransfers,
  type Transfer,
  type TransferKey,
  transferKeyOf,
  transferText,
} from "./transfer.ts";

export interface StockState {
  /** By device id. */
  readonly devices: Readonly<Record<string, DeviceKnown>>;
  readonly cells: BucketMap<Cell>;
  /** By SKU. */
  readonly transfers: BucketMap<SkuTransfers>;
  /** Every location of a cell, sorted. */
  readonly locations: readonly LocationId[];
}

/** How far a device's ledger is known, and which of its entries are in the sums. */
export interface DeviceKnown {
  readonly device: DeviceId;
  readonly location: LocationId;
  readonly incarnation: number;
  readonly sequence: number;
  readonly at: Hlc;
  readonly dots: Dots;
}

export const emptyStock: StockState = {
  devices: {},
  cells: emptyBucketMap,
  transfers: emptyBucketMap,
  locations: [],
};

/** The state with `held` in it, of any kind and any device; an entry that is in it already changes nothing. */
export function foldStock(state: StockState, held: HeldEntry): StockState {
  const { entry } = held;
  const known = knownOf(state, entry.device);
  if (known !== null && hasDot(known.dots, entry)) return state;
  const devices = { ...state.devices, [entry.device]: extendKnown(known, held) };
  const movements = countedMovements(held);
  const moved = movements.reduce<StockState>(
    (next, movement) => addMovement(next, held, movement),
    { ...state, devices },
  );
  const count = countFactOf(held);
  return count === null ? moved : addCount(moved, count);
}

/**
 * The state that knows what either knows, if for each device one of them knows all that the other does. Commutative,
 * associative, idempotent. Otherwise, as after a fork of which each saw one branch, entries must be exchanged.
 */
export function mergeStock(a: StockState, b: StockState): Result<StockState, PartsDiverge> {
  const newer: string[] = [];
  for (const { device, dots } of knownDevices(b)) {
    const ours = knownOf(a, device)?.dots ?? noDots;
    if (includesDots(ours, dots)) continue;
    if (!includesDots(dots, ours)) return err({ type: "PartsDiverge", device });
    newer.push(device);
  }
  return ok(newer.length === 0 ? a : takeParts(a, b, new Set(newer)));
}

/** Each state has entries of `device` that the other lacks. */
export interface PartsDiverge {
  readonly type: "PartsDiverge";
  readonly device: DeviceId;
}

/** Thousandths per device; a device that never moved the SKU here is absent. */
export function totalsByDevice(state: StockState, key: CellKey): TotalsByDevice {
  return cellOf(state, key)?.totals ?? {};
}

export function countsOf(state: StockState, key: CellKey): readonly CountFact[] {
  return Object.values(cellOf(state, key)?.counts ?? {});
}

export function stockLevel(state: StockState, key: CellKey): Level {
  return levelOf({ totals: totalsByDevice(state, key), counts: countsOf(state, key) });
}

/** What a count made here and now has seen: the `seen` of its body. */
export function seenNow(state: StockState, key: CellKey): SeenByDevice {
  const totals = totalsByDevice(state, key);
  return Object.fromEntries(
    knownDevices(state).map(({ device, incarnation, sequence }) => [
      device,
      { incarnation, sequence, totalMilli: totals[device] ?? 0 },
    ]),
  );
}

/** Every location and SKU that was ever moved or counted, sorted. */
export function cellsOf(state: StockState): readonly CellKey[] {
  return itemsOf(state.cells)
    .map(({ location, sku }) => ({ location, sku }))
    .toSorted(compareCells);
}

/** The cells whose level an entry may change: where to look for exceptions after folding it. */
export function cellsTouchedBy(held: HeldEntry): readonly CellKey[] {
  const count = countFactOf(held);
  const keys = [...countedMovements(held), ...(count === null ? [] : [count])];
  const unique = new Map(
    keys.map(({ location, sku }) => [cellText({ location, sku }), { location, sku }]),
  );
  return [...unique.values()];
}

export function allTransfers(state: StockState): readonly Transfer[] {
  return itemsOf(state.transfers).flatMap(({ transfers }) => Object.values(transfers));
}

export function transfersOfSku(state: StockState, sku: Sku): readonly Transfer[] {
  return Object.values(getItem(state.transfers, sku)?.transfers ?? {});
}

export function knownDevices(state: StockState): readonly DeviceKnown[] {
  return Object.values(state.devices).toSorted((a, b) => compareText(a.device, b.device));
}

export function knownOf(state: StockState, device: string): DeviceKnown | null {
  return Object.hasOwn(state.devices, device) ? (state.devices[device] ?? null) : null;
}

export function cellOf(state: StockState, key: CellKey): Cell | null {
  return getItem(state.cells, cellText(key)) ?? null;
}

function extendKnown(known: DeviceKnown | null, { entry }: HeldEntry): DeviceKnown {
  const { device, location, incarnation, sequence, at } = entry;
  const dots = addDot(known?.dots ?? noDots, entry);
  return known !== null && isLater(known, entry)
    ? { ...known, dots }
    : { device, location, incarnation, sequence, at, dots };
}

// At one place of a fork the later moment stands, for one answer whatever the order.
function isLater(a: Place, b: Place): boolean {
  const order = a.incarnation - b.incarnation || a.sequence - b.sequence || compareText(a.at, b.at);
  return order > 0;
}

type Place = Pick<DeviceKnown, "incarnation" | "sequence" | "at">;

function addMovement(state: StockState, { entry }: HeldEntry, movement: Movement): StockState {
  const { device, at } = entry;
  const cell = cellOf(state, movement) ?? emptyCell(movement);
  const total = addMilli(cell.totals[device] ?? 0, movement.quantityMilli);
  const moved = setCell(state, { ...cell, totals: { ...cell.totals, [device]: total } });
  const key = transferKeyOf(movement);
  if (key === null) return moved;
  const before = transferOf(state, key)?.parts ?? {};
  const part = addParts(before[device] ?? noPart, partOf(movement, at));
  return setTransfer(moved, { ...key, parts: { ...before, [device]: part } });
}

function addCount(state: StockState, count: CountFact): StockState {
  const cell = cellOf(state, count) ?? emptyCell(count);
  return setCell(state, { ...cell, counts: { ...cell.counts, [count.hash]: count } });
}

/** `state` with this cell instead of the one it had for the same SKU and location. */
export function setCell(state: StockState, cell: Cell): StockState {
  const { location } = cell;
  const { locations } = state;
  return {
    ...state,
    cells: setItem(state.cells, cellText(cell), cell),
    locations: locations.includes(location)
      ? locations
      : [...locations, location].toSorted(compareText),
  };
}

export function setTransfer(state: StockState, transfer: Transfer): StockState {
  const { sku } = transfer;
  const before = getItem(state.transfers, sku)?.transfers ?? {};
  const transfers = { ...before, [transferText(transfer)]: transfer };
  return { ...state, transfers: setItem(state.transfers, sku, { sku, transfers }) };
}

function transferOf(state: StockState, key: TransferKey): Transfer | null {
  return getItem(state.transfers, key.sku)?.transfers[transferText(key)] ?? null;
}

/** `state` with the parts of `devices` as `other` has them. */
function takeParts(state: StockState, other: StockState, devices: ReadonlySet<string>): StockState {
  const known = { ...state, devices: { ...state.devices, ...pick(other.devices, devices) } };
  const cells = itemsOf(other.cells).reduce(
    (next, theirs) => takeCell(next, theirs, devices),
    known,
  );
  return allTransfers(other).reduce((next, theirs) => takeTransfer(next, theirs, devices), cells);
}

// A part only ever grows, so what `theirs` has of these devices covers what was there.
function takeCell(state: StockState, theirs: Cell, devices: ReadonlySet<string>): StockState {
  const totals = pick(theirs.totals, devices);
  const counts = Object.entries(theirs.counts).filter(([, { entry }]) => devices.has(entry.device));
  if (Object.keys(totals).length === 0 && counts.length === 0) return state;
  const ours = cellOf(state, theirs) ?? emptyCell(theirs);
  return setCell(state, {
    ...ours,
    totals: { ...ours.totals, ...totals },
    counts: { ...ours.counts, ...Object.fromEntries(counts) },
  });
}

function takeTransfer(
  state: StockState,
  theirs: Transfer,
  devices: ReadonlySet<string>,
): StockState {
  const parts = pick(theirs.parts, devices);
  if (Object.keys(parts).length === 0) return state;
  const ours = transferOf(state, theirs);
  return setTransfer(state, { ...theirs, parts: { ...ours?.parts, ...parts } });
}

function pick<T>(
  record: Readonly<Record<string, T>>,
  keys: ReadonlySet<string>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keys.has(key)));
}

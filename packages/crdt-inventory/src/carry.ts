/**
 * All that one device's entries add up to, as one value. SPEC.md §7 (CY).
 *
 * A device that starts from the carries of all others and folds the entries after them knows what one
 * knows that folded everything.
 *
 * @module
 */

import {
  canonicalJson,
  type DeviceId,
  err,
  type Hlc,
  isHlc,
  type Json,
  type LocationId,
  ok,
  type Result,
  type Sku,
} from "@tillmesh/kernel";
import { itemsOf } from "./bucket-map.ts";
import { type Cell, compareCells, compareText, emptyCell } from "./cell.ts";
import { countBodyOf, type CountFact, isObject } from "./count.ts";
import type { Dots, Interval } from "./dots.ts";
import {
  allTransfers,
  cellOf,
  emptyStock,
  knownOf,
  mergeStock,
  type PartsDiverge,
  setCell,
  setTransfer,
  type StockState,
} from "./stock.ts";
import { type Transfer, type TransferPart, transferText } from "./transfer.ts";

/** Lists are sorted, so that one state has one canonical JSON. */
export type Carry = {
  readonly v: 1;
  readonly device: DeviceId;
  readonly location: LocationId;
  readonly incarnation: number;
  readonly sequence: number;
  readonly at: Hlc;
  /** Which entries are in the sums, as intervals by `incarnation/actor`. */
  readonly dots: Dots;
  readonly totals: readonly CarriedTotal[];
  readonly counts: readonly CarriedCount[];
  readonly transfers: readonly CarriedTransfer[];
};

export type CarriedTotal = {
  readonly location: LocationId;
  readonly sku: Sku;
  readonly totalMilli: number;
};

export type CarriedCount = Omit<CountFact, "entry"> & {
  readonly incarnation: number;
  readonly sequence: number;
};

export type CarriedTransfer = TransferPart & {
  readonly transfer: string;
  readonly sku: Sku;
  readonly destination: LocationId;
};

/** `null` while nothing is known of the device. */
export function carryOf(state: StockState, device: DeviceId): Carry | null {
  const known = knownOf(state, device);
  if (known === null) return null;
  const { location, incarnation, sequence, at, dots } = known;
  const cells = itemsOf(state.cells).toSorted(compareCells);
  return {
    v: 1,
    device,
    location,
    incarnation,
    sequence,
    at,
    dots,
    totals: cells.flatMap((cell) => carriedTotals(cell, device)),
    counts: cells.flatMap((cell) => carriedCounts(cell, device)),
    transfers: allTransfers(state)
      .toSorted((a, b) => compareText(transferText(a), transferText(b)))
      .flatMap((transfer) => carriedTransfers(transfer, device)),
  };
}

/**
 * `state` with the carry's device at least as far as the carry. A carry that is older than what is known
 * changes nothing.
 */
export function adoptCarry(state: StockState, carry: Carry): Result<StockState, PartsDiverge> {
  return mergeStock(state, stockOfCarry(carry));
}

/** Reads what another device wrote. */
export function parseCarry(value: Json): Result<Carry, CarryFaulty> {
  if (!isObject(value) || value.v !== 1) return faulty("/v", "1", value);
  const fault = Object.entries(carryChecks).find(([key, check]) => !check(value[key]));
  return fault === undefined
    ? ok(value as unknown as Carry)
    : faulty(`/${fault[0]}`, fault[0], value);
}

/** The first member that is not as a carry has it. */
export interface CarryFaulty {
  readonly type: "CarryFaulty";
  readonly pointer: string;
  readonly expected: string;
}

/** The text that is signed and compared. */
export function carryText(carry: Carry): string {
  return canonicalJson(carry);
}

function stockOfCarry(carry: Carry): StockState {
  const { device, location, incarnation, sequence, at, dots } = carry;
  const known = { device, location, incarnation, sequence, at, dots };
  const withTotals = carry.totals.reduce<StockState>(
    (state, { totalMilli, ...key }) =>
      setCell(state, { ...emptyCell(key), totals: { [device]: totalMilli } }),
    { ...emptyStock, devices: { [device]: known } },
  );
  const withCounts = carry.counts.reduce<StockState>((state, count) => {
    const fact = countFactOfCarried(device, count);
    const cell = cellOf(state, fact) ?? emptyCell(fact);
    return setCell(state, { ...cell, counts: { ...cell.counts, [fact.hash]: fact } });
  }, withTotals);
  return carry.transfers.reduce<StockState>((state, each) => {
    const { transfer, sku, destination, ...part } = each;
    return setTransfer(state, { transfer, sku, destination, parts: { [device]: part } });
  }, withCounts);
}

function countFactOfCarried(
  device: DeviceId,
  { incarnation, sequence, ...fact }: CarriedCount,
): CountFact {
  return { ...fact, entry: { device, incarnation, sequence } };
}

function carriedTotals({ location, sku, totals }: Cell, device: DeviceId): readonly CarriedTotal[] {
  const totalMilli = Object.hasOwn(totals, device) ? totals[device] : undefined;
  return totalMilli === undefined ? [] : [{ location, sku, totalMilli }];
}

function carriedCounts({ counts }: Cell, device: DeviceId): readonly CarriedCount[] {
  return Object.values(counts)
    .filter(({ entry }) => entry.device === device)
    .toSorted((a, b) => compareText(a.hash, b.hash))
    .map(({ entry: { incarnation, sequence }, ...fact }) => ({ ...fact, incarnation, sequence }));
}

function carriedTransfers(
  { transfer, sku, destination, parts }: Transfer,
  device: DeviceId,
): readonly CarriedTransfer[] {
  const part = Object.hasOwn(parts, device) ? parts[device] : undefined;
  return part === undefined ? [] : [{ transfer, sku, destination, ...part }];
}

type Check = (value: Json | undefined) => boolean;

const carryChecks: Readonly<Record<Exclude<keyof Carry, "v">, Check>> = {
  device: isText,
  location: isText,
  incarnation: Number.isSafeInteger,
  sequence: Number.isSafeInteger,
  at: isMoment,
  dots: (value) =>
    isObject(value) && Object.values(value).every((each) => isListOf(each, isInterval)),
  totals: (value) => isListOf(value, isCarriedTotal),
  counts: (value) => isListOf(value, isCarriedCount),
  transfers: (value) => isListOf(value, isCarriedTransfer),
};

function isText(value: Json | undefined): value is string {
  return typeof value === "string" && value !== "";
}

function isMoment(value: Json | undefined): boolean {
  return isText(value) && isHlc(value);
}

function isListOf(value: Json | undefined, check: Check): boolean {
  return Array.isArray(value) && value.every((item: Json) => check(item));
}

function isInterval(value: Json | undefined): boolean {
  if (!Array.isArray(value)) return false;
  const [from, through]: Partial<Interval> = value as unknown as Interval;
  return value.length === 2 && Number.isSafeInteger(from) && Number.isSafeInteger(through);
}

function isCarriedTotal(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  return isText(value.location) && isText(value.sku) && Number.isSafeInteger(value.totalMilli);
}

function isCarriedCount(value: Json | undefined): boolean {
  if (!isObject(value) || countBodyOf(value) === null) return false;
  const isPlaced = Number.isSafeInteger(value.incarnation) && Number.isSafeInteger(value.sequence);
  return isPlaced && isText(value.hash) && isMoment(value.at);
}

function isCarriedTransfer(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  const { transfer, sku, destination, source } = value;
  const amounts = [value.shippedMilli, value.receivedMilli].every(Number.isSafeInteger);
  const moments = [value.shippedAt, value.receivedAt].every((at) => at === null || isMoment(at));
  const names = [transfer, sku, destination].every(isText) && (source === null || isText(source));
  return amounts && moments && names;
}

function faulty(pointer: string, expected: string, value: Json): Result<never, CarryFaulty> {
  const found = isObject(value) ? "" : " in an object";
  return err({ type: "CarryFaulty", pointer, expected: `${expected}${found}` });
}

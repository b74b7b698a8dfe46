/**
 * Goods between two locations. SPEC.md §4 (TR).
 *
 * Both ends work offline and in any order: what was shipped and what was received are sums per device, and
 * what is in transit is their difference. A receipt may come before its shipment is known.
 *
 * @module
 */

import { type Hlc, hlcMs, type LocationId, type Movement, type Sku } from "@tillmesh/kernel";
import { addMilli, compareText } from "./cell.ts";

/** One SKU of one transfer to one location. */
export interface Transfer {
  readonly transfer: string;
  readonly sku: Sku;
  readonly destination: LocationId;
  /** By device id. */
  readonly parts: Readonly<Record<string, TransferPart>>;
}

/** What one device shipped and received; `source` is `null` until a movement names it. */
export type TransferPart = {
  readonly shippedMilli: number;
  readonly receivedMilli: number;
  readonly shippedAt: Hlc | null;
  readonly receivedAt: Hlc | null;
  readonly source: LocationId | null;
};

/** `restMilli` is what was shipped and not received; negative if more was received than is known to be shipped. */
export interface TransferState {
  readonly transfer: string;
  readonly sku: Sku;
  readonly source: LocationId | null;
  readonly destination: LocationId;
  readonly shippedMilli: number;
  readonly receivedMilli: number;
  readonly restMilli: number;
  /** The first shipment's; the age of the rest counts from here. */
  readonly shippedAt: Hlc | null;
  readonly receivedAt: Hlc | null;
}

/** The transfers of one SKU, by `transferText`. */
export interface SkuTransfers {
  readonly sku: Sku;
  readonly transfers: Readonly<Record<string, Transfer>>;
}

export type TransferKey = Pick<Transfer, "transfer" | "sku" | "destination">;

export function transferStateOf({ transfer, sku, destination, parts }: Transfer): TransferState {
  const sum = Object.values(parts).reduce(addParts, noPart);
  const { shippedMilli, receivedMilli, shippedAt, receivedAt, source } = sum;
  const restMilli = addMilli(shippedMilli, -receivedMilli);
  const amounts = { shippedMilli, receivedMilli, restMilli };
  return { transfer, sku, source, destination, ...amounts, shippedAt, receivedAt };
}

/** Milliseconds since the first shipment, for a rest in transit. */
export function transitAgeMs({ shippedAt }: TransferState, nowMs: number): number | null {
  return shippedAt === null ? null : Math.max(0, nowMs - hlcMs(shippedAt));
}

/** Which transfer a movement belongs to; `null` for a movement that is none or does not say where to. */
export function transferKeyOf(movement: Movement): TransferKey | null {
  const { kind, transfer, location, counterpart, sku } = movement;
  if (transfer === undefined) return null;
  if (kind === "transfer-in") return { transfer, sku, destination: location };
  if (kind !== "transfer-out" || counterpart === undefined) return null;
  return { transfer, sku, destination: counterpart };
}

export function transferText({ transfer, sku, destination }: TransferKey): string {
  return `${transfer}\n${destination}\n${sku}`;
}

export function partOf(movement: Movement, at: Hlc): TransferPart {
  const { kind, location, counterpart, quantityMilli } = movement;
  return kind === "transfer-out"
    ? { ...noPart, shippedMilli: -quantityMilli, shippedAt: at, source: location }
    : { ...noPart, receivedMilli: quantityMilli, receivedAt: at, source: counterpart ?? null };
}

/** Sums, the earliest moments, the lowest source: the order does not matter. */
export function addParts(a: TransferPart, b: TransferPart): TransferPart {
  return {
    shippedMilli: addMilli(a.shippedMilli, b.shippedMilli),
    receivedMilli: addMilli(a.receivedMilli, b.receivedMilli),
    shippedAt: lowest(a.shippedAt, b.shippedAt),
    receivedAt: lowest(a.receivedAt, b.receivedAt),
    source: lowest(a.source, b.source),
  };
}

export const noPart: TransferPart = {
  shippedMilli: 0,
  receivedMilli: 0,
  shippedAt: null,
  receivedAt: null,
  source: null,
};

function lowest<T extends string>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b;
  return compareText(a, b) <= 0 ? a : b;
}

/**
 * What headquarters says was shipped between locations.
 *
 * A till does not hold the ledgers of another location, so it cannot see what was shipped to its own. Headquarters
 * holds all and publishes, per transfer and SKU, how much it has seen leave. Of what a ledger held here and
 * headquarters say the larger counts, never the sum: both are parts of the same shipments. What was said only grows, so
 * several headquarters, repetition and any order change nothing.
 *
 * @module
 */

import {
  isQuantityMilli,
  type Json,
  type LocationId,
  type Publication,
  type PublicationItem,
  type Sku,
} from "@tillmesh/kernel";

export const transfersTopic = "transfers";

export interface ToldTransfer {
  readonly transfer: string;
  readonly sku: Sku;
  readonly destination: LocationId;
  readonly source: string;
  readonly shippedMilli: number;
  readonly shippedAt: string;
}

export interface ToldTransfers {
  /** Answers with the transfers of which more is said now than before. */
  add(publication: Publication): readonly string[];
  of(transfer: string): readonly ToldTransfer[];
  ofSku(sku: string): readonly ToldTransfer[];
}

export function createToldTransfers(): ToldTransfers {
  const byTransfer = new Map<string, Map<string, ToldTransfer>>();
  const bySku = new Map<string, Map<string, ToldTransfer>>();
  const take = (told: ToldTransfer) => {
    const key = itemKey(told);
    const known = byTransfer.get(told.transfer)?.get(key);
    if (known !== undefined && known.shippedMilli >= told.shippedMilli) return false;
    entryOf(byTransfer, told.transfer).set(key, told);
    entryOf(bySku, told.sku).set(key, told);
    return true;
  };
  return {
    add: ({ items }) => {
      const grown = items.flatMap((item) => {
        const told = readItem(item);
        return told !== undefined && take(told) ? [told.transfer] : [];
      });
      return [...new Set(grown)];
    },
    of: (transfer) => [...(byTransfer.get(transfer)?.values() ?? [])],
    ofSku: (sku) => [...(bySku.get(sku)?.values() ?? [])],
  };
}

/** As it is published: the key is the transfer, where it goes, and the SKU. */
export function toldItem(told: ToldTransfer): PublicationItem {
  const { source, shippedMilli, shippedAt } = told;
  return { key: itemKey(told), value: { source, quantityMilli: shippedMilli, shippedAt } };
}

function itemKey({ transfer, destination, sku }: ToldTransfer): string {
  return `${transfer}/${destination}/${sku}`;
}

/** A SKU may hold a slash; ids do not. What cannot be read says nothing. */
function readItem({ key, value }: PublicationItem): ToldTransfer | undefined {
  const [, transfer, destination, sku] = /^([^/]+)\/([^/]+)\/(.+)$/s.exec(key) ?? [];
  if (transfer === undefined || destination === undefined || sku === undefined) return undefined;
  const { source, quantityMilli, shippedAt } = membersOf(value);
  const isUsable =
    typeof source === "string" &&
    typeof shippedAt === "string" &&
    typeof quantityMilli === "number" &&
    isQuantityMilli(quantityMilli) &&
    quantityMilli > 0;
  if (!isUsable) return undefined;
  const place = { transfer, destination: destination as LocationId, sku: sku as Sku };
  return { ...place, source, shippedMilli: quantityMilli, shippedAt };
}

function membersOf(value: Json): Readonly<Record<string, Json | undefined>> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, Json>>) : {};
}

function entryOf<V>(map: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Map<string, V>();
  map.set(key, made);
  return made;
}

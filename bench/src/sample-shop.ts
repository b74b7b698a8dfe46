/**
 * Device directories to measure on, made through the engine's own calls.
 *
 * @module
 */

import { assert, type BusinessDate, type Clock, type Crypto, type Result } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  openReplica,
  type LanOptions,
  type Replica,
} from "@tillmesh/sync-engine/node";
import { nameAt, skuAt } from "./sample-sale.ts";

export interface ShopPlace {
  readonly directory: string;
  readonly clock: Clock;
  readonly crypto: Crypto;
}

export function placeAt(directory: string, clock: Clock = systemClock()): ShopPlace {
  return { directory, clock, crypto: nodeCrypto() };
}

export async function createShop(place: ShopPlace): Promise<void> {
  const names = {
    organisationName: "Corner Shops",
    locationName: "Corner",
    deviceName: "Till 1",
    currency: "GBP",
    timeZone: "Europe/London",
  };
  value(await createOrganisation(place, names));
}

export async function openShop(place: ShopPlace, lan?: LanOptions): Promise<Replica> {
  return value(await openReplica({ ...place, ...(lan && { lan }) }));
}

/** A second till at the location of `hq`, made by invitation. */
export async function joinShop(hq: ShopPlace, till: ShopPlace, name: string): Promise<void> {
  const replica = await openShop(hq);
  const { location } = replica;
  await replica.close();
  const request = { name, roles: ["till"] as const, location, takenCodes: new Set<string>() };
  const invited = value(await inviteDevice(hq, request));
  value(await joinOrganisation(till, invited.text));
}

/** Catalogue, prices and tax table of so many SKUs, a bounded number per publication. */
export async function publishGoods(replica: Replica, skuCount: number): Promise<void> {
  const taxes = [
    { taxCode: "standard", name: "VAT 20 %", rateBp: 2_000 },
    { taxCode: "zero", name: "VAT 0 %", rateBp: 0 },
  ];
  const taxItems = taxes.map((tax) => ({ key: tax.taxCode, value: tax }));
  value(await replica.publish("taxes", taxItems));
  for (let first = 0; first < skuCount; first += itemsPerPublication) {
    const count = Math.min(itemsPerPublication, skuCount - first);
    const indexes = Array.from({ length: count }, (_, offset) => first + offset);
    value(await replica.publish("catalogue", indexes.map(catalogueItem)));
    value(await replica.publish("prices", indexes.map(priceItem)));
  }
}

const itemsPerPublication = 500;

function catalogueItem(index: number) {
  const sku = skuAt(index);
  const barcode = String(5_000_000_000_000 + index);
  const taxCode = index % 3 === 0 ? "zero" : "standard";
  const department = `Department ${index % 20}`;
  const item = {
    sku,
    name: nameAt(index),
    barcodes: [barcode],
    department,
    unit: "piece",
    taxCode,
  };
  return { key: sku, value: item };
}

function priceItem(index: number) {
  const sku = skuAt(index);
  const priceMinor = 150 + ((index * 37) % 900);
  const price = { list: "standard", sku, effectiveFrom: null, priceMinor, currency: "GBP" };
  return { key: `standard/${sku}/-`, value: price };
}

export function dateOf(clock: Clock): BusinessDate {
  return new Date(clock.nowMs()).toISOString().slice(0, 10) as BusinessDate;
}

export function value<T>(result: Result<T, { readonly type: string }>): T {
  assert(result.ok, result.ok ? "" : JSON.stringify(result.error));
  return result.value;
}

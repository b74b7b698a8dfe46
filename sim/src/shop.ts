/**
 * What a till makes of the entries and publications that its replica holds: a plain fold, from nothing.
 *
 * @module
 */

import {
  cellsOf,
  countedMovements,
  countsOf,
  emptyStock,
  foldStock,
  levelOf,
  seenNow,
  totalsByDevice,
  transfersOf,
  type CellKey,
  type Level,
  type SeenByDevice,
  type StockState,
  type TotalsByDevice,
} from "@tillmesh/crdt-inventory";
import {
  canonicalJson,
  type BusinessDate,
  type DeviceId,
  type Entry,
  type HeldEntry,
  type Json,
  type LocationId,
  type Publication,
  type SaleId,
  type Sku,
} from "@tillmesh/kernel";
import { createShopBooks, type ShopBooks } from "@tillmesh/pricing-core";
import {
  emptySale,
  emptyTill,
  foldSale,
  foldTill,
  lineStates,
  saleFactOf,
  xReport,
  type SaleState,
  type TillState,
} from "@tillmesh/sales-ledger";
import type { SimCarried } from "@tillmesh/sync-engine/testing";

export interface Shop {
  readonly books: ShopBooks;
  /** From the entries here, and those that carries kept. */
  readonly stock: StockState;
  /** What carries add to the sums of `stock`: by cell and device. */
  readonly carried: ReadonlyMap<string, TotalsByDevice>;
  readonly sales: ReadonlyMap<SaleId, SaleState>;
  readonly tills: ReadonlyMap<DeviceId, TillState>;
}

/** Which entries a till needs although a carry stands for them. */
export const carryRule = {
  name: "sim/1",
  keeps: ({ kind, movements = [] }: Entry): boolean =>
    kind === "count" || movements.some(({ transfer }) => transfer !== undefined),
};

type Carried = ReadonlyMap<string, SimCarried>;

/** `carried`: what stands for entries that are not among `entries`. */
export function foldShop(
  entries: readonly HeldEntry[],
  publications: readonly Publication[],
  carried: Carried = new Map(),
): Shop {
  const books = createShopBooks();
  for (const publication of publications) books.apply(publication);
  const sales = new Map<SaleId, SaleState>();
  const tills = new Map<DeviceId, TillState>();
  const history = [...carried.values()].flatMap((one) => one.history);
  for (const held of [...history, ...entries]) {
    const { device } = held.entry;
    tills.set(device, foldTill(tills.get(device) ?? emptyTill(device), held));
    const saleId = saleFactOf(held)?.body.saleId;
    if (saleId === undefined) continue;
    sales.set(saleId, foldSale(sales.get(saleId) ?? emptySale(saleId), held));
  }
  const kept = [...carried.values()].flatMap((one) => one.kept);
  const stock = [...kept, ...entries].reduce(foldStock, emptyStock);
  return { books, stock, carried: foldCarried(carried), sales, tills };
}

/** Sums of carries, without the movements of entries that they kept: those are folded like any others. */
function foldCarried(carried: Carried): ReadonlyMap<string, TotalsByDevice> {
  const cells = new Map<string, Record<string, number>>();
  const add = (cell: CellKey, device: string, milli: number) => {
    const totals = cells.get(textOf(cell)) ?? {};
    totals[device] = (totals[device] ?? 0) + milli;
    cells.set(textOf(cell), totals);
  };
  for (const [ledger, { totals, kept }] of carried) {
    const device = ledger.split("/")[0] ?? "";
    for (const total of totals) add(total, device, total.totalMilli);
    for (const movement of kept.flatMap(countedMovements)) {
      add(movement, device, -movement.quantityMilli);
    }
  }
  return cells;
}

function textOf({ location, sku }: CellKey): string {
  return `${location}\n${sku}`;
}

export function totalsIn({ stock, carried }: Shop, cell: CellKey): TotalsByDevice {
  const totals: Record<string, number> = { ...totalsByDevice(stock, cell) };
  for (const [device, milli] of Object.entries(carried.get(textOf(cell)) ?? {})) {
    totals[device] = (totals[device] ?? 0) + milli;
  }
  return totals;
}

/** What a count made now has seen. */
export function seenIn(shop: Shop, cell: CellKey): SeenByDevice {
  const totals = totalsIn(shop, cell);
  const seen = Object.entries(seenNow(shop.stock, cell)).map(
    ([device, one]) => [device, { ...one, totalMilli: totals[device] ?? 0 }] as const,
  );
  return Object.fromEntries(seen);
}

function levelIn(shop: Shop, cell: CellKey): Level {
  return levelOf({ totals: totalsIn(shop, cell), counts: countsOf(shop.stock, cell) });
}

function cellsIn({ stock, carried }: Shop): readonly CellKey[] {
  const known = cellsOf(stock).map(textOf);
  return [...new Set([...known, ...carried.keys()])].toSorted().map((text) => {
    const [location = "", sku = ""] = text.split("\n");
    return { location: location as LocationId, sku: sku as Sku };
  });
}

/** Everything a person could read off the shop, as one text. Reports of `reported` devices only. */
export function shopText(shop: Shop, reported: (device: DeviceId) => boolean): string {
  const { books, stock, sales, tills } = shop;
  const shown = [books.catalogue, books.prices, books.taxes, books.staff].map(({ book }) => ({
    topic: book.topic,
    inForce: book.keys().map((key) => [key, book.inForce(key)]),
    conflicts: book.conflicts(),
    publications: book.publications(),
  }));
  const levels = cellsIn(shop).flatMap((cell) => {
    const { levelMilli, inForce, concurrent } = levelIn(shop, cell);
    // A carry does not tell a sum of zero from none.
    if (levelMilli === 0 && inForce === null) return [];
    const hashes = concurrent.map(({ hash }) => hash);
    return [{ ...cell, levelMilli, inForce: inForce?.hash ?? null, concurrent: hashes }];
  });
  const text = {
    shown,
    levels,
    transfers: transfersOf(stock),
    sales: [...sales.values()]
      .toSorted((a, b) => (a.saleId < b.saleId ? -1 : 1))
      .map((sale) => ({ saleId: sale.saleId, lines: lineStates(sale) })),
    reports: [...tills.values()]
      .filter(({ device }) => reported(device))
      .toSorted((a, b) => (a.device < b.device ? -1 : 1))
      .map((till) => xReport(till, firstDate)),
  };
  return canonicalJson(text as unknown as Json);
}

export const firstDate = "2026-11-02" as BusinessDate;

/**
 * Levels, counts and goods in transit, from sums per device. The rules are crdt-inventory's.
 *
 * @module
 */

import {
  countFactOf,
  levelOf,
  type CellKey,
  type CountFact,
  type DevicePart,
  type Level,
  type OverReceived,
  type SeenByDevice,
  type TotalsByDevice,
} from "@tillmesh/crdt-inventory";
import type { DeviceId, HeldEntry, LocationId, Sku } from "@tillmesh/kernel";
import type { LedgerMark } from "./marks.ts";
import type { ToldTransfer } from "./told-transfers.ts";
import { heldOf, levelKey, type Tables } from "./tables.ts";

export function totalsAt(tables: Tables, { location, sku }: CellKey): TotalsByDevice {
  const rows = tables
    .sql("SELECT device, total_milli FROM stock WHERE location = ? AND sku = ? ORDER BY device")
    .all(location, sku);
  return Object.fromEntries(rows.map((row) => [String(row["device"]), Number(row["total_milli"])]));
}

export function countFacts(tables: Tables, { location, sku }: CellKey): readonly CountFact[] {
  if (!tables.known.countedLevels.has(levelKey(location, sku))) return [];
  const rows = tables
    .sql(
      `SELECT hash, flags, entry FROM count_lines JOIN entries USING (n)
       WHERE location = ? AND count_lines.sku = ? ORDER BY n`,
    )
    .all(location, sku);
  return rows.flatMap((row) => countFactOf(heldOf(row)) ?? []);
}

export function levelAt(tables: Tables, key: CellKey): Level {
  return levelOf({ totals: totalsAt(tables, key), counts: countFacts(tables, key) });
}

export interface StockAt {
  readonly location: LocationId;
  readonly onHandMilli: number;
  /** Shipped to this location and not received. */
  readonly inTransitMilli: number;
  readonly devices: readonly DevicePart[];
}

/**
 * At every location that has devices, stock, or goods on their way; by location id. A till answers for its own
 * location alone: what it holds of another's goods is a part of them.
 */
export function stockOf(tables: Tables, sku: Sku): readonly StockAt[] {
  const inTransit = inTransitByLocation(tables, sku);
  const newest = newestMarks(tables);
  const counted = tables.sql("SELECT DISTINCT location FROM count_lines WHERE sku = ?").all(sku);
  const locations = new Set([
    ...newest.map((mark) => mark.location),
    ...([...tables.known.locations].filter((location) =>
      isMoved(tables, location, sku),
    ) as LocationId[]),
    ...counted.map((row) => row["location"] as LocationId),
    ...inTransit.keys(),
  ]);
  const whole = [...locations].filter((location) => tables.isWhole(location));
  return whole.toSorted().map((location) => {
    const totals = totalsAt(tables, { location, sku });
    const { levelMilli } = levelOf({ totals, counts: countFacts(tables, { location, sku }) });
    const devices = newest
      .filter((mark) => mark.location === location || Object.hasOwn(totals, mark.device))
      .map(({ device, incarnation, sequence, at }) => ({ device, incarnation, sequence, at }));
    const inTransitMilli = inTransit.get(location) ?? 0;
    return { location, onHandMilli: levelMilli, inTransitMilli, devices };
  });
}

/** Was this SKU ever moved, wherever? */
export function wasMoved(tables: Tables, sku: string): boolean {
  return [...tables.known.locations].some((location) => isMoved(tables, location, sku));
}

function isMoved(tables: Tables, location: string, sku: string): boolean {
  const row = tables.sql("SELECT 1 FROM stock WHERE location = ? AND sku = ? LIMIT 1");
  return row.get(location, sku) !== undefined;
}

/** What a count made here and now has seen. */
export function seenNow(tables: Tables, key: CellKey): SeenByDevice {
  const totals = totalsAt(tables, key);
  return Object.fromEntries(
    newestMarks(tables).map(({ device, incarnation, sequence }) => [
      device,
      { incarnation, sequence, totalMilli: totals[device] ?? 0 },
    ]),
  );
}

/** Entries that a count had not seen, of devices that since moved what was counted. */
export function unseenEntries(tables: Tables, count: CountFact): readonly HeldEntry[] {
  const totals = totalsAt(tables, count);
  return Object.keys(totals).flatMap((device) => {
    const seen = count.seen[device as DeviceId];
    if (seen !== undefined && seen.totalMilli === totals[device]) return [];
    const from = [device, seen?.incarnation ?? 0, seen?.incarnation ?? 0, seen?.sequence ?? 0];
    const rows = tables
      .sql(
        `SELECT hash, flags, entry FROM entries WHERE device = ?
         AND (incarnation > ? OR (incarnation = ? AND sequence > ?))
         AND kind IN ('sale', 'refund', 'reversal', 'stock')
         ORDER BY incarnation, sequence LIMIT 5000`,
      )
      .all(...from);
    return rows.map(heldOf);
  });
}

/** More received than shipped, by the ledgers held here and by what headquarters says. */
export function overReceived(tables: Tables, transfer: string): readonly OverReceived[] {
  const told = tables.told.of(transfer);
  const rows = tables
    .sql("SELECT * FROM transfers WHERE transfer = ? AND received_milli > shipped_milli")
    .all(transfer);
  return rows.flatMap((row): readonly OverReceived[] => {
    const [sku, destination] = [row["sku"] as Sku, row["destination"] as LocationId];
    const shippedMilli = Math.max(
      Number(row["shipped_milli"]),
      ...told.filter(isOf({ sku, destination })).map((one) => one.shippedMilli),
    );
    const receivedMilli = Number(row["received_milli"]);
    if (receivedMilli <= shippedMilli) return [];
    return [{ type: "OverReceived", transfer, sku, destination, shippedMilli, receivedMilli }];
  });
}

type Place = Pick<ToldTransfer, "sku" | "destination">;

function isOf({ sku, destination }: Place): (told: ToldTransfer) => boolean {
  return (told) => told.sku === sku && told.destination === destination;
}

/** One mark per device: that of its last incarnation; by device id. */
function newestMarks(tables: Tables): readonly LedgerMark[] {
  const newest = new Map<string, LedgerMark>();
  for (const mark of tables.marks.values()) {
    const other = newest.get(mark.device);
    if (other === undefined || other.incarnation < mark.incarnation) newest.set(mark.device, mark);
  }
  return [...newest.values()].toSorted((a, b) => (a.device < b.device ? -1 : 1));
}

function inTransitByLocation(tables: Tables, sku: Sku): ReadonlyMap<LocationId, number> {
  const rows = tables
    .sql(
      `SELECT destination, sum(shipped_milli - received_milli) AS rest FROM transfers
       WHERE sku = ? AND shipped_milli > received_milli GROUP BY destination`,
    )
    .all(sku);
  const rests = new Map(rows.map((row) => [row["destination"] as LocationId, Number(row["rest"])]));
  for (const told of tables.told.ofSku(sku)) {
    const more = toldMore(tables, told);
    if (more > 0) rests.set(told.destination, (rests.get(told.destination) ?? 0) + more);
  }
  return rests;
}

/** What a transfer has on its way by headquarters' word, beyond what the ledgers held here say. */
function toldMore(
  tables: Tables,
  { transfer, sku, destination, shippedMilli }: ToldTransfer,
): number {
  const row = tables
    .sql(
      `SELECT shipped_milli, received_milli FROM transfers
       WHERE transfer = ? AND sku = ? AND destination = ?`,
    )
    .get(transfer, sku, destination);
  const held = Number(row?.["shipped_milli"] ?? 0);
  const received = Number(row?.["received_milli"] ?? 0);
  return Math.max(0, Math.max(held, shippedMilli) - received) - Math.max(0, held - received);
}

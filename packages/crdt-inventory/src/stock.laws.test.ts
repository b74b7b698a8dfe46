import type { HeldEntry, LocationId, Sku } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { availabilityOf, transfersOf } from "./availability.ts";
import { lateMovements, stockExceptions } from "./exceptions.ts";
import {
  cellsOf,
  countsOf,
  emptyStock,
  foldStock,
  mergeStock,
  stockLevel,
  type StockState,
  totalsByDevice,
} from "./stock.ts";
import { stockWorlds } from "./testing/arbitraries.ts";
import { referenceCell, referenceLevelByCut } from "./testing/reference-stock.ts";
import { allEntries } from "./testing/stock-world.ts";

const locations = ["loc_1", "loc_2"] as LocationId[];
const skus = ["coffee", "tea"] as Sku[];
const cells = locations.flatMap((location) => skus.map((sku) => ({ location, sku })));

/** The entries of a world, and the same in another order with some repeated. */
const reordered = stockWorlds({ accidents: true }).chain((world) => {
  const all = allEntries(world);
  return fc.record({
    world: fc.constant(world),
    all: fc.constant(all),
    shuffled: fc.tuple(
      fc.shuffledSubarray([...all], { minLength: all.length }),
      fc.subarray([...all]),
    ),
  });
});

function stockOf(entries: readonly HeldEntry[]): StockState {
  return entries.reduce(foldStock, emptyStock);
}

function observed(state: StockState) {
  return {
    levels: cells.map((cell) => stockLevel(state, cell)),
    totals: cells.map((cell) => totalsByDevice(state, cell)),
    availability: skus.map((sku) => availabilityOf(state, sku)),
    transfers: transfersOf(state),
    exceptions: stockExceptions(state),
    cells: cellsOf(state),
  };
}

function merged(a: StockState, b: StockState): StockState {
  const result = mergeStock(a, b);
  expect(result.ok).toBe(true);
  return result.ok ? result.value : a;
}

describe("stock laws (PN, CN, TR)", () => {
  test("[PN1] [CN5] [TR5] neither order nor repetition of entries matters, forks and restores included", () => {
    fc.assert(
      fc.property(reordered, ({ all, shuffled: [order, again] }) => {
        expect(stockOf([...order, ...again])).toEqual(stockOf(all));
        expect(observed(stockOf([...again, ...order]))).toEqual(observed(stockOf(all)));
      }),
    );
  });

  test("[PN2] [CN1] [CN3] totals, levels, counts in force and goods in transit are those of the reference model", () => {
    fc.assert(
      fc.property(stockWorlds({ accidents: true }), (world) => {
        for (const { known, state } of [
          ...world.replicas,
          { known: allEntries(world), state: stockOf(allEntries(world)) },
        ]) {
          for (const { location, sku } of cells) {
            const level = stockLevel(state, { location, sku });
            const expected = referenceCell(known, location, sku);
            const place = availabilityOf(state, sku, [location]).locations[0];
            expect({
              location,
              sku,
              totals: totalsByDevice(state, { location, sku }),
              levelMilli: level.levelMilli,
              inForce: level.inForce?.hash ?? null,
              concurrent: level.concurrent.map(({ hash }) => hash),
              inTransitMilli: place?.inTransitMilli,
            }).toEqual(expected);
            expect(place?.onHandMilli).toBe(expected.levelMilli);
          }
        }
      }),
    );
  });

  test("[CN1] a level is what was counted plus every movement the count had not seen", () => {
    fc.assert(
      fc.property(stockWorlds({ accidents: false }), (world) => {
        const all = allEntries(world);
        for (const { location, sku } of cells) {
          const { levelMilli } = stockLevel(stockOf(all), { location, sku });
          expect(levelMilli).toBe(referenceLevelByCut(all, location, sku));
        }
      }),
    );
  });

  test("[PN4] merging is commutative, associative and idempotent, and knows what either knew", () => {
    fc.assert(
      fc.property(stockWorlds({ accidents: false }), ({ replicas }) => {
        const [a, b, c = a] = replicas.map(({ state }) => state);
        expect(merged(a!, b!)).toEqual(merged(b!, a!));
        expect(merged(merged(a!, b!), c!)).toEqual(merged(a!, merged(b!, c!)));
        expect(merged(a!, a!)).toEqual(a);
        expect(merged(a!, emptyStock)).toEqual(a);
        const union = [...replicas[0]!.known, ...replicas[1]!.known];
        expect(merged(a!, b!)).toEqual(stockOf(union));
      }),
    );
  });

  test("[PN5] after forks and restores a merge is right or says which device diverges", () => {
    fc.assert(
      fc.property(stockWorlds({ accidents: true }), ({ replicas }) => {
        const [a, b] = [replicas[0]!, replicas.at(-1)!];
        const result = mergeStock(a.state, b.state);
        const union = stockOf([...a.known, ...b.known]);
        if (result.ok) expect(result.value).toEqual(union);
        else expect(result.error.type).toBe("PartsDiverge");
        expect(mergeStock(b.state, a.state).ok).toBe(result.ok);
      }),
    );
  });

  test("[CN4] exactly one count is in force, the same on every replica that knows the same", () => {
    fc.assert(
      fc.property(reordered, ({ all, shuffled: [order] }) => {
        for (const cell of cells) {
          const [a, b] = [stockLevel(stockOf(all), cell), stockLevel(stockOf(order), cell)];
          expect(a.inForce?.hash).toBe(b.inForce?.hash);
          expect(a.inForce === null).toBe(countsOf(stockOf(all), cell).length === 0);
        }
      }),
    );
  });

  test("[CN7] late movements are one list, whichever of count and movement came first", () => {
    fc.assert(
      fc.property(reordered, ({ all, shuffled: [order] }) => {
        for (const cell of cells) {
          for (const count of countsOf(stockOf(all), cell)) {
            const late = lateMovements(count, all);
            const one = order.flatMap((held) => lateMovements(count, [held]));
            expect(one).toHaveLength(late.length);
            expect(late).toEqual(expect.arrayContaining(one));
          }
        }
      }),
    );
  });
});

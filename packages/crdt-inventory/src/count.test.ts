import type { Hlc, LocationId, Sku } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { type CountFact, countFactOf, levelOf, type SeenByDevice, supersedes } from "./count.ts";
import { allEntries, playStock, type StockAct, stockWorld } from "./testing/stock-world.ts";
import { cellsTouchedBy, emptyStock, foldStock, stockLevel } from "./stock.ts";
import { lateAgainstCounts, lateMovements, stockExceptions } from "./exceptions.ts";

const cell = { location: "loc_1" as LocationId, sku: "coffee" as Sku };

function count(
  [hash, device]: readonly [hash: string, device: string],
  seen: SeenByDevice,
  countedMilli = 0,
): CountFact {
  return {
    ...cell,
    hash,
    entry: { device: device as CountFact["entry"]["device"], incarnation: 1, sequence: 5 },
    at: "2026-11-02T10:00:00.000Z/0000" as Hlc,
    countId: "count_1",
    countedMilli,
    seen,
  };
}

function allSeenOf(device: string): SeenByDevice {
  return { [device]: { incarnation: 9, sequence: 9, totalMilli: 0 } };
}

function sale(replica: number, quantityMilli: number): StockAct {
  return { type: "move", replica, kind: "sale", sku: "coffee", quantityMilli };
}

function countAct(replica: number, countedMilli: number): StockAct {
  return { type: "count", replica, sku: "coffee", countedMilli };
}

function sync(from: number, to: number): StockAct {
  return { type: "sync", from, to, entries: 100 };
}

// Replicas 0 and 2 stand at loc_1.
function play(...acts: readonly StockAct[]) {
  const entries = allEntries(playStock(stockWorld(3), acts));
  return { entries, state: entries.reduce(foldStock, emptyStock) };
}

describe("counts (CN)", () => {
  test("[CN1] sales that the count had not seen keep their effect, those it saw do not", () => {
    const { state } = play(sale(0, 1000), countAct(0, 10_000), sale(0, 2000), sale(2, 3000));
    expect(stockLevel(state, cell).levelMilli).toBe(5000);
  });

  test("[CN1] without a count the level is the sum of movements", () => {
    expect(stockLevel(play(sale(0, 1000), sale(2, 500)).state, cell)).toEqual({
      levelMilli: -1500,
      inForce: null,
      concurrent: [],
    });
  });

  test("[CN2] a later count supersedes the one it saw: 10, then 20, is 20", () => {
    const { state } = play(countAct(0, 10_000), sync(0, 2), countAct(2, 20_000));
    expect(stockLevel(state, cell)).toMatchObject({ levelMilli: 20_000, concurrent: [] });
    expect(stockExceptions(state)).toEqual([]);
  });

  test("[CN2] a count repeated by the same device changes nothing but the number", () => {
    const { state } = play(countAct(0, 10_000), sale(0, 1000), countAct(0, 9000));
    expect(stockLevel(state, cell)).toMatchObject({ levelMilli: 9000, concurrent: [] });
  });

  test("[CN2] a superseded count stays so when its successor is itself superseded", () => {
    const a = count(["a", "dev_1"], {});
    const b = count(["b", "dev_2"], { dev_1: { incarnation: 1, sequence: 5, totalMilli: 0 } });
    const c = count(["c", "dev_3"], { dev_2: { incarnation: 1, sequence: 9, totalMilli: 0 } }, 7);
    const level = levelOf({ totals: {}, counts: [c, a, b] });
    expect(level).toMatchObject({ levelMilli: 7, inForce: { hash: "c" }, concurrent: [] });
  });

  test("[CN3] of concurrent counts the lowest hash is in force and a recount is needed", () => {
    const { state, entries } = play(countAct(0, 10_000), countAct(2, 12_000));
    const hashes = entries.map(({ hash }) => hash).toSorted();
    const level = stockLevel(state, cell);
    expect([level.inForce?.hash, level.concurrent[0]?.hash]).toEqual(hashes);
    expect(level.levelMilli).toBe(level.inForce?.countedMilli);
    expect(stockExceptions(state)).toMatchObject([
      { type: "RecountNeeded", ...cell, counts: [{}, {}] },
    ]);
  });

  test("[CN3] a recount that has seen both settles it", () => {
    const acts = [countAct(0, 10_000), countAct(2, 12_000), sync(0, 2), countAct(2, 11_000)];
    const { state } = play(...acts);
    expect(stockLevel(state, cell)).toMatchObject({ levelMilli: 11_000, concurrent: [] });
    expect(stockExceptions(state)).toEqual([]);
  });

  test("[CN6] a later incarnation goes on from what the earlier one knew", () => {
    const newer = count(["x", "dev_2"], { dev_1: { incarnation: 2, sequence: 1, totalMilli: 0 } });
    const older = count(["y", "dev_2"], { dev_1: { incarnation: 1, sequence: 4, totalMilli: 0 } });
    expect(supersedes(newer, count(["a", "dev_1"], {}))).toBe(true);
    expect(supersedes(older, count(["a", "dev_1"], {}))).toBe(false);
  });

  test("[CN6] should counts supersede each other in a ring, the lowest hash is in force", () => {
    const counts = [
      count(["b", "dev_2"], allSeenOf("dev_1"), 2),
      count(["a", "dev_1"], allSeenOf("dev_2"), 1),
    ];
    expect(levelOf({ totals: {}, counts })).toMatchObject({ levelMilli: 1 });
  });

  test("[CN7] a movement made before a count and learned after it is listed with both times", () => {
    const { state, entries } = play(sale(0, 3000), countAct(2, 10_000), sale(0, 1000));
    const counted = entries.find(({ entry }) => entry.kind === "count")!;
    // By its clock, two hours behind that of replica 2, replica 0 sold both before the count.
    const found = lateMovements(countFactOf(counted)!, entries);
    expect(found).toMatchObject([
      { type: "LateMovement", ...cell, kind: "sale", quantityMilli: -3000 },
      { type: "LateMovement", ...cell, kind: "sale", quantityMilli: -1000 },
    ]);
    expect(found[0]!.movedAt < found[0]!.countedAt).toBe(true);
    const again = entries.flatMap((held) => lateAgainstCounts(state, held));
    expect(again).toEqual(found);
  });

  test("[CN7] what was made after the count, or seen by it, is not late", () => {
    const { entries } = play(sale(2, 1000), countAct(2, 10_000), countAct(0, 9000), sale(2, 500));
    const counts = entries.flatMap((held) => countFactOf(held) ?? []);
    const [of0, of2] = counts.toSorted((a, b) => (a.entry.device < b.entry.device ? -1 : 1));
    // Replica 2's clock is ahead: what it sold seems to be after the count of replica 0.
    expect([lateMovements(of0!, entries), lateMovements(of2!, entries)]).toEqual([[], []]);
  });

  test("[CN8] a count that cannot be read, or is revoked, is none", () => {
    const [held] = play(countAct(0, 10_000)).entries;
    expect(countFactOf(held!)).toMatchObject({ countedMilli: 10_000 });
    expect(countFactOf({ ...held!, flags: ["revoked"] })).toBeNull();
    for (const body of [{}, null, { ...cell, countId: "c", countedMilli: 0.5, seen: {} }]) {
      expect(countFactOf({ ...held!, entry: { ...held!.entry, body } })).toBeNull();
    }
    expect(cellsTouchedBy(held!)).toEqual([cell]);
  });
});

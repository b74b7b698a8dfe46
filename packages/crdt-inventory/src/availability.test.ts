import { hlcMs, type LocationId, type Sku } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { availabilityOf, partAgeMs, transfersOf } from "./availability.ts";
import { entryExceptions, stockExceptions, transferExceptions } from "./exceptions.ts";
import { cellsOf, emptyStock, foldStock, mergeStock, stockLevel, totalsByDevice } from "./stock.ts";
import { allEntries, playStock, type StockAct, stockWorld } from "./testing/stock-world.ts";
import { transitAgeMs } from "./transfer.ts";

const coffee = "coffee" as Sku;
const [here, there] = ["loc_1", "loc_2"] as [LocationId, LocationId];

function move(
  replica: number,
  kind: "sale" | "receipt" | "adjustment",
  quantityMilli: number,
): StockAct {
  return { type: "move", replica, kind, sku: "coffee", quantityMilli };
}

function send(type: "ship" | "receive", replica: number, quantityMilli: number): StockAct {
  return { type, replica, sku: "coffee", quantityMilli, transfer: "transfer_1" };
}

// Replica 0 and 2 stand at loc_1, replica 1 at loc_2.
function play(...acts: readonly StockAct[]) {
  return allEntries(playStock(stockWorld(3), acts)).reduce(foldStock, emptyStock);
}

describe("stock as sums per device (PN)", () => {
  test("[PN2] two tills use a SKU first at once: both count", () => {
    const state = play(move(0, "receipt", 5000), move(2, "receipt", 3000));
    const cell = { location: here, sku: coffee };
    expect(totalsByDevice(state, cell)).toEqual({ dev_1: 5000, dev_3: 3000 });
    expect(stockLevel(state, cell).levelMilli).toBe(8000);
    expect(cellsOf(state)).toEqual([cell]);
  });

  test("[PN3] both branches of a fork count, and what a restore forgot counts when it comes back", () => {
    const world = playStock(stockWorld(2), [
      move(0, "receipt", 9000),
      { type: "clone", replica: 0 },
      move(0, "sale", 1000),
      move(2, "sale", 2000),
      { type: "sync", from: 0, to: 1, entries: 9 },
      { type: "restore", replica: 0, lost: 1 },
      move(0, "sale", 4000),
    ]);
    const state = allEntries(world).reduce(foldStock, emptyStock);
    expect(stockLevel(state, { location: here, sku: coffee }).levelMilli).toBe(2000);
  });

  test("[PN5] states that each saw one branch of a fork do not merge", () => {
    const { replicas } = playStock(stockWorld(2), [
      { type: "clone", replica: 0 },
      move(0, "sale", 1000),
      move(2, "sale", 2000),
    ]);
    expect(mergeStock(replicas[0]!.state, replicas[2]!.state)).toEqual({
      ok: false,
      error: { type: "PartsDiverge", device: "dev_1" },
    });
  });
});

describe("transfers (TR)", () => {
  test("[TR1] goods leave the source at once and are in transit to the destination", () => {
    const { locations } = availabilityOf(play(send("ship", 0, 6000)), coffee);
    expect(locations).toMatchObject([
      { location: here, onHandMilli: -6000, inTransitMilli: 0 },
      { location: there, onHandMilli: 0, inTransitMilli: 6000 },
    ]);
  });

  test("[TR2] a partial receipt leaves a rest with an age", () => {
    const state = play(send("ship", 0, 6000), send("receive", 1, 4000));
    const [transfer] = transfersOf(state, coffee);
    expect(transfer).toMatchObject({
      source: here,
      destination: there,
      shippedMilli: 6000,
      receivedMilli: 4000,
      restMilli: 2000,
    });
    const shippedMs = hlcMs(transfer!.shippedAt!);
    expect(transitAgeMs(transfer!, shippedMs + 5000)).toBe(5000);
    expect(availabilityOf(state, coffee, [there]).locations[0]).toMatchObject({
      onHandMilli: 4000,
      inTransitMilli: 2000,
    });
  });

  test("[TR3] a receipt before its shipment is allowed, raised, and matched when that comes", () => {
    const early = play(send("receive", 1, 4000));
    expect(availabilityOf(early, coffee, [there]).locations[0]).toMatchObject({
      onHandMilli: 4000,
      inTransitMilli: 0,
    });
    expect(transferExceptions(early)).toMatchObject([
      { type: "OverReceived", transfer: "transfer_1", shippedMilli: 0, receivedMilli: 4000 },
    ]);
    const matched = play(send("receive", 1, 4000), send("ship", 0, 4000));
    expect(transferExceptions(matched)).toEqual([]);
    expect(availabilityOf(matched, coffee, [there]).locations[0]?.inTransitMilli).toBe(0);
  });

  test("[TR4] more received than shipped is raised and takes nothing off other transfers", () => {
    const more = { ...send("ship", 0, 1000), transfer: "transfer_2" } as StockAct;
    const state = play(send("ship", 0, 3000), send("receive", 1, 5000), more);
    expect(transferExceptions(state, coffee)).toMatchObject([{ type: "OverReceived" }]);
    expect(availabilityOf(state, coffee, [there]).locations[0]?.inTransitMilli).toBe(1000);
  });
});

describe("availability (AV)", () => {
  test("[AV1] each location shows its devices with the newest entry known of each", () => {
    const state = play(move(0, "receipt", 5000), move(0, "sale", 1000), move(1, "receipt", 1));
    const [ours, theirs] = availabilityOf(state, coffee).locations;
    expect(ours).toMatchObject({
      onHandMilli: 4000,
      devices: [{ device: "dev_1", incarnation: 1, sequence: 2 }],
    });
    expect(theirs?.devices.map(({ device }) => device)).toEqual(["dev_2"]);
  });

  test("[AV2] the age of a part is never negative, whatever its clock says", () => {
    const [place] = availabilityOf(play(move(0, "receipt", 1)), coffee).locations;
    const [part] = place!.devices;
    const atMs = hlcMs(part!.at);
    expect(partAgeMs(part!, atMs + 60_000)).toBe(60_000);
    expect(partAgeMs(part!, atMs - 60_000)).toBe(0);
  });

  test("[AV3] a SKU that nobody moved is at zero where there are devices", () => {
    const state = play(move(0, "receipt", 1));
    expect(availabilityOf(state, "unknown" as Sku).locations).toMatchObject([
      { location: here, onHandMilli: 0, inTransitMilli: 0 },
    ]);
  });
});

describe("exceptions (SX)", () => {
  test("[SX1] sold is sold: a level below zero is raised", () => {
    const state = play(move(0, "receipt", 1000), move(2, "sale", 1500));
    expect(stockExceptions(state)).toEqual([
      { type: "OversellRaised", location: here, sku: coffee, levelMilli: -500 },
    ]);
    expect(stockExceptions(state, [{ location: there, sku: coffee }])).toEqual([]);
  });

  test("[SX2] an entry with a wrong movement is raised and counts", () => {
    const [held] = allEntries(playStock(stockWorld(2), [move(0, "sale", -700)]));
    expect(entryExceptions(held!)).toMatchObject([
      { type: "MovementsFaulty", faults: [{ pointer: "/0/quantityMilli", expected: "negative" }] },
    ]);
    expect(totalsByDevice(foldStock(emptyStock, held!), { location: here, sku: coffee })).toEqual({
      dev_1: 700,
    });
  });
});

import type { HeldEntry, LocationId, Movement, Sku } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { countedMovements, movementFaults } from "./movement-faults.ts";

const base = { location: "loc_1" as LocationId, sku: "C001" as Sku };

function move(
  kind: Movement["kind"],
  quantityMilli: number,
  more: Partial<Movement> = {},
): Movement {
  return { ...base, kind, quantityMilli, ...more };
}

const transfer = { transfer: "transfer_1", counterpart: "loc_2" as LocationId };

describe("movements (MS)", () => {
  test("[MS1] each kind has its sign", () => {
    const right = [
      move("sale", -1),
      move("return", 1),
      move("receipt", 1),
      move("adjustment", 1),
      move("adjustment", -1),
      move("waste", -1),
      move("transfer-out", -1, transfer),
      move("transfer-in", 1, transfer),
    ];
    expect(movementFaults(right)).toEqual([]);
    const wrong = right.map((each) => ({ ...each, quantityMilli: -each.quantityMilli }));
    expect(movementFaults(wrong).map(({ pointer }) => pointer)).toEqual(
      [0, 1, 2, 5, 6, 7].map((index) => `/${index}/quantityMilli`),
    );
    expect(movementFaults([move("adjustment", 0)])).toMatchObject([{ expected: "not zero" }]);
  });

  test("[MS2] a quantity is an integer within the bound", () => {
    expect(movementFaults([move("receipt", 0.5), move("receipt", 1e13)])).toMatchObject([
      { pointer: "/0/quantityMilli", found: "0.5" },
      { pointer: "/1/quantityMilli", found: "10000000000000" },
    ]);
  });

  test("[MS3] a transfer has an id and an other end, and nothing else has", () => {
    const faults = movementFaults([
      move("transfer-out", -1),
      move("transfer-in", 1, { transfer: "t", counterpart: base.location }),
      move("sale", -1, { transfer: "t" }),
      move("transfer-in", 1, { transfer: "t" }),
    ]);
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      "/0/transfer",
      "/0/counterpart",
      "/1/counterpart",
      "/2/transfer",
    ]);
  });

  test("[MS4] an unknown kind is a fault", () => {
    const unknown = move("loan" as Movement["kind"], 1);
    expect(movementFaults([unknown])).toMatchObject([{ pointer: "/0/kind", found: "loan" }]);
  });

  test("[MS5] a wrong sign still counts; what is no quantity, or revoked, does not", () => {
    const movements = [move("sale", 1), move("sale", 0.5)];
    const held = { entry: { movements }, flags: [] } as unknown as HeldEntry;
    expect(countedMovements(held)).toEqual([move("sale", 1)]);
    expect(countedMovements({ ...held, flags: ["revoked"] })).toEqual([]);
  });
});

import type { Json } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../test-vectors/carry-v1.json" with { type: "json" };
import { carryOf, carryText, parseCarry } from "./carry.ts";
import { emptyStock } from "./stock.ts";
import { playStock, stockWorld } from "./testing/stock-world.ts";

const { replicas } = playStock(stockWorld(2), [
  { type: "move", replica: 0, kind: "receipt", sku: "coffee", quantityMilli: 9000 },
  { type: "ship", replica: 0, sku: "tea", quantityMilli: 500, transfer: "transfer_1" },
  { type: "count", replica: 0, sku: "coffee", countedMilli: 8000 },
]);
const carry = carryOf(replicas[0]!.state, replicas[0]!.device)!;

describe("carries (CY)", () => {
  test("[CY4] the text of a carry is that of the vector", () => {
    expect(carryText(carry)).toBe(vectors.canonicalJson);
  });

  test("[CY4] nothing is carried for a device that is not known", () => {
    expect(carryOf(emptyStock, carry.device)).toBeNull();
  });

  test("[CY5] what is no carry is refused with the member that is wrong", () => {
    const wrong: readonly (readonly [string, Json])[] = [
      ["/v", { ...carry, v: 2 }],
      ["/v", null],
      ["/device", { ...carry, device: "" }],
      ["/at", { ...carry, at: "yesterday" }],
      ["/sequence", { ...carry, sequence: 0.5 }],
      ["/dots", { ...carry, dots: { a: [[1]] } }],
      ["/totals", { ...carry, totals: [{ location: "l", sku: "s" }] }],
      ["/counts", { ...carry, counts: [{}] }],
      ["/transfers", { ...carry, transfers: [{ ...carry.transfers[0], shippedAt: 3 }] }],
    ];
    for (const [pointer, value] of wrong) {
      expect(parseCarry(value)).toMatchObject({ error: { type: "CarryFaulty", pointer } });
    }
    expect(parseCarry(carry)).toEqual({ ok: true, value: carry });
  });
});

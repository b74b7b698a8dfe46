/**
 * fast-check arbitraries of what happens to stock.
 *
 * @module
 */

import * as fc from "fast-check";
import { playStock, type StockAct, type StockWorld, stockWorld } from "./stock-world.ts";

/** Two to five devices after some acts. Without `accidents` no disk is copied and no backup restored. */
export function stockWorlds(options: {
  readonly accidents: boolean;
  readonly maxLength?: number;
}): fc.Arbitrary<StockWorld> {
  const { accidents, maxLength = 40 } = options;
  const act = accidents ? fc.oneof({ weight: 12, arbitrary: calm }, accident) : calm;
  return fc
    .tuple(fc.integer({ min: 2, max: 5 }), fc.array(act, { maxLength, size: "max" }))
    .map(([deviceCount, acts]) => playStock(stockWorld(deviceCount), acts));
}

const replica = fc.nat(9);
// Few SKUs, so that devices meet on them: first use at once, counts at once.
const sku = fc.constantFrom("coffee", "tea");
const quantityMilli = fc.integer({ min: 1, max: 9000 });

const calm: fc.Arbitrary<StockAct> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("move" as const),
      replica,
      kind: fc.constantFrom("sale", "return", "receipt", "adjustment", "waste"),
      sku,
      quantityMilli,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("ship" as const, "receive" as const),
      replica,
      sku,
      quantityMilli,
      transfer: fc.constantFrom("transfer_1", "transfer_2"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("count" as const),
      replica,
      sku,
      countedMilli: fc.integer({ min: 0, max: 50_000 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("sync" as const),
      from: replica,
      to: replica,
      entries: fc.integer({ min: 1, max: 20 }),
    }),
  },
);

const accident: fc.Arbitrary<StockAct> = fc.oneof(
  fc.record({ type: fc.constant("restore" as const), replica, lost: fc.nat(3) }),
  fc.record({ type: fc.constant("clone" as const), replica }),
);

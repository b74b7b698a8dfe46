/**
 * fast-check arbitraries of what happens at a till.
 *
 * @module
 */

import * as fc from "fast-check";
import type { HeldEntry } from "@tillmesh/kernel";
import { playTill, type TillAct } from "./till-acts.ts";
import { testLedger } from "./test-ledger.ts";

/** Mostly selling; shifts and days open and close now and then. */
export function tillActs(maxLength = 60): fc.Arbitrary<readonly TillAct[]> {
  return fc
    .array(tillAct, { maxLength, size: "max" })
    .map((acts) => [{ type: "open-shift", floatMinor: 10_000 }, ...acts]);
}

/** The valid ledger of one till, in the order it was written. */
export function tillEntries(device: string, maxLength = 60): fc.Arbitrary<readonly HeldEntry[]> {
  return tillActs(maxLength).map((acts) => playTill(testLedger(device), acts).ledger.entries);
}

const amountMinor = fc.integer({ min: 0, max: 100_000 });
const positiveMinor = fc.integer({ min: 1, max: 100_000 });
const sku = fc.constantFrom("coffee", "tea", "bread");
const quantityMilli = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map((units) => units * 1000),
  fc.integer({ min: 1, max: 5000 }),
);

const actLine = fc.record({
  sku,
  quantityMilli,
  amountMinor,
  rateBp: fc.constantFrom(0, 500, 2000),
});

const tillAct: fc.Arbitrary<TillAct> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      type: fc.constant("sell" as const),
      lines: fc.array(actLine, { minLength: 1, maxLength: 4 }),
      overMinor: fc.oneof(fc.constant(0), positiveMinor),
      isSplit: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("sell" as const),
      lines: fc.array(actLine, { minLength: 1, maxLength: 3 }),
      overMinor: fc.nat(1000),
      isSplit: fc.boolean(),
      extras: fc.record({
        roundingMinor: fc.integer({ min: -2, max: 2 }),
        tipMinor: fc.nat(50),
        discountMinor: fc.nat(100),
        isForeign: fc.boolean(),
      }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("refund" as const),
      sale: fc.nat(50),
      line: fc.nat(3),
      share: fc.integer({ min: 1, max: 100 }),
      goods: fc.constantFrom("restock" as const, "waste" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("reverse" as const), sale: fc.nat(50) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("cash" as const),
      kind: fc.constantFrom("in" as const, "out" as const, "drop" as const),
      amountMinor: positiveMinor,
    }),
  },
  fc.record({ type: fc.constant("late-cash" as const), amountMinor: positiveMinor }),
  fc.record({ type: fc.constant("open-drawer" as const) }),
  fc.record({ type: fc.constant("receive-stock" as const), sku, quantityMilli }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("open-shift" as const),
      floatMinor: amountMinor,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("close-shift" as const),
      differenceMinor: fc.integer({ min: -500, max: 500 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("close-day" as const) }) },
  fc.record({ type: fc.constant("next-date" as const) }),
  fc.record({ type: fc.constant("restore" as const) }),
);

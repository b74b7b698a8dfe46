/**
 * fast-check arbitraries of whole runs.
 *
 * @module
 */

import * as fc from "fast-check";
import type { Scenario, SimAct } from "./run.ts";
import { skus, type TillAct } from "./tills.ts";

export interface ScenarioOptions {
  /** Clones, old copies put back, disks that die. */
  readonly accidents: boolean;
}

export function scenarios({ accidents }: ScenarioOptions): fc.Arbitrary<Scenario> {
  const act = accidents
    ? fc.oneof({ weight: 24, arbitrary: calm }, { weight: 1, arbitrary: accident })
    : calm;
  return fc.record({
    seed: fc.nat(1_000_000),
    devices: fc.integer({ min: 2, max: 5 }),
    partEntriesMax: fc.integer({ min: 3, max: 14 }),
    carryAfterParts: fc.integer({ min: 1, max: 3 }),
    acts: fc
      .array(act, { minLength: 30, maxLength: 80, size: "max" })
      .map((acts) => [...openings, ...acts]),
  });
}

const openings: readonly SimAct[] = [0, 1, 2, 3, 4].map((node) => ({
  type: "till",
  node,
  act: { type: "open-shift", minor: 5_000, day: 0 },
}));

const node = fc.nat(9);
const sku = fc.constantFrom(...skus);
const milli = fc.integer({ min: 1, max: 9_000 });
const minor = fc.integer({ min: 1, max: 5_000 });

const tillAct: fc.Arbitrary<TillAct> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant("sell" as const),
      lines: fc.array(fc.record({ sku, milli }), { minLength: 1, maxLength: 3 }),
      overMinor: fc.nat(500),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("refund" as const),
      sale: fc.nat(50),
      line: fc.nat(3),
      share: fc.integer({ min: 1, max: 100 }),
      goods: fc.constantFrom("restock" as const, "waste" as const),
    }),
  },
  fc.record({ type: fc.constant("reverse" as const), sale: fc.nat(50) }),
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("move" as const),
      kind: fc.constantFrom(
        "receipt" as const,
        "adjustment" as const,
        "waste" as const,
        "transfer-out" as const,
        "transfer-in" as const,
      ),
      sku,
      milli,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("count" as const), sku, milli }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("price" as const), sku, minor, day: fc.nat(3) }),
  },
  fc.record({
    type: fc.constant("cash" as const),
    kind: fc.constantFrom("in" as const, "out" as const, "drop" as const),
    minor,
  }),
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("open-shift" as const), minor, day: fc.nat(3) }),
  },
  fc.record({
    type: fc.constant("close-shift" as const),
    differenceMinor: fc.integer({ min: -300, max: 300 }),
  }),
  fc.constant({ type: "close-day" as const }),
);

const calm: fc.Arbitrary<SimAct> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ type: fc.constant("till" as const), node, act: tillAct }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("deliver" as const), node, to: node }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("exchange" as const),
      node,
      to: node,
      size: fc.constantFrom(1, 2_000, 100_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("restart" as const, "checkpoint" as const),
      node,
    }),
  },
  fc.record({ type: fc.constant("cut" as const), node, keep: fc.nat(6) }),
  fc.record({ type: fc.constant("arrive" as const), node }),
  fc.record({
    type: fc.constant("clock" as const),
    ms: fc.integer({ min: -7_200_000, max: 7_200_000 }),
  }),
);

const accident: fc.Arbitrary<SimAct> = fc.oneof(
  fc.record({
    type: fc.constantFrom("clone" as const, "die" as const, "back-up" as const),
    node,
  }),
  fc.record({ type: fc.constant("set-back" as const), node, isTold: fc.boolean() }),
);

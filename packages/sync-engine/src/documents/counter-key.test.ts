import type { LocationId, Sku } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { factMovement } from "../testing/signed-facts.ts";
import { counterKey, incrementsOf, parseCounterKey } from "./counter-key.ts";
import { counterBucketCount } from "./genesis.ts";

const movements = fc.array(
  fc
    .tuple(
      fc.constantFrom("A", "B", "C/1", "é"),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom("loc_1", "loc_2"),
    )
    .map(([sku, milli, location]) => factMovement(sku, milli, location)),
  { maxLength: 12 },
);

describe("stock counters (CO)", () => {
  test("[CO1] the key of a counter is location and SKU, and tells them again", () => {
    const key = counterKey("loc_1" as LocationId, "C/1/x" as Sku);
    expect(key).toBe("loc_1/C/1/x");
    expect(parseCounterKey(key)).toEqual({ location: "loc_1", sku: "C/1/x" });
  });

  test("[CO2] one increment per key with the sum of its movements, in key order, none of zero", () => {
    fc.assert(
      fc.property(movements, (all) => {
        const increments = incrementsOf({ movements: all });
        const keys = increments.map(({ key }) => key);
        expect(keys).toEqual([...new Set(keys)].toSorted());
        for (const sum of new Set(all.map((one) => counterKey(one.location, one.sku)))) {
          const expected = all
            .filter((one) => counterKey(one.location, one.sku) === sum)
            .reduce((total, one) => total + one.quantityMilli, 0);
          expect(increments.find(({ key }) => key === sum)?.milli ?? 0).toBe(expected);
        }
        expect(increments.every(({ milli }) => milli !== 0)).toBe(true);
      }),
    );
  });

  test("[CO2] the order of movements does not matter", () => {
    fc.assert(
      fc.property(movements, (all) => {
        expect(incrementsOf({ movements: all.toReversed() })).toEqual(
          incrementsOf({ movements: all }),
        );
      }),
    );
  });

  test("[CO3] keys keep their bucket for ever, and spread evenly", () => {
    expect(["C001", "C002", "é", "a/b"].map(bucket)).toEqual(goldenBuckets);
    const sizes = new Map<number, number>();
    for (let n = 0; n < 6_400; n += 1) {
      sizes.set(bucket(`SKU${n}`), (sizes.get(bucket(`SKU${n}`)) ?? 0) + 1);
    }
    expect(sizes.size).toBe(counterBucketCount);
    expect(Math.max(...sizes.values())).toBeLessThan(200);
  });

  test("[CO4] an entry without movements touches no counter", () => {
    expect(incrementsOf({})).toEqual([]);
  });
});

function bucket(sku: string): number {
  return incrementsOf({ movements: [factMovement(sku, 1)] })[0]!.bucket;
}

/** Written down once: another spread would be another format. */
const goldenBuckets = [26, 7, 5, 60];

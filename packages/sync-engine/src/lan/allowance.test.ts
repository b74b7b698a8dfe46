import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAllowance, createFrameMeter } from "./allowance.ts";

const rate = { burst: 10, perSecond: 2 };

describe("allowances (FD)", () => {
  test("[FD1] a burst, then the steady rate, then the burst again after a rest", () => {
    const allowance = createAllowance(rate, 0);
    const taken = (nowMs: number) => {
      let count = 0;
      while (allowance.take(1, nowMs)) count += 1;
      return count;
    };
    expect(taken(0)).toBe(10);
    expect(taken(1_000)).toBe(2);
    expect(taken(1_400)).toBe(0);
    expect(taken(1_500)).toBe(1);
    expect(taken(3_600_000)).toBe(10);
  });

  test("[FD1] in no time span is more let through than burst and rate allow", () => {
    const steps = fc.array(
      fc.record({ amount: fc.nat(6), waitMs: fc.integer({ min: -50, max: 900 }) }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const allowance = createAllowance(rate, 0);
        let [nowMs, highestMs, sum] = [0, 0, 0];
        for (const { amount, waitMs } of all) {
          nowMs = Math.max(0, nowMs + waitMs);
          // Whatever a clock does that runs back, it earns each moment at most once more.
          highestMs += Math.max(0, waitMs);
          if (allowance.take(amount, nowMs)) sum += amount;
          expect(sum).toBeLessThanOrEqual(rate.burst + (highestMs / 1_000) * rate.perSecond + 1e-6);
        }
      }),
    );
  });

  test("[FD2] what was asked for comes besides, and is used up", () => {
    const meter = createFrameMeter(
      { frames: { burst: 1, perSecond: 0 }, bytes: { burst: 5, perSecond: 0 } },
      () => 0,
    );
    meter.expect(100);
    expect(meter.allows(100)).toBe(true);
    expect(meter.allows(5)).toBe(true);
    expect(meter.allows(0)).toBe(false);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHlc, hlcMs, type Hlc } from "./hlc.ts";
import { testClock } from "./testing/index.ts";

const startMs = Date.parse("2026-11-22T10:00:00.000Z");
const driftMaxMs = 500;

// Two devices that say things to each other while somebody turns their clocks.
const steps = fc.array(
  fc.record({
    device: fc.nat(1),
    advanceMs: fc.integer({ min: -2000, max: 2000 }),
    hears: fc.boolean(),
  }),
);

describe("hybrid logical clock laws (HL)", () => {
  test("[HL1] [HL2] [HL4] own moments grow as text, and follow each message within the bound", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const clocks = [testClock(startMs), testClock(startMs)];
        const devices = clocks.map((clock) => createHlc(clock, { driftMaxMs }));
        const said: Hlc[][] = [[], []];
        for (const { device, advanceMs, hears } of all) {
          clocks[device]!.advance(advanceMs);
          const heard = hears ? said[1 - device]!.at(-1) : undefined;
          if (heard !== undefined) devices[device]!.observe(heard);
          const now = devices[device]!.now();
          const before = said[device]!.at(-1);
          if (before !== undefined) expect(now > before).toBe(true);
          if (heard !== undefined && hlcMs(heard) <= clocks[device]!.nowMs() + driftMaxMs) {
            expect(now > heard).toBe(true);
          }
          said[device]!.push(now);
        }
      }),
    );
  });
});

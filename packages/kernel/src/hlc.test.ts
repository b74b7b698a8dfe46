import { describe, expect, test } from "vitest";
import { createHlc, hlcMs, isHlc, type Hlc } from "./hlc.ts";
import { testClock } from "./testing/index.ts";

const startMs = Date.parse("2026-11-22T10:00:00.000Z");

describe("hybrid logical clock (HL)", () => {
  test("[HL1] moments grow within a millisecond and when the clock is set back", () => {
    const clock = testClock(startMs);
    const hlc = createHlc(clock);
    const first = hlc.now();
    const second = hlc.now();
    clock.advance(-3_600_000);
    const third = hlc.now();
    expect([first, second, third]).toEqual([
      "2026-11-22T10:00:00.000Z/0000",
      "2026-11-22T10:00:00.000Z/0001",
      "2026-11-22T10:00:00.000Z/0002",
    ]);
  });

  test("[HL1] a full millisecond runs over into the next", () => {
    const hlc = createHlc(testClock(startMs));
    const moments = Array.from({ length: 10_001 }, () => hlc.now());
    expect(moments.slice(-2)).toEqual([
      "2026-11-22T10:00:00.000Z/9999",
      "2026-11-22T10:00:00.001Z/0000",
    ]);
  });

  test("[HL3] a clock far ahead is not followed", () => {
    const hlc = createHlc(testClock(startMs), { driftMaxMs: 1000 });
    const ahead = createHlc(testClock(startMs + 1001)).now();
    hlc.observe(ahead);
    expect(hlcMs(hlc.now())).toBe(startMs);
    hlc.observe(createHlc(testClock(startMs + 1000)).now());
    expect(hlc.now()).toBe("2026-11-22T10:00:01.000Z/0001");
  });

  test("[HL5] after a restart it goes on from its last moment", () => {
    const last = createHlc(testClock(startMs)).now();
    expect(createHlc(testClock(startMs - 5000), { last }).now()).toBe(
      "2026-11-22T10:00:00.000Z/0001",
    );
  });

  test.each([
    "",
    "2026-11-22T10:00:00.000Z",
    "2026-11-22T10:00:00.000Z/3",
    "2026-11-22T10:00:00.000Z/00003",
    "2026-02-30T10:00:00.000Z/0003",
  ])("[HL4] %j is no moment", (text) => {
    expect(isHlc(text)).toBe(false);
    expect(() => hlcMs(text as Hlc)).toThrow("is a moment");
  });
});

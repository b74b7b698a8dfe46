import { describe, expect, test } from "vitest";
import { isWithin } from "./in-force-here.ts";
import { localInstant } from "./local-instant.ts";
import type { WeeklyTime } from "./promotion-item.ts";

function clock(iso: string, timeZone: string): string {
  const { date, time, weekday } = localInstant(Date.parse(iso), timeZone);
  return `${date} ${time} ${weekday}`;
}

function isHappy(hour: WeeklyTime, iso: string, timeZone: string): boolean {
  return isWithin(hour, localInstant(Date.parse(iso), timeZone));
}

describe("local instant (PR)", () => {
  test("[PR4] it is the clock on the wall, with the weekday from Monday", () => {
    expect(clock("2026-11-23T00:00:00Z", "UTC")).toBe("2026-11-23 00:00 1");
    expect(clock("2026-11-22T23:59:59.999Z", "UTC")).toBe("2026-11-22 23:59 7");
    expect(clock("2026-11-22T23:30:00Z", "Pacific/Auckland")).toBe("2026-11-23 12:30 1");
    expect(clock("2026-11-22T00:30:00Z", "America/New_York")).toBe("2026-11-21 19:30 6");
  });

  test("[PR4] London loses an hour in March and has one twice in October", () => {
    expect(clock("2026-03-29T00:59:00Z", "Europe/London")).toBe("2026-03-29 00:59 7");
    expect(clock("2026-03-29T01:00:00Z", "Europe/London")).toBe("2026-03-29 02:00 7");
    expect(clock("2026-10-25T00:30:00Z", "Europe/London")).toBe("2026-10-25 01:30 7");
    expect(clock("2026-10-25T01:30:00Z", "Europe/London")).toBe("2026-10-25 01:30 7");
  });

  test("[PR4] New York does so at its own hours", () => {
    expect(clock("2026-03-08T06:59:00Z", "America/New_York")).toBe("2026-03-08 01:59 7");
    expect(clock("2026-03-08T07:00:00Z", "America/New_York")).toBe("2026-03-08 03:00 7");
    expect(clock("2026-11-01T05:30:00Z", "America/New_York")).toBe("2026-11-01 01:30 7");
    expect(clock("2026-11-01T06:30:00Z", "America/New_York")).toBe("2026-11-01 01:30 7");
  });
});

describe("happy hours (PR)", () => {
  const evening: WeeklyTime = { weekdays: [5], from: "17:00", to: "19:00" };
  const night: WeeklyTime = { weekdays: [6], from: "22:00", to: "02:30" };

  test.each([
    ["2026-11-20T16:59:00Z", false],
    ["2026-11-20T17:00:00Z", true],
    ["2026-11-20T18:59:59Z", true],
    ["2026-11-20T19:00:00Z", false],
    ["2026-11-21T18:00:00Z", false],
  ])("[PR6] from 17:00 to 19:00 on Fridays at %s: %s", (iso, isIt) => {
    expect(isHappy(evening, iso, "UTC")).toBe(isIt);
  });

  test.each([
    ["2026-11-21T21:59:00Z", false],
    ["2026-11-21T22:00:00Z", true],
    ["2026-11-22T02:29:00Z", true],
    ["2026-11-22T02:30:00Z", false],
    ["2026-11-21T01:00:00Z", false],
    ["2026-11-22T22:30:00Z", false],
  ])("[PR6] a night that begins on Saturday ends on Sunday, at %s: %s", (iso, isIt) => {
    expect(isHappy(night, iso, "UTC")).toBe(isIt);
  });

  test("[PR6] from Sunday to Monday, and the whole day when it ends as it begins", () => {
    const sunday: WeeklyTime = { weekdays: [7], from: "23:00", to: "01:00" };
    expect(isHappy(sunday, "2026-11-23T00:30:00Z", "UTC")).toBe(true);
    expect(isHappy(sunday, "2026-11-22T00:30:00Z", "UTC")).toBe(false);
    const day: WeeklyTime = { weekdays: [1], from: "00:00", to: "00:00" };
    expect(isHappy(day, "2026-11-23T12:00:00Z", "UTC")).toBe(true);
    expect(isHappy(day, "2026-11-24T00:00:00Z", "UTC")).toBe(false);
  });

  // Saturday 22:00 to Sunday 02:30 by the wall: an hour less in March, one more in autumn.
  test.each([
    ["Europe/London", "2026-03-28T22:00:00Z", "2026-03-29T01:29:00Z"],
    ["Europe/London", "2026-10-24T21:00:00Z", "2026-10-25T02:29:00Z"],
    ["America/New_York", "2026-11-01T02:00:00Z", "2026-11-01T07:29:00Z"],
  ])("[PR6] in %s it lasts from %s to %s where clocks are changed", (timeZone, first, last) => {
    const beforeIso = new Date(Date.parse(first) - 60_000).toISOString();
    const afterIso = new Date(Date.parse(last) + 60_000).toISOString();
    expect([beforeIso, first, last, afterIso].map((iso) => isHappy(night, iso, timeZone))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("[PR6] an end that the night does not have is where the clock jumps over it", () => {
    expect(isHappy(night, "2026-03-08T06:59:00Z", "America/New_York")).toBe(true);
    expect(isHappy(night, "2026-03-08T07:00:00Z", "America/New_York")).toBe(false);
  });
});

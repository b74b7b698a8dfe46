import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, parseDay, parseInstant } from "./calendar.ts";

const anyMs = fc.integer({
  min: Date.parse("0000-01-01T00:00:00.000Z"),
  max: Date.parse("9999-12-31T23:59:59.999Z"),
});

describe("calendar (CA)", () => {
  test("[CA1] an instant is written as Date writes it, and read back", () => {
    fc.assert(
      fc.property(anyMs, (atMs) => {
        expect(formatInstant(atMs)).toBe(new Date(atMs).toISOString());
        expect(parseInstant(formatInstant(atMs))).toBe(atMs);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    "2026-02-29",
    "2100-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "2026-04-31",
    "0000-00-00",
    "2026-1-1",
    "26-01-01",
    "2026-01-01T",
    "2026-01-01\n",
  ])("[CA2] %j is no day", (text) => expect(parseDay(text)).toBeUndefined());

  test.each(["2000-02-29", "2024-02-29", "0000-01-01", "9999-12-31"])("[CA2] %s is one", (text) => {
    expect(parseDay(text)).toBe(Date.parse(`${text}T00:00:00Z`) / 86_400_000);
  });

  test.each([
    "2026-11-22T24:00:00.000Z",
    "2026-11-22T10:60:00.000Z",
    "2026-11-22T10:00:60.000Z",
    "2026-11-22T10:00:00Z",
    "2026-11-22 10:00:00.000Z",
  ])("[CA2] %j is no instant", (text) => expect(parseInstant(text)).toBeUndefined());
});

import { describe, expect, test } from "vitest";
import {
  fiscalTimeAt,
  localDateDayFirst,
  localDateTime,
  localTime,
  offsetDateTime,
} from "./time.ts";

const at = (text: string, zone = "Europe/Vienna") => fiscalTimeAt(Date.parse(text), zone);

describe("[FDO5] an instant is written by the clock on the wall", () => {
  test.each([
    ["the hour that comes twice, first", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"],
    ["the hour that comes twice, again", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"],
    ["before the hour that is left out", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"],
    ["after the hour that is left out", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"],
    ["the year's end", "2026-12-31T22:59:59Z", "2026-12-31T23:59:59+01:00"],
    ["the year's beginning", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00+01:00"],
  ])("%s", (_, instant, text) => {
    expect(offsetDateTime(at(instant))).toBe(text);
  });

  test("west of Greenwich, and where the offset has minutes", () => {
    const instant = "2026-11-22T01:05:09Z";
    expect(offsetDateTime(at(instant, "Atlantic/Canary"))).toBe("2026-11-22T01:05:09+00:00");
    expect(offsetDateTime(at(instant, "America/St_Johns"))).toBe("2026-11-21T21:35:09-03:30");
    expect(offsetDateTime(at(instant, "Asia/Riyadh"))).toBe("2026-11-22T04:05:09+03:00");
  });

  test("parts of a second are left out, never rounded up", () => {
    const late = fiscalTimeAt(Date.parse("2026-11-22T10:59:59Z") + 999, "UTC");
    expect(localDateTime(late)).toBe("2026-11-22T10:59:59");
    expect(localTime(late)).toBe("10:59:59");
    expect(localDateDayFirst(late)).toBe("22-11-2026");
  });
});

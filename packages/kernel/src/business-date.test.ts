import { describe, expect, test } from "vitest";
import { addDays, businessDateAt, isBusinessDate, isTimeZone } from "./business-date.ts";

const at = (iso: string) => Date.parse(iso);

describe("business date (BD)", () => {
  test("[BD1] it is the day by the location's wall clock", () => {
    expect(businessDateAt(at("2026-06-30T23:30:00Z"), "Europe/London")).toBe("2026-07-01");
    expect(businessDateAt(at("2026-06-30T23:30:00Z"), "America/New_York")).toBe("2026-06-30");
    expect(businessDateAt(at("2026-12-31T13:00:00Z"), "Pacific/Auckland")).toBe("2027-01-01");
  });

  test("[BD2] before the day starts it is still the day before", () => {
    const fourInTheMorning = 240;
    expect(businessDateAt(at("2026-03-01T03:59:59Z"), "UTC", fourInTheMorning)).toBe("2026-02-28");
    expect(businessDateAt(at("2026-03-01T04:00:00Z"), "UTC", fourInTheMorning)).toBe("2026-03-01");
  });

  test("[BD2] the wall clock decides also on the day it is changed", () => {
    // London, 29 March 2026: 01:00 becomes 02:00, so 04:00 is three hours after midnight.
    expect(businessDateAt(at("2026-03-29T03:00:00Z"), "Europe/London", 240)).toBe("2026-03-29");
    expect(businessDateAt(at("2026-03-29T02:59:00Z"), "Europe/London", 240)).toBe("2026-03-28");
    // 25 October 2026: 02:00 becomes 01:00, so 04:00 is five hours after midnight.
    expect(businessDateAt(at("2026-10-25T03:59:00Z"), "Europe/London", 240)).toBe("2026-10-24");
    expect(businessDateAt(at("2026-10-25T04:00:00Z"), "Europe/London", 240)).toBe("2026-10-25");
  });

  test("[BD3] days are counted over months and leap years", () => {
    const day = "2028-02-28";
    if (!isBusinessDate(day)) throw new Error("a day");
    expect([addDays(day, 1), addDays(day, 2), addDays(day, -59)]).toEqual([
      "2028-02-29",
      "2028-03-01",
      "2027-12-31",
    ]);
  });

  test("[BD4] a time zone is one that the runtime knows", () => {
    expect(["Europe/London", "UTC"].every(isTimeZone)).toBe(true);
    expect(["", "Europe/Atlantis", "x".repeat(65)].some(isTimeZone)).toBe(false);
  });
});

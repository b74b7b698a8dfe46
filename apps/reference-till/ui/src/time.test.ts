import { expect, test } from "vitest";
import { agoText, clockText, dateText, dayText, localMinute, momentText } from "./time.ts";

test("ages are told in the unit that fits", () => {
  const ages = [3, 42, 240, 7200, 3 * 86_400].map((seconds) => agoText(0, seconds * 1000));
  expect(ages).toEqual(["just now", "42 s ago", "4 min ago", "2 h ago", "3 days ago"]);
  expect(agoText(5000, 0)).toBe("just now");
});

test("moments are the location's, business dates are nobody's", () => {
  expect(momentText("2026-07-01T22:30:00.000Z", "Europe/London")).toBe("1 Jul 2026, 23:30");
  expect(clockText("2026-11-22T14:05:00.000Z", "Europe/London")).toBe("14:05");
  expect(dayText("2026-11-22")).toBe("22 Nov 2026");
  expect(dateText("2026-11-22")).toBe("Sun, 22 Nov 2026");
});

test("the wall clock can be compared, also when summer time ends", () => {
  expect(localMinute(Date.UTC(2026, 6, 1, 22, 30), "Europe/London")).toBe("2026-07-01T23:30");
  expect(localMinute(Date.UTC(2026, 10, 22, 0, 5), "Europe/London")).toBe("2026-11-22T00:05");
  expect(localMinute(Date.UTC(2026, 11, 31, 23, 30), "Europe/Zurich")).toBe("2027-01-01T00:30");
});

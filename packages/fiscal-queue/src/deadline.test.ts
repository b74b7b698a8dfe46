import * as fc from "fast-check";
import { expect, test } from "vitest";
import { deadlineLevel, deadlineMs, skewLevel } from "./deadline.ts";
import { fiscalTimeAt } from "./time.ts";

const timeZone = "Europe/Ljubljana";
const at = (text: string) => fiscalTimeAt(Date.parse(text), timeZone);
/** Closed on Saturdays, Sundays and Christmas. */
const calendar = {
  isBusinessDay: (date: string) =>
    ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay()) && !date.endsWith("-12-25"),
};
const businessDays = (text: string, days: number) =>
  deadlineMs({ at: at(text), due: { kind: "business-days", days } }, { timeZone, calendar });

test("[FDE16] two business days end at local midnight, over a weekend and a holiday", () => {
  // A Friday; Monday and Tuesday are the two days.
  expect(businessDays("2026-11-20T09:00:00Z", 2)).toBe(Date.parse("2026-11-24T23:00:00Z") - 1);
  // Thursday before Christmas, which is a Friday.
  expect(businessDays("2026-12-24T09:00:00Z", 2)).toBe(Date.parse("2026-12-29T23:00:00Z") - 1);
});

test("[FDE16] a day on which the clock is changed ends at its own midnight", () => {
  // Friday before the change of 25 October: one business day is Monday, in winter time.
  expect(businessDays("2026-10-23T09:00:00Z", 1)).toBe(Date.parse("2026-10-26T23:00:00Z") - 1);
  expect(businessDays("2026-03-27T09:00:00Z", 1)).toBe(Date.parse("2026-03-30T22:00:00Z") - 1);
});

test("[FDE16] an announced extension moves deadlines of its range, and never forward", () => {
  const due = { kind: "after-ms", ms: 1000 } as const;
  const sealedAt = at("2026-11-22T10:00:00Z");
  const { epochMs } = sealedAt;
  const extended = (fromMs: number, untilMs: number) =>
    deadlineMs(
      { at: sealedAt, due },
      { timeZone, calendar, extensions: [{ fromMs, toMs: fromMs + 10, untilMs }] },
    );
  expect(extended(epochMs, epochMs + 5000)).toBe(epochMs + 5000);
  expect(extended(epochMs, epochMs + 500)).toBe(epochMs + 1000);
  expect(extended(epochMs + 1, epochMs + 5000)).toBe(epochMs + 1000);
  expect(deadlineMs({ at: sealedAt }, { timeZone, calendar })).toBeUndefined();
});

test("[FDE15] a warning from half of the time, an alarm from four fifths, late after all of it", () => {
  const document = { at: at("2026-11-22T10:00:00Z") };
  const { epochMs } = document.at;
  const levels = [499, 500, 799, 800, 1000, 1001].map((ms) =>
    deadlineLevel(document, epochMs + 1000, epochMs + ms),
  );
  expect(levels).toEqual(["in-time", "warning", "warning", "alarm", "alarm", "late"]);
});

test("[FDE15] levels only ever rise with time", () => {
  const rank = ["in-time", "warning", "alarm", "late"];
  const document = { at: at("2026-11-22T10:00:00Z") };
  const { epochMs } = document.at;
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(200_000), fc.nat(200_000), (allMs, a, b) => {
      const [early = 0, late = 0] = [a, b].toSorted((x, y) => x - y);
      const level = (ms: number) =>
        rank.indexOf(deadlineLevel(document, epochMs + allMs, epochMs + ms));
      return level(early) <= level(late);
    }),
  );
});

test("[FDE17] clocks half a minute apart warn, five minutes apart alarm, on either side", () => {
  const levels = [0, 29_999, -30_000, 299_999, -300_000].map(skewLevel);
  expect(levels).toEqual(["fine", "fine", "warning", "warning", "alarm"]);
});

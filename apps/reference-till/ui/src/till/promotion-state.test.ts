import { expect, test } from "vitest";
import type { Promotion } from "../api/price-shapes.ts";
import { inOrderOfState, periodText, promotionState } from "./promotion-state.ts";

function promotion(
  effectiveFrom: string | null,
  effectiveTo: string | null,
  more: Partial<Promotion> = {},
): Promotion {
  return {
    id: "p",
    name: "P",
    kind: "percent",
    description: "",
    effectiveFrom,
    effectiveTo,
    isActive: false,
    priority: 0,
    publication: { id: "pub", sequence: 1, publisher: { id: "hq", name: "HQ" } },
    ...more,
  };
}

const ids = (list: readonly Promotion[]) => list.map(({ id }) => id);

const stateAt = (nowLocal: string, from: string | null, to: string | null) =>
  promotionState(promotion(from, to), nowLocal).kind;

test("a last day counts to its end, a last minute is the first without", () => {
  expect(stateAt("2026-11-30T23:59", null, "2026-11-30")).toBe("pausing");
  expect(stateAt("2026-12-01T00:00", null, "2026-11-30")).toBe("ended");
  expect(stateAt("2026-11-30T17:59", null, "2026-11-30T18:00")).toBe("pausing");
  expect(stateAt("2026-11-30T18:00", null, "2026-11-30T18:00")).toBe("ended");
});

test("before its first minute it is scheduled", () => {
  expect(stateAt("2026-11-30T23:59", "2026-12-01", null)).toBe("scheduled");
  expect(stateAt("2026-12-01T00:00", "2026-12-01", null)).toBe("pausing");
  expect(stateAt("2026-12-01T08:59", "2026-12-01T09:00", null)).toBe("scheduled");
});

test("whether it counts now is the service's word", () => {
  const active = promotion(null, "2026-11-30", { isActive: true });
  expect(promotionState(active, "2027-01-01T00:00")).toMatchObject({
    kind: "active",
    tone: "good",
  });
});

test("what counts comes first, what has ended last; ids break ties", () => {
  const items = [
    promotion(null, "2026-01-01", { id: "ended" }),
    promotion("2027-01-01", null, { id: "scheduled" }),
    promotion(null, null, { id: "b", isActive: true }),
    promotion(null, null, { id: "a", isActive: true }),
    promotion(null, null, { id: "first", isActive: true, priority: -1 }),
  ];
  const expected = ["first", "a", "b", "scheduled", "ended"];
  expect(ids(inOrderOfState(items, "2026-11-22T12:00"))).toEqual(expected);
  expect(ids(inOrderOfState(items.toReversed(), "2026-11-22T12:00"))).toEqual(expected);
});

test("periods in words", () => {
  expect(periodText(promotion(null, null))).toBe("always");
  expect(periodText(promotion("2026-12-01", "2026-12-31T18:00"))).toBe(
    "from 1 Dec 2026 to 31 Dec 2026, 18:00",
  );
});

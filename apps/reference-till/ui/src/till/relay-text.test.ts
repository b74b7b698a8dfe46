import { expect, test } from "vitest";
import { bytesText, relayStateText } from "./relay-text.ts";

test("sizes at a glance", () => {
  expect([0, 812, 1000, 1450, 14_200, 999_999, 2_340_000].map(bytesText)).toEqual([
    "0 B",
    "812 B",
    "1.0 kB",
    "1.5 kB",
    "14 kB",
    "1000 kB",
    "2.3 MB",
  ]);
});

test("a state that this page does not know is told as it is", () => {
  expect(relayStateText("connected")).toBe("connected");
  expect(relayStateText("asleep" as "off")).toBe("asleep");
});

import { expect, test } from "vitest";
import { noNotices, stepNotices } from "./notices.ts";

const tell = (text: string) => ({ type: "tell", tone: "done", text }) as const;

test("the newest few are shown, the same text once", () => {
  const notices = ["a", "b", "a", "c", "d"].map(tell).reduce(stepNotices, noNotices);
  expect(notices.shown.map(({ text }) => text)).toEqual(["a", "c", "d"]);
  const [first] = notices.shown;
  const left = stepNotices(notices, { type: "dismiss", number: first!.number });
  expect(left.shown.map(({ text }) => text)).toEqual(["c", "d"]);
});

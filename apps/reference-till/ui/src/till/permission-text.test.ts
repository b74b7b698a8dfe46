import { expect, test } from "vitest";
import { limitText, refusalText } from "./permission-text.ts";

const options = {
  limits: { linePercent: "10", orderPercent: "0", overridePercent: "0", canComp: false },
  mayAbove: ["manager"],
};

test("who may not is told who may", () => {
  expect(refusalText("comp", options)).toBe("A manager may.");
  expect(refusalText("order", options)).toBe("A manager may.");
  expect(refusalText("line", options)).toBeUndefined();
});

test("a price above the list's is anybody's to give", () => {
  expect(refusalText("price", options)).toBeUndefined();
  expect(limitText("price", options)).toBe("Only a manager may lower it.");
});

test("how far one may go is told where it is not the whole way", () => {
  expect(limitText("line", options)).toBe("Up to 10 %; a manager more.");
  expect(limitText("line", { ...options, limits: { ...options.limits, linePercent: "100" } })).toBe(
    undefined,
  );
});

test("nothing is refused here that the service has not limited", () => {
  expect(refusalText("comp", null)).toBeUndefined();
  expect(limitText("line", { limits: null, mayAbove: [] })).toBeUndefined();
});

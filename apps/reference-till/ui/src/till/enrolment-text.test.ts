import { expect, test } from "vitest";
import { deviceStateText, enrolmentText } from "./enrolment-text.ts";

test("a device in good standing is told nothing", () => {
  expect(enrolmentText("active")).toBeUndefined();
  expect(enrolmentText("something newer")).toBeUndefined();
});

test("one that is cut off hears that it sells on, and why", () => {
  for (const state of ["revoked", "expired"]) {
    expect(enrolmentText(state)).toMatchObject({ isOver: true });
    expect(enrolmentText(state)?.text).toMatch(/selling/i);
    expect(deviceStateText(state).tone).toBe("bad");
  }
  expect(deviceStateText("active")).toEqual({ tone: "good", text: "in use" });
  expect(deviceStateText("lost")).toEqual({ tone: "alone", text: "lost" });
});

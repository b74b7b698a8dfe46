import { describe, expect, test } from "vitest";
import type { Horizon, Status } from "../api/shapes.ts";
import { horizonSteps, horizonSummary } from "./horizon.ts";

const till2 = { id: "dev_2", name: "Till 2" };
const context = (roles: readonly string[], relay: unknown = {}) =>
  ({ device: { id: "dev_1" }, roles, relay }) as unknown as Status;
const horizon = (steps: Partial<Horizon> = {}): Horizon => {
  return { device: true, peers: [], relay: false, hq: false, ...steps };
};
const steps = (of: Horizon, status = context(["till"])) =>
  horizonSteps(of, status).map(({ isThere, text }) => `${isThere ? "+" : "-"} ${text}`);

describe("steps", () => {
  test("all four, with what is missing said in words", () => {
    expect(steps(horizon())).toEqual([
      "+ This device",
      "- No other till yet",
      "- Not at the relay yet",
      "- Not at headquarters yet",
    ]);
    expect(steps(horizon({ peers: [till2], relay: true, hq: true }))).toEqual([
      "+ This device",
      "+ Till 2",
      "+ Relay",
      "+ Headquarters",
    ]);
  });

  test("no step that this shop does not have", () => {
    expect(steps(horizon(), context(["till"], null))).toEqual([
      "+ This device",
      "- No other till yet",
      "- Not at headquarters yet",
    ]);
    expect(steps(horizon({ hq: true }), context(["till", "hq"], null))).toEqual([
      "+ This device, headquarters",
      "- No other till yet",
    ]);
  });
});

const text = (of: Partial<Horizon>, status = context(["till"]), device = "dev_1") =>
  horizonSummary({ entry: { device, incarnation: 1, sequence: 1 }, horizon: horizon(of) }, status);

describe("one line", () => {
  test("the farthest place", () => {
    expect(text({})).toEqual({ isOnlyHere: true, text: "Only here" });
    expect(text({ relay: true }).text).toBe("At the relay");
    expect(text({ relay: true, peers: [till2] }).text).toBe("Also on Till 2");
    expect(text({ peers: [till2, till2] }).text).toBe("Also on 2 devices");
    expect(text({ relay: true, hq: true }).text).toBe("At headquarters");
    expect(text({}, context(["till"]), "dev_9").text).toBe("Also on the till that made it");
  });

  test("headquarters' own sale is only here until another has it", () => {
    expect(text({ hq: true }, context(["till", "hq"]))).toMatchObject({ isOnlyHere: true });
    expect(text({ hq: true, peers: [till2] }, context(["hq"])).text).toBe("Also on Till 2");
  });
});

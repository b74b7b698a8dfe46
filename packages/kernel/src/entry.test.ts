import { describe, expect, test } from "vitest";
import { entryRefKey } from "./entry.ts";
import type { DeviceId } from "./ids.ts";

describe("entry reference (EN)", () => {
  test("[EN1] its key is device, incarnation and sequence", () => {
    const ref = { device: "dev_x" as DeviceId, incarnation: 1, sequence: 42 };
    expect(entryRefKey(ref)).toBe("dev_x/1/42");
  });
});

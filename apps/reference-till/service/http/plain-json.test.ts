import { describe, expect, test } from "vitest";
import { plainFaults } from "./plain-json.ts";

describe("JSON to publish", () => {
  test("has whole numbers and an end to its depth", () => {
    const faults = plainFaults({ a: [1, 1.5, { "b/c": 2 ** 53 }], d: "1.5", e: null });
    expect(faults.map(({ pointer }) => pointer)).toEqual(["/a/1", "/a/2/b~1c"]);
    let deep: readonly unknown[] = [];
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(plainFaults(deep as never)).toHaveLength(1);
  });
});

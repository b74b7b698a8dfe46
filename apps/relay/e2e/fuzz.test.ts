import { expect, test } from "vitest";
import { fuzzRelay } from "./fuzz-relay.ts";

test("[SV28] 3,000 frames of nonsense: nothing crashes, nothing is stored of others, nothing is left", async () => {
  const report = await fuzzRelay({ frames: 3_000, seed: 1 });
  expect(report.faults).toEqual([]);
}, 60_000);

/** A slice of what `npm run fuzz` does at length. */

import { describe, expect, test } from "vitest";
import { runFuzz } from "../../testing/fuzz.ts";
import { openSurface, type SurfaceName } from "./surfaces.ts";

const seed = 20_261_122;

describe("fuzzing the LAN port (FZ)", () => {
  test.each(Object.keys(openSurface))(
    "[FZ2] five hundred frames against %s: the process lives, memory stays, honest tills agree",
    async (name) => {
      const surface = await openSurface[name as SurfaceName]();
      try {
        const plan = { frames: 500, seed, checks: 2, growthMaxBytes: 16_777_216 };
        const report = await runFuzz(surface, plan);
        expect(report.usedBytes).toHaveLength(3);
      } finally {
        await surface.close();
      }
    },
    120_000,
  );
});

/** A slice of what `npm run fuzz` does at length. */

import { describe, expect, test } from "vitest";
import { writePart } from "../testing/signed-facts.ts";
import { nodeCompression } from "./node/node-compression.ts";
import { fuzz, relayFuzzSurfaces } from "./testing/fuzz-surfaces.ts";

const writer = writePart();
const texts = Array.from({ length: 5 }, () => writer.append().signed.text);
const surfaces = await relayFuzzSurfaces(nodeCompression(), texts);

describe("damaged bytes", () => {
  test.each(surfaces)("[WF2] [WE6] [WS4] [BN6] $name", async (surface) => {
    for (const seed of surface.seeds) expect(await surface.take(seed)).toBeTypeOf("boolean");
    const { refused } = await fuzz(surface, { times: 2_000, seed: 1 });
    expect(refused).toBeGreaterThan(500);
  });
});

/**
 * Long runs: `npm run fuzz -- --surface exchange --frames 100000 --seed 7`. All surfaces of the LAN unless one is
 * named. Prints the seed, so that a failure can be run again.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runFuzz } from "../../testing/fuzz.ts";
import { openSurface, type SurfaceName } from "./surfaces.ts";

const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    surface: { type: "string", multiple: true, default: Object.keys(openSurface) },
  },
});
const frames = Number(values.frames);
const seed = Number(values.seed);

for (const name of values.surface) {
  if (!Object.hasOwn(openSurface, name)) throw new Error(`no surface ${name}`);
  print(`fuzz: ${name}, ${frames} frames, seed ${seed}`);
  const from = performance.now();
  const surface = await openSurface[name as SurfaceName]();
  const plan = { frames, seed, checks: 10, growthMaxBytes: 16_777_216 };
  await runFuzz(surface, plan, ({ frames: done, usedBytes }) => {
    const megabytes = usedBytes.map((bytes) => (bytes / 1_048_576).toFixed(1)).at(-1);
    print(`  ${done} frames, ${megabytes} MiB in use, honest tills agree`);
  });
  await surface.close();
  print(`fuzz: ${name} holds, ${Math.round((performance.now() - from) / 1_000)} s`);
}
process.exit();

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

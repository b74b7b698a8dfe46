/**
 * Long runs: `npm run sim -- --runs 1000 --seed 7`. Prints the seed, so that a failure can be run again.
 *
 * @module
 */

import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { runScenario } from "./run.ts";
import { scenarios } from "./scenarios.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    shrink: { type: "boolean", default: false },
  },
});
const numRuns = Number(values.runs);
const seed = Number(values.seed);
process.stdout.write(`sim: ${numRuns} runs, seed ${seed}\n`);
let entries = 0;
const property = fc.property(
  fc.boolean().chain((accidents) => scenarios({ accidents })),
  (scenario) => {
    entries += runScenario(scenario).entries;
  },
);
fc.assert(property, { numRuns, seed, endOnFailure: !values.shrink });
process.stdout.write(`sim: all hold; ${entries} entries in the end\n`);

/**
 * Frames of every kind of nonsense against a relay in this process: `npm run fuzz:relay -- 100000 [seed]`.
 *
 * @module
 */

import { fuzzRelay } from "./fuzz-relay.ts";

const [frames = "100000", seed = `${Date.now() % 1_000_000}`] = process.argv.slice(2);
const report = await fuzzRelay({ frames: Number(frames), seed: Number(seed), say: console.log });
console.log(JSON.stringify(report));
process.exit(report.faults.length === 0 ? 0 : 1);

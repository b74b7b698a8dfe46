/**
 * `npm run kill -- 200`: the kill test for as many rounds as are asked for; `--regime none` seals by another fiscal regime.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { makeFolder } from "./harness/folders.ts";
import { killLoop } from "./harness/kill-loop.ts";
import { recentLogs } from "./harness/programs.ts";
import { isRegimeName, regimeNames } from "./harness/regimes.ts";

const { values, positionals } = parseArgs({
  options: { regime: { type: "string", default: "at-rksv" } },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? "200");
const { regime } = values;
const seed = Number(process.env["TILLMESH_SEED"] ?? Date.now() % 1_000_000);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new Error("How many rounds? npm run kill -- 200");
if (!isRegimeName(regime)) throw new Error(`No regime "${regime}": ${regimeNames.join(", ")}`);

const startedAt = performance.now();
process.stdout.write(`${rounds} kills under ${regime}, TILLMESH_SEED=${seed}\n`);
const { sales, unanswered, foundRecorded, faults } = await killLoop({
  folder: makeFolder("kill"),
  rounds,
  seed,
  regime,
  onRound: (round, { victim, acknowledged, unanswered: open, foundRecorded: found }) => {
    const facts = `${acknowledged} sales, ${open} without an answer, ${found} of them recorded`;
    process.stdout.write(`${round}: ${victim} killed: ${facts}\n`);
  },
}).catch((error: unknown) => {
  process.stdout.write(recentLogs());
  throw error;
});
const seconds = Math.round((performance.now() - startedAt) / 1000);
for (const fault of faults.slice(0, 50)) process.stdout.write(`FAULT ${fault}\n`);
process.stdout.write(
  `${rounds} kills in ${seconds} s: ${sales} sales, ${unanswered} requests without an answer ` +
    `(${foundRecorded} of them were recorded), ${faults.length} faults\n`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

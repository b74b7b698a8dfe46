/**
 * The crash gate at every operation: `npm run crash -- --kind cut --from 1 --step 1`. Minutes, not seconds.
 *
 * Kinds are `cut` (power), `EIO` and `ENOSPC`; all three unless one is named. `--life carry`: a new device that starts
 * from a carry, instead of a till that sells.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { testClock } from "@tillmesh/kernel/testing";
import {
  carryTemplate,
  crashAt,
  crashCarryAt,
  crashTemplate,
  disposeTemplate,
  type CrashKind,
} from "@tillmesh/sync-engine/testing";

const { values } = parseArgs({
  options: {
    kind: { type: "string" },
    life: { type: "string", default: "selling" },
    from: { type: "string", default: "1" },
    to: { type: "string" },
    step: { type: "string", default: "1" },
  },
});
const all: readonly CrashKind[] = ["cut", "EIO", "ENOSPC"];
const kinds = all.filter((kind) => values.kind === undefined || kind === values.kind);
const isCarry = values.life === "carry";
const clock = testClock(Date.parse("2026-11-22T08:00:00Z"));
const template = await (isCarry ? carryTemplate(clock) : crashTemplate(clock));
const crash = isCarry ? crashCarryAt : crashAt;
const last = Number(values.to ?? (await crash(template, { kind: "cut", n: 0 })));
let failed = 0;
for (const kind of kinds) {
  process.stdout.write(`crash: ${kind} at operations ${values.from} to ${last}\n`);
  for (let n = Number(values.from); n <= last; n += Number(values.step)) {
    await crash(template, { kind, n }).catch((error: unknown) => {
      failed += 1;
      process.stdout.write(
        `${kind} ${n}: ${error instanceof Error ? error.stack : String(error)}\n`,
      );
    });
  }
}
disposeTemplate(template);
process.stdout.write(`crash: ${failed} failures\n`);
process.exit(failed === 0 ? 0 : 1);

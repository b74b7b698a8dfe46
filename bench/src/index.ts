/**
 * Measures the engine against its peers and against the physical limit: `npm run bench -- commit`.
 *
 * @module
 */

import { join } from "node:path";
import { benchCommit } from "./commit.ts";
import { benchEventLoop } from "./event-loop.ts";
import { benchFiscal } from "./fiscal.ts";
import { print, printMachine } from "./measure.ts";
import { benchPeers } from "./peers.ts";
import { benchPricing } from "./pricing.ts";
import { benchRelay } from "./relay.ts";
import { benchHandOver } from "./relay-hand-over.ts";
import { benchSoak } from "./relay-soak.ts";
import { benchStartup } from "./startup.ts";

const benches: Readonly<Record<string, (dataDirectory: string) => Promise<void>>> = {
  commit: benchCommit,
  "event-loop": benchEventLoop,
  fiscal: benchFiscal,
  startup: benchStartup,
  peers: benchPeers,
  pricing: benchPricing,
  relay: benchRelay,
  "hand-over": benchHandOver,
  "relay-soak": benchSoak,
};

await main(process.argv.slice(2));
// automerge-repo leaves timers behind.
process.exit();

async function main(names: readonly string[]): Promise<void> {
  const chosen =
    names.length > 0 ? names : Object.keys(benches).filter((name) => name !== "relay-soak");
  printMachine();
  for (const name of chosen) {
    const bench = benches[name];
    if (!bench) {
      print(`no bench "${name}"; there are ${Object.keys(benches).join(", ")}`);
      process.exitCode = 1;
      continue;
    }
    await bench(join(import.meta.dirname, "../.data"));
  }
}

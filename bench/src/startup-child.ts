/**
 * One start of a till: prints when it could first sell, then what it holds in memory.
 *
 * Arguments: directory, seconds to idle, sales to make after that.
 *
 * @module
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { testRandom } from "@tillmesh/kernel/testing";
import { systemClock } from "@tillmesh/kernel/node";
import { createSaleMaker } from "./sample-sale.ts";
import { dateOf, openShop, placeAt, value } from "./sample-shop.ts";

const [directory = "", idleSeconds = "0", sales = "0"] = process.argv.slice(2);
const loadedMs = performance.now();
const replica = await openShop(placeAt(directory));
const openMs = performance.now();
const maker = createSaleMaker({ random: testRandom(Date.now() % 1e9), skuCount: 10_000 });

await sell();
const firstSaleMs = performance.now();
const { user, system } = process.cpuUsage();
const processorMs = (user + system) / 1_000;
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const rssAtStartMb = process.memoryUsage.rss() / 2 ** 20;
await wait(Number(idleSeconds) * 1_000);
const rssIdleMb = process.memoryUsage.rss() / 2 ** 20;
const commitMs: number[] = [];
for (let n = 0; n < Number(sales); n += 1) commitMs.push(await sell());
const longestHoldUpMs = delay.max / 1e6;
await replica.close();
process.stdout.write(
  JSON.stringify({
    loadedMs,
    openMs,
    firstSaleMs,
    processorMs,
    rssAtStartMb,
    rssIdleMb,
    commitMs,
    longestHoldUpMs,
  }),
);
// automerge-repo leaves timers behind.
process.exit();

async function sell(): Promise<number> {
  const { location, device, incarnation } = replica;
  const businessDate = dateOf(systemClock());
  const draft = maker.next({ location, device, incarnation, businessDate });
  const startMs = performance.now();
  const committed = replica.commit(draft);
  const ms = performance.now() - startMs;
  value(await committed);
  await wait(2);
  return ms;
}

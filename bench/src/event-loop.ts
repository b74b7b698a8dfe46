/**
 * The longest time that anything holds up the event loop while a till sells, paced and at full speed.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { testRandom } from "@tillmesh/kernel/testing";
import { systemClock } from "@tillmesh/kernel/node";
import type { Replica } from "@tillmesh/sync-engine/node";
import { withoutSync } from "./disk-time.ts";
import { watchIdleThread } from "./idle-thread.ts";
import { print, printBar, timed } from "./measure.ts";
import { createSaleMaker, type SaleMaker } from "./sample-sale.ts";
import { createShop, dateOf, openShop, placeAt, publishGoods, value } from "./sample-shop.ts";

const skuCount = 10_000;
const sales = 2_000;

/** Each run of 2,000 sales rolls parts over, seals them, and saves a checkpoint. */
export async function benchEventLoop(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, "event-loop");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const place = placeAt(join(directory, "till"));
  const replica = await withoutSync(async () => {
    await createShop(place);
    const opened = await openShop(place);
    await publishGoods(opened, skuCount);
    return opened;
  });
  const stock = foldStock(replica);
  const maker = createSaleMaker({ random: testRandom(2), skuCount });
  await run("at full speed", { replica, maker, pause: () => nextTurn() });
  await run("at 20 a second", { replica, maker, pause: () => wait(50) });
  print(`  ${stock.size} SKUs folded by a listener meanwhile`);
  await replica.close();
  rmSync(directory, { recursive: true, force: true });
}

interface Run {
  readonly replica: Replica;
  readonly maker: SaleMaker;
  readonly pause: () => Promise<unknown>;
}

async function run(name: string, { replica, maker, pause }: Run): Promise<void> {
  await wait(1_000);
  const idle = await watchIdleThread();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let longestCommitMs = 0;
  for (let n = 0; n < sales; n += 1) {
    const { location, device, incarnation } = replica;
    const businessDate = dateOf(systemClock());
    const draft = maker.next({ location, device, incarnation, businessDate });
    const commitMs = timed(() => void replica.commit(draft).then(value));
    longestCommitMs = Math.max(longestCommitMs, commitMs);
    await pause();
  }
  await replica.checkpoint();
  await wait(1_000);
  delay.disable();
  print(`event loop: ${sales} sales ${name}, roll-over, sealing and checkpoint included`);
  const blockMs = delay.max / 1e6;
  printBar({ name: "longest commit", value: longestCommitMs, unit: "ms", bar: 50 });
  printBar({ name: "longest hold-up of the event loop", value: blockMs, unit: "ms", bar: 50 });
  print(`  longest hold-up of a thread that does nothing ${(await idle.end()).toFixed(1)} ms`);
  print(`  99.9 % of the hold-ups within ${(delay.percentile(99.9) / 1e6).toFixed(1)} ms`);
}

/** What a projection does at least: reads every movement as it comes. */
function foldStock(replica: Replica): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  replica.subscribe((event) => {
    if (event.type !== "entries") return;
    for (const { entry } of event.entries) {
      for (const { sku, quantityMilli } of entry.movements ?? []) {
        levels.set(sku, (levels.get(sku) ?? 0) + quantityMilli);
      }
    }
  });
  return levels;
}

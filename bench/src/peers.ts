/**
 * Two tills on one network: catching up, live entries, and what they say when nothing happens.
 *
 * @module
 */

import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "@tillmesh/kernel/node";
import { testRandom } from "@tillmesh/kernel/testing";
import type { Replica } from "@tillmesh/sync-engine/node";
import { openCountingProxy, type CountingProxy, type Traffic } from "./counting-proxy.ts";
import { withoutSync } from "./disk-time.ts";
import { freePort, makeGrownShop, tillDirectory, until } from "./grown-shop.ts";
import { print, printBar, printSamples } from "./measure.ts";
import { createSaleMaker } from "./sample-sale.ts";
import {
  createShop,
  dateOf,
  joinShop,
  openShop,
  placeAt,
  publishGoods,
  value,
} from "./sample-shop.ts";

const idleMs = 60_000;
const liveSales = 1_000;

export async function benchPeers(dataDirectory: string): Promise<void> {
  const shop = await makeGrownShop(dataDirectory);
  const directory = join(dataDirectory, "peers");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const till of [1, 2]) {
    const copy = join(directory, `grown-${till}`);
    cpSync(tillDirectory(shop, till), copy, { recursive: true });
  }
  await makeYoungPair(directory);
  const grown = await openPair(directory, "grown");
  const young = await openPair(directory, "young");
  await catchUp(grown);
  await until(() => isLevel(young));
  await wait(5_000);
  await compareIdle(grown, young);
  await sellLive(grown);
  for (const { first, second } of [grown, young]) {
    await second.close();
    await first.close();
  }
  rmSync(directory, { recursive: true, force: true });
}

interface Pair {
  readonly first: Replica;
  readonly second: Replica;
  readonly proxy: CountingProxy;
}

async function makeYoungPair(directory: string): Promise<void> {
  await withoutSync(async () => {
    const [hq, till] = [1, 2].map((number) => placeAt(join(directory, `young-${number}`)));
    if (!hq || !till) return;
    await createShop(hq);
    await joinShop(hq, till, "Till 2");
    const replica = await openShop(hq);
    await publishGoods(replica, 500);
    await replica.close();
  });
}

/** The second dials the first through a proxy that counts. */
async function openPair(directory: string, name: string): Promise<Pair> {
  const listen = { host: "127.0.0.1", port: await freePort() };
  const proxy = await openCountingProxy(listen.port);
  const first = await openShop(placeAt(join(directory, `${name}-1`)), { listen, peers: [] });
  const peers = [{ host: "127.0.0.1", port: proxy.port }];
  const second = await openShop(placeAt(join(directory, `${name}-2`)), { peers });
  return { first, second, proxy };
}

function isLevel({ first, second }: Pair): boolean {
  const levels = [first, second].map((replica) => [
    replica
      .ledgers()
      .map(({ device, sequence, hash }) => `${device} ${sequence} ${hash}`)
      .toSorted(),
    ["catalogue", "prices", "taxes"].map((topic) => replica.publications(topic).length),
  ]);
  return JSON.stringify(levels[0]) === JSON.stringify(levels[1]);
}

/** Both tills run in this process, so the hold-up is that of the two together. */
async function catchUp(pair: Pair): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startMs = performance.now();
  await until(() => isLevel(pair));
  const seconds = (performance.now() - startMs) / 1_000;
  delay.disable();
  const traffic = pair.proxy.take();
  print(
    `catching up: ledgers of 7 tills (45 sealed parts) and 60,000 SKUs in ${seconds.toFixed(1)} s`,
  );
  print(`  ${(traffic.bytes / 2 ** 20).toFixed(1)} MiB in ${traffic.pieces} pieces`);
  print(`  longest hold-up of the event loop, both tills in it ${(delay.max / 1e6).toFixed(1)} ms`);
}

async function compareIdle(grown: Pair, young: Pair): Promise<void> {
  for (const { proxy } of [grown, young]) proxy.take();
  await wait(idleMs);
  const idle = [grown, young].map(({ proxy }) => proxy.take());
  for (const { proxy } of [grown, young]) proxy.breakAll();
  await wait(20_000);
  const again = [grown, young].map(({ proxy }) => proxy.take());
  print("two idle tills, bytes a minute, and what a reconnect costs (20 s, heartbeat included)");
  compare("idle", idle);
  compare("reconnect", again);
}

function compare(name: string, [grown, young]: readonly Traffic[]): void {
  if (!grown || !young) return;
  print(`  ${name}: grown ${textOf(grown)}, day one ${textOf(young)}`);
  printBar({
    name: `${name}, bytes, grown / day one`,
    value: grown.bytes / young.bytes,
    unit: "x",
    bar: 1.2,
  });
}

function textOf({ bytes, pieces }: Traffic): string {
  return `${bytes} bytes in ${pieces} pieces`;
}

/** From the return of the commit on one till until the other's listener has the entry. */
async function sellLive({ first, second }: Pair): Promise<void> {
  const committedAtMs = new Map<string, number>();
  const arrivedMs: number[] = [];
  const stop = second.subscribe((event) => {
    if (event.type !== "entries") return;
    for (const { hash } of event.entries) {
      const atMs = committedAtMs.get(hash);
      if (atMs !== undefined) arrivedMs.push(performance.now() - atMs);
    }
  });
  const maker = createSaleMaker({ random: testRandom(9), skuCount: 10_000 });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let n = 0; n < liveSales; n += 1) {
    const { location, device, incarnation } = first;
    const businessDate = dateOf(systemClock());
    const draft = maker.next({ location, device, incarnation, businessDate });
    const { hash } = value(await first.commit(draft));
    committedAtMs.set(hash, performance.now());
    await wait(20);
  }
  await until(() => arrivedMs.length >= liveSales, 60_000);
  stop();
  print(
    `live: ${liveSales} sales at 50 a second, from the commit until the other till has them on its disk`,
  );
  printSamples("arrival", arrivedMs);
  print(`  longest hold-up of the event loop, both tills in it ${(delay.max / 1e6).toFixed(1)} ms`);
}

/**
 * A shop after ninety days: eight tills, 45,000 sales, 60,000 SKUs, and a thousand sales today.
 *
 * Everything is written by the engine itself: each till commits its sales under a clock of
 * its own, then meets the first till on the loopback network. Only disk syncs are left out.
 *
 * @module
 */

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { assert } from "@tillmesh/kernel";
import { testClock, testRandom, type TestClock } from "@tillmesh/kernel/testing";
import type { Replica } from "@tillmesh/sync-engine/node";
import { withoutSync } from "./disk-time.ts";
import { print } from "./measure.ts";
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

export const grownShop = {
  tills: 8,
  days: 90,
  salesPerDay: 500,
  salesToday: 1_000,
  skuCount: 60_000,
} as const;

/** Makes the shop once and keeps it. Answers with its directory. */
export async function makeGrownShop(dataDirectory: string): Promise<string> {
  const directory = join(dataDirectory, "grown-shop");
  if (existsSync(join(directory, "ready"))) return directory;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const startMs = performance.now();
  await withoutSync(() => fill(directory));
  writeFileSync(join(directory, "ready"), "");
  print(`made the grown shop in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  return directory;
}

export function tillDirectory(directory: string, till: number): string {
  return join(directory, `till-${till}`);
}

async function fill(directory: string): Promise<void> {
  const { tills, days, salesPerDay, salesToday } = grownShop;
  await createShop(placeAt(tillDirectory(directory, 1)));
  const hq = placeAt(tillDirectory(directory, 1));
  for (let till = 2; till <= tills; till += 1) {
    await joinShop(hq, placeAt(tillDirectory(directory, till)), `Till ${till}`);
  }
  for (let till = 1; till <= tills; till += 1) {
    const clock = testClock(Date.now() - days * dayMs);
    const replica = await openShop(placeAt(tillDirectory(directory, till), clock));
    const perDay = Math.floor(salesPerDay / tills) + (till <= salesPerDay % tills ? 1 : 0);
    for (let day = 0; day < days; day += 1) await sellDay(replica, { clock, sales: perDay, till });
    if (till === 1) await sellDay(replica, { clock, sales: salesToday, till });
    await replica.close();
  }
  for (let till = 2; till <= tills; till += 1) await meet(directory, till);
  const replica = await openShop(hq);
  await publishGoods(replica, grownShop.skuCount);
  await replica.close();
}

const dayMs = 86_400_000;

interface Day {
  readonly clock: TestClock;
  readonly sales: number;
  readonly till: number;
}

async function sellDay(replica: Replica, { clock, sales, till }: Day): Promise<void> {
  const { location, device, incarnation } = replica;
  const random = testRandom(till * 1_000_000 + Math.floor(clock.nowMs() / dayMs));
  const maker = createSaleMaker({ random, skuCount: grownShop.skuCount });
  const businessDate = dateOf(clock);
  for (let sale = 0; sale < sales; sale += 1) {
    clock.advance(Math.floor(dayMs / sales / 2));
    value(await replica.commit(maker.next({ location, device, incarnation, businessDate })));
    if (sale % 20 === 0) await nextTurn();
  }
  clock.advance(dayMs / 2);
}

async function meet(directory: string, till: number): Promise<void> {
  const { first, second } = await openPair(directory, till);
  const { device } = second;
  await until(() => throughOf(first, device.id) === throughOf(second, device.id));
  await second.close();
  await first.close();
}

/** The first till, listening, and another that dials it. */
async function openPair(
  directory: string,
  till: number,
): Promise<{ readonly first: Replica; readonly second: Replica }> {
  const address = { host: "127.0.0.1", port: await freePort() };
  const first = await openShop(placeAt(tillDirectory(directory, 1)), {
    listen: address,
    peers: [],
  });
  const second = await openShop(placeAt(tillDirectory(directory, till)), { peers: [address] });
  return { first, second };
}

export async function until(isTrue: () => boolean, withinMs = 300_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isTrue()) {
    assert(performance.now() < endMs, `nothing came for ${withinMs} ms`);
    await wait(20);
  }
}

function throughOf(replica: Replica, device: string): number {
  return replica.ledgers().find((ledger) => ledger.device === device)?.sequence ?? 0;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert(address !== null && typeof address === "object", "a listening server has a port");
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

/**
 * A shop that was without a link for three days: eight tills of 3,300 sales each, and an HQ that has none of them.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testClock, testRandom } from "@tillmesh/kernel/testing";
import { withoutSync } from "./disk-time.ts";
import { print } from "./measure.ts";
import { createSaleMaker } from "./sample-sale.ts";
import { createShop, dateOf, joinShop, openShop, placeAt, value } from "./sample-shop.ts";

export const awayShop = { tills: 8, salesPerTill: 3_300, hours: 72, skuCount: 500 } as const;

/** How far each till's ledger goes, by device. */
export type LedgerEnds = Readonly<Record<string, number>>;

export interface AwayShop {
  readonly hq: string;
  readonly tills: readonly string[];
  readonly ends: LedgerEnds;
}

/** Makes the shop once and keeps it. */
export async function makeAwayShop(dataDirectory: string): Promise<AwayShop> {
  const directory = join(dataDirectory, "away-shop");
  const hq = join(directory, "hq");
  const tills = Array.from({ length: awayShop.tills }, (_, n) => join(directory, `till-${n + 1}`));
  const ready = join(directory, "ends.json");
  if (!existsSync(ready)) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const startMs = performance.now();
    const ends = await withoutSync(() => fill(hq, tills));
    writeFileSync(ready, JSON.stringify(ends));
    print(`made the shop in ${((performance.now() - startMs) / 1_000).toFixed(0)} s`);
  }
  return { hq, tills, ends: JSON.parse(readFileSync(ready, "utf8")) as LedgerEnds };
}

async function fill(hq: string, tills: readonly string[]): Promise<LedgerEnds> {
  await createShop(placeAt(hq));
  const ends: [string, number][] = [];
  for (const [index, till] of tills.entries()) {
    await joinShop(placeAt(hq), placeAt(till), `Till ${index + 1}`);
    ends.push(await sellAway(till, index));
  }
  return Object.fromEntries(ends);
}

async function sellAway(directory: string, seed: number): Promise<[string, number]> {
  const { salesPerTill, hours, skuCount } = awayShop;
  const clock = testClock(Date.now() - hours * hourMs);
  const replica = await openShop(placeAt(directory, clock));
  const { location, device, incarnation } = replica;
  const maker = createSaleMaker({ random: testRandom(seed), skuCount });
  for (let sale = 0; sale < salesPerTill; sale += 1) {
    clock.advance(Math.floor((hours * hourMs) / salesPerTill));
    const businessDate = dateOf(clock);
    value(await replica.commit(maker.next({ location, device, incarnation, businessDate })));
    // Full parts are sealed in between.
    if (sale % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const end = replica.ledgers().find((ledger) => ledger.device === device.id)?.sequence ?? 0;
  await replica.close();
  return [device.id, end];
}

const hourMs = 3_600_000;

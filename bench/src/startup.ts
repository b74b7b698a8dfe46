/**
 * A till after ninety days: how soon it sells, what it holds in memory, and what a sale costs then.
 *
 * Each start is a process of its own; starts of a day-one till take turns with it.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { withoutSync } from "./disk-time.ts";
import { makeGrownShop, tillDirectory } from "./grown-shop.ts";
import { median, print, printBar } from "./measure.ts";
import { createShop, openShop, placeAt, publishGoods } from "./sample-shop.ts";

const starts = 5;
const idleSeconds = 30;
const salesAfter = 300;

export async function benchStartup(dataDirectory: string): Promise<void> {
  const shop = await makeGrownShop(dataDirectory);
  const directory = join(dataDirectory, "startup");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const grown = join(directory, "grown");
  const young = join(directory, "day-one");
  cpSync(tillDirectory(shop, 1), grown, { recursive: true });
  await makeYoungTill(young);
  const runs: { readonly grown: Start[]; readonly young: Start[] } = { grown: [], young: [] };
  for (let n = 0; n < starts; n += 1) {
    const isLast = n === starts - 1;
    runs.grown.push(await startOnce(grown, isLast));
    runs.young.push(await startOnce(young, isLast));
  }
  report(runs.grown, runs.young);
  rmSync(directory, { recursive: true, force: true });
}

/** 500 SKUs, no sale yet. */
async function makeYoungTill(directory: string): Promise<void> {
  await withoutSync(async () => {
    const place = placeAt(directory);
    await createShop(place);
    const replica = await openShop(place);
    await publishGoods(replica, 500);
    await replica.close();
  });
}

/** What `startup-child.ts` prints. Times count from the start of its process. */
interface Start {
  readonly loadedMs: number;
  readonly openMs: number;
  readonly firstSaleMs: number;
  readonly processorMs: number;
  readonly rssAtStartMb: number;
  readonly rssIdleMb: number;
  readonly commitMs: readonly number[];
  readonly longestHoldUpMs: number;
}

async function startOnce(directory: string, isLast: boolean): Promise<Start> {
  const child = fileURLToPath(import.meta.resolve("./startup-child.ts"));
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@tillmesh/source",
    child,
    directory,
    String(isLast ? idleSeconds : 0),
    String(isLast ? salesAfter : 0),
  ]);
  return JSON.parse(stdout) as Start;
}

function report(grown: readonly Start[], young: readonly Start[]): void {
  print("startup: 60,000 SKUs, 8 tills, 45,000 sales behind, 1,000 today; medians of 5 starts");
  const pick = (all: readonly Start[], figure: Exclude<keyof Start, "commitMs">): number =>
    median(all.map((start) => start[figure]));
  for (const [name, all] of [["grown", grown] as const, ["day one", young] as const]) {
    const [loaded, opened, sold, processor] = (
      ["loadedMs", "openMs", "firstSaleMs", "processorMs"] as const
    ).map((figure) => (pick(all, figure) / 1_000).toFixed(2));
    print(
      `  ${name.padEnd(8)} modules ${loaded} s, open ${opened} s, sold ${sold} s; processor ${processor} s`,
    );
  }
  const last = grown.at(-1);
  const lastYoung = young.at(-1);
  if (!last || !lastYoung) return;
  const sold = pick(grown, "firstSaleMs") / 1_000;
  printBar({ name: "process start until the first sale", value: sold, unit: "s", bar: 2 });
  printBar({
    name: `RSS after ${idleSeconds} s idle`,
    value: last.rssIdleMb,
    unit: "MB",
    bar: 400,
  });
  const ratio = median(last.commitMs) / median(lastYoung.commitMs);
  printBar({ name: "commit p50, grown / day one", value: ratio, unit: "x", bar: 1.2 });
  print(
    `  longest hold-up of the event loop after the start ${last.longestHoldUpMs.toFixed(1)} ms`,
  );
}

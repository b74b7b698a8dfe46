/**
 * The cost of a commit: against a signature, against the disk, against plain automerge-repo.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import { canonicalJson, type EntryDraft, type Json } from "@tillmesh/kernel";
import { testRandom } from "@tillmesh/kernel/testing";
import type { Replica } from "@tillmesh/sync-engine/node";
import { watchDisk, withoutSync, type DiskTime } from "./disk-time.ts";
import { createSignatureFloor, openAppendFloor } from "./floor.ts";
import { median, percentile, print, printBar, printSamples, type Samples } from "./measure.ts";
import { openPlainRepo, type PlainEntry } from "./plain-repo.ts";
import { createSaleMaker, type SaleMaker } from "./sample-sale.ts";
import { createShop, dateOf, openShop, placeAt, publishGoods, value } from "./sample-shop.ts";
import { systemClock } from "@tillmesh/kernel/node";

const salesBefore = 1_000;
const skuCount = 10_000;
const blocks = 50;
const blockLength = 20;

export async function benchCommit(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, "commit");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const place = placeAt(join(directory, "till"));
  const { replica, sales } = await withoutSync(async () => {
    await createShop(place);
    const opened = await openShop(place);
    await publishGoods(opened, skuCount);
    const maker = createSaleMaker({ random: testRandom(1), skuCount });
    for (let n = 0; n < salesBefore; n += 1) value(await opened.commit(nextSale(opened, maker)));
    await opened.checkpoint();
    return { replica: opened, sales: maker };
  });
  await wait(500);
  const disk = watchDisk();
  const measured = await runRounds({ replica, sales, disk, directory });
  disk.end();
  report(measured);
  await replica.close();
  rmSync(directory, { recursive: true, force: true });
}

interface Setup {
  readonly replica: Replica;
  readonly sales: SaleMaker;
  readonly disk: DiskTime;
  readonly directory: string;
}

interface Measured {
  readonly signature: number[];
  readonly append: number[];
  readonly commit: number[];
  /** Commit less its write and sync. */
  readonly above: number[];
  readonly plain: number[];
  readonly sizeBytes: number[];
  /** Processor time per sale of a paced run, with everything that follows the answer. */
  processMs: number;
}

/** Blocks of each side take turns: what else the machine does meets all of them, and none runs on cold caches only. */
async function runRounds({ replica, sales, disk, directory }: Setup): Promise<Measured> {
  const signature = createSignatureFloor();
  const floor = openAppendFloor(join(directory, "floor"), 8_388_608);
  const before = Array.from({ length: salesBefore }, () => plainEntry(nextSale(replica, sales)));
  const plain = await openPlainRepo(join(directory, "plain"), before);
  const measured = emptyMeasured();
  for (let block = 0; block < blocks; block += 1) {
    const drafts = Array.from({ length: blockLength }, () => nextSale(replica, sales));
    for (const _ of drafts) measured.signature.push(signature());
    for (const draft of drafts) await commitOnce({ replica, disk, measured }, draft);
    const bytes = disk.lastWrite().slice();
    for (const _ of drafts) {
      measured.append.push(floor.append(bytes));
      await nextTurn();
    }
    for (const draft of drafts) measured.plain.push(await plain.commit(plainEntry(draft)));
  }
  await plain.end();
  floor.end();
  measured.processMs = await processTimePerSale(replica, sales);
  return measured;
}

function emptyMeasured(): Measured {
  const lists = { signature: [], append: [], commit: [], above: [], plain: [], sizeBytes: [] };
  return { ...lists, processMs: 0 };
}

async function commitOnce(
  { replica, disk, measured }: Pick<Setup, "replica" | "disk"> & { readonly measured: Measured },
  draft: EntryDraft,
): Promise<void> {
  disk.take();
  const startMs = performance.now();
  const committed = replica.commit(draft);
  const totalMs = performance.now() - startMs;
  measured.commit.push(totalMs);
  measured.above.push(totalMs - disk.take());
  measured.sizeBytes.push(disk.lastWrite().length);
  value(await committed);
  await nextTurn();
}

/** Twenty sales a second: bursts that share background work would flatter the figure. */
async function processTimePerSale(replica: Replica, sales: SaleMaker): Promise<number> {
  const drafts = Array.from({ length: 200 }, () => nextSale(replica, sales));
  await wait(1_000);
  const before = process.cpuUsage();
  for (const draft of drafts) {
    value(await replica.commit(draft));
    await wait(50);
  }
  await wait(500);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / drafts.length;
}

function report({ signature, append, commit, above, plain, sizeBytes, processMs }: Measured): void {
  print(
    `commit: ${salesBefore} sales before, ${skuCount} SKUs, ${median(sizeBytes)} bytes a record`,
  );
  printSamples("one Ed25519 signature", signature);
  printSamples("append + fdatasync of the same bytes", append);
  printSamples("commit", commit);
  printSamples("commit above its write and sync", above);
  printSamples("plain automerge-repo: change + flush", plain);
  print(`  processor time per sale at 20/s, all of the process   ${processMs.toFixed(3)} ms`);
  printBar({
    name: "processor above append / signature, p50",
    value: ratioOf(above, signature),
    unit: "x",
    bar: 12,
  });
  printBar({
    name: "commit / append + fdatasync, p50",
    value: ratioOf(commit, append),
    unit: "x",
    bar: 5,
  });
  printBar({
    name: "commit / append + fdatasync, p99",
    value: ratioOf(commit, append, 0.99),
    unit: "x",
    bar: 8,
  });
  printBar({
    name: "plain automerge-repo / commit, p50",
    value: ratioOf(plain, commit),
    unit: "x",
    bar: 5,
    isFloor: true,
  });
  print(
    `  all processor time per sale / signature               ${(processMs / median(signature)).toFixed(1)} x`,
  );
}

function nextSale(replica: Replica, sales: SaleMaker): EntryDraft {
  const { location, device, incarnation } = replica;
  return sales.next({ location, device, incarnation, businessDate: dateOf(systemClock()) });
}

function plainEntry(draft: EntryDraft): PlainEntry {
  return { text: canonicalJson(draft as unknown as Json), movements: draft.movements ?? [] };
}

function ratioOf(a: Samples, b: Samples, share = 0.5): number {
  return percentile(a, share) / percentile(b, share);
}

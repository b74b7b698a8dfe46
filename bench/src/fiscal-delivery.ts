/**
 * A till that was without a line for days delivers its backlog to a fake authority over HTTP: ten times the backlog, the same memory.
 *
 * @module
 */

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { initialDelivery, veriFactu } from "@tillmesh/fiscal-queue";
import { assert } from "@tillmesh/kernel";
import type { AuthorityReport } from "./fiscal-authority.ts";
import type { Delivered, DeliveryJob } from "./fiscal-delivery-child.ts";
import { openFiscalOutbox } from "./fiscal-outbox.ts";
import { sealedDays } from "./fiscal-sealer.ts";
import { fiscalShops, type FiscalShop } from "./fiscal-shops.ts";
import { print, printBar } from "./measure.ts";

const backlogs = [1_000, 10_000] as const;
const daysAway = 3;

export async function benchDelivery(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, "fiscal", "delivery");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const runs: Delivered[] = [];
  for (const backlog of backlogs) runs.push(await deliverBacklog(directory, backlog));
  rmSync(directory, { recursive: true, force: true });
  const [small, large] = runs;
  if (small === undefined || large === undefined) return;
  const grows = (figure: "rssPeakBytes" | "keptPeakBytes") => large[figure] / small[figure];
  const name = `at ${backlogs[1]} / at ${backlogs[0]}`;
  printBar({ name: `RSS at its peak, ${name}`, value: grows("rssPeakBytes"), unit: "x", bar: 1.5 });
  printBar({
    name: `heap after collections, ${name}`,
    value: grows("keptPeakBytes"),
    unit: "x",
    bar: 1.2,
  });
}

async function deliverBacklog(directory: string, backlog: number): Promise<Delivered> {
  const shop = spanishShop();
  const path = join(directory, `${backlog}.sqlite`);
  await fill(path, shop, backlog);
  const authority = fork(join(import.meta.dirname, "fiscal-authority.ts"), { execArgv });
  const { baseUrl } = await messageOf<{ readonly baseUrl: string }>(authority);
  const delivered = await runSender({ path, baseUrl, config: shop.config });
  authority.send("report");
  const report = await messageOf<AuthorityReport>(authority);
  authority.disconnect();
  assert(report.acceptedCount === backlog, `${report.acceptedCount} of ${backlog} were accepted`);
  assert(delivered.acceptedCount === backlog, "the outbox knows of each");
  printRun(backlog, delivered, report);
  return delivered;
}

const execArgv = ["--conditions=@tillmesh/source", "--expose-gc"];

async function runSender(job: DeliveryJob): Promise<Delivered> {
  const child = fork(join(import.meta.dirname, "fiscal-delivery-child.ts"), { execArgv });
  await messageOf(child);
  child.send(job);
  return messageOf<Delivered>(child);
}

async function messageOf<T>(child: ChildProcess): Promise<T> {
  const cancel = new AbortController();
  const { signal } = cancel;
  const ended = once(child, "exit", { signal }).then(() => {
    throw new Error("the process ended");
  });
  ended.catch(() => undefined);
  try {
    const [message] = (await Promise.race([once(child, "message", { signal }), ended])) as [T];
    return message;
  } finally {
    cancel.abort();
  }
}

function printRun(
  backlog: number,
  { steps, ms, cpuMs, rssPeakBytes, heapPeakBytes, keptPeakBytes }: Delivered,
  { requestCount, isInOrder }: AuthorityReport,
): void {
  const [rss, heap, kept] = [rssPeakBytes, heapPeakBytes, keptPeakBytes].map((bytes) =>
    (bytes / 1e6).toFixed(0),
  );
  const order = isInOrder ? "each once, in order" : "OUT OF ORDER";
  print(`fiscal: a backlog of ${backlog} after ${daysAway} days, ${order}`);
  print(
    `  ${requestCount} requests in ${steps} steps, ${(ms / 1_000).toFixed(1)} s (processor of the sender ${(cpuMs / 1_000).toFixed(1)} s)`,
  );
  print(`  RSS at its peak ${rss} MB, heap at its peak ${heap} MB, after collections ${kept} MB`);
}

function spanishShop(): FiscalShop {
  const shop = fiscalShops["es-verifactu"]?.();
  assert(shop?.regime === veriFactu, "Spain is among the shops");
  return shop;
}

async function fill(path: string, shop: FiscalShop, backlog: number): Promise<void> {
  const { delivery } = veriFactu;
  assert(delivery !== undefined, "Spain transmits");
  const outbox = openFiscalOutbox(path, initialDelivery(delivery.initialThrottle));
  await outbox.add(sealedDays(shop, { count: backlog, days: daysAway }));
  outbox.close();
}

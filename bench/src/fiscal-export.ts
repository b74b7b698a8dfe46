/**
 * A year's SAF-T of a Norwegian till, in pieces: ten times the documents, the same memory.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fiscalTimeAt, initialDelivery, norwaySaft } from "@tillmesh/fiscal-queue";
import { createFiscalCrypto } from "@tillmesh/fiscal-queue/node";
import { assert } from "@tillmesh/kernel";
import { openFiscalOutbox, type FiscalOutbox } from "./fiscal-outbox.ts";
import { sealedDays } from "./fiscal-sealer.ts";
import { fiscalShops, type FiscalShop } from "./fiscal-shops.ts";
import { print, printBar } from "./measure.ts";

const counts = [1_000, 10_000] as const;
const days = 300;

export async function benchExport(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, "fiscal", "export");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const kept: number[] = [];
  for (const count of counts) {
    const shop = fiscalShops["no-saft"]?.();
    assert(shop !== undefined, "Norway is among the shops");
    const noDelivery = initialDelivery({ notBeforeMs: 0, waitMs: 0, lastSentMs: 0 });
    const ledger = openFiscalOutbox(join(directory, `${count}.sqlite`), noDelivery);
    await ledger.add(sealedDays(shop, { count, days }));
    kept.push(await exportOnce(ledger, shop, count));
    ledger.close();
  }
  rmSync(directory, { recursive: true, force: true });
  const [small = 0, large = 0] = kept;
  const name = `heap after collections, at ${counts[1]} / at ${counts[0]}`;
  printBar({ name, value: large / small, unit: "x", bar: 1.2 });
}

/** Answers with the most bytes that a collection left over. */
async function exportOnce(ledger: FiscalOutbox, shop: FiscalShop, count: number): Promise<number> {
  const { config, secrets } = shop;
  const at = fiscalTimeAt(Date.now(), config.timeZone);
  const input = { config, secrets, crypto: createFiscalCrypto(), at };
  const writer = norwaySaft.exports["saft-cr"];
  assert(writer !== undefined, "Norway exports SAF-T");
  let [sizeBytes, pieceCount, keptBytes, pieceMax] = [0, 0, 0, 0];
  const startMs = performance.now();
  for await (const piece of writer.write(ledger.documents(), input)) {
    sizeBytes += piece.length;
    pieceMax = Math.max(pieceMax, piece.length);
    pieceCount += 1;
    if (pieceCount % 2_000 === 0) keptBytes = Math.max(keptBytes, heapAfterCollection());
  }
  const seconds = (performance.now() - startMs) / 1_000;
  keptBytes = Math.max(keptBytes, heapAfterCollection());
  const size = (sizeBytes / 1e6).toFixed(1);
  print(`fiscal: SAF-T of ${count} documents, ${size} MB in ${seconds.toFixed(1)} s`);
  print(
    `  ${pieceCount} pieces of at most ${pieceMax} characters; heap after collections ${(keptBytes / 1e6).toFixed(1)} MB at its peak`,
  );
  return keptBytes;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapAfterCollection(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

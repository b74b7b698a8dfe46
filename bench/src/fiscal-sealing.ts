/**
 * What sealing adds to the commit of a sale, for each regime, at two lengths of its chain.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { EntryDraft, Json, JsonObject } from "@tillmesh/kernel";
import { systemClock } from "@tillmesh/kernel/node";
import { testRandom } from "@tillmesh/kernel/testing";
import type { SaleBody } from "@tillmesh/sales-ledger";
import type { Replica } from "@tillmesh/sync-engine/node";
import { watchDisk, withoutSync, type DiskTime } from "./disk-time.ts";
import { createSignatureFloor } from "./floor.ts";
import { openSealer, type Sealer } from "./fiscal-sealer.ts";
import { receiptOf, type FiscalShop } from "./fiscal-shops.ts";
import { median, print, printBar, printSamples, type Samples } from "./measure.ts";
import { createSaleMaker, type SaleMaker } from "./sample-sale.ts";
import { createShop, dateOf, openShop, placeAt, publishGoods, value } from "./sample-shop.ts";

const lengths = [1_000, 10_000] as const;
const skuCount = 500;
const blocks = 25;
const blockLength = 20;

export async function benchSealing(dataDirectory: string, shop: FiscalShop): Promise<void> {
  const directory = join(dataDirectory, "fiscal", shop.regime.id);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const till = await openTill(join(directory, "till"), shop);
  const [first, last] = lengths;
  await withoutSync(async () => {
    for (let sale = 0; sale < first; sale += 1) await commit(till, await sealedSale(till));
    await till.replica.checkpoint();
  });
  const disk = watchDisk();
  const short = await measure({ ...till, disk });
  report(short, { regime: shop.regime.id, length: first });
  // The chain grows here and the ledger does not: what a long ledger costs is measured elsewhere, and meets both sides.
  for (let sealed = first + blocks * blockLength; sealed < last; sealed += 1) {
    await sealedSale(till);
  }
  const long = await measure({ ...till, disk });
  disk.end();
  report(long, { regime: shop.regime.id, length: last });
  reportGrowth(short, long);
  await till.replica.close();
  rmSync(directory, { recursive: true, force: true });
}

interface Till {
  readonly replica: Replica;
  readonly sales: SaleMaker;
  readonly sealer: Sealer;
  readonly shop: FiscalShop;
}

type Watched = Till & { readonly disk: DiskTime };

interface Measured {
  /** One Ed25519 signature: how fast the machine is just now. */
  readonly signature: number[];
  /** Commit of a sale without a seal. */
  readonly plain: number[];
  /** Seal, and commit with it. */
  readonly sealed: number[];
  /** The same two less their writes and syncs. */
  readonly plainAbove: number[];
  readonly sealedAbove: number[];
  /** The seal's part. */
  readonly seal: number[];
  readonly documentBytes: number[];
}

async function openTill(directory: string, shop: FiscalShop): Promise<Till> {
  const place = placeAt(directory);
  const replica = await withoutSync(async () => {
    await createShop(place);
    const opened = await openShop(place);
    await publishGoods(opened, skuCount);
    return opened;
  });
  const sales = createSaleMaker({ random: testRandom(1), skuCount });
  return { replica, sales, shop, sealer: await openSealer(shop) };
}

/** Blocks of each side take turns: what else the machine does meets both. */
async function measure(till: Watched): Promise<Measured> {
  const measured = emptyMeasured();
  const signature = createSignatureFloor();
  for (let block = 0; block < blocks; block += 1) {
    const drafts = Array.from({ length: blockLength }, () => nextSale(till));
    for (const _ of drafts) measured.signature.push(signature());
    for (const draft of drafts) {
      till.disk.take();
      const startMs = performance.now();
      await commit(till, draft);
      const totalMs = performance.now() - startMs;
      measured.plain.push(totalMs);
      measured.plainAbove.push(totalMs - till.disk.take());
      await nextTurn();
    }
    for (let sale = 0; sale < blockLength; sale += 1) await sealOnce(till, measured);
  }
  return measured;
}

function emptyMeasured(): Measured {
  const lists = { signature: [], plain: [], sealed: [], plainAbove: [], sealedAbove: [] };
  return { ...lists, seal: [], documentBytes: [] };
}

async function sealOnce(till: Watched, measured: Measured): Promise<void> {
  const draft = nextSale(till);
  till.disk.take();
  const startMs = performance.now();
  const whole = await withSeal(till, draft);
  measured.seal.push(performance.now() - startMs);
  await commit(till, whole);
  const totalMs = performance.now() - startMs;
  measured.sealed.push(totalMs);
  measured.sealedAbove.push(totalMs - till.disk.take());
  measured.documentBytes.push(JSON.stringify(bodyOf(whole).fiscal).length);
  await nextTurn();
}

function nextSale({ replica, sales }: Till): EntryDraft {
  const { location, device, incarnation } = replica;
  return sales.next({ location, device, incarnation, businessDate: dateOf(systemClock()) });
}

async function sealedSale(till: Till): Promise<EntryDraft> {
  return withSeal(till, nextSale(till));
}

/** The document stands in the sale's own entry: they exist together or not at all. */
async function withSeal({ sealer, shop }: Till, draft: EntryDraft): Promise<EntryDraft> {
  const document = await sealer.seal(receiptOf(bodyOf(draft), shop));
  const fiscal: JsonObject = document;
  return { ...draft, body: { ...bodyOf(draft), fiscal } as Json };
}

function bodyOf({ body }: EntryDraft): SaleBody {
  return body as unknown as SaleBody;
}

async function commit({ replica }: Till, draft: EntryDraft): Promise<void> {
  value(await replica.commit(draft));
}

function report(
  measured: Measured,
  { regime, length }: { readonly regime: string; readonly length: number },
): void {
  const { signature, plain, sealed, plainAbove, sealedAbove, seal, documentBytes } = measured;
  print(`fiscal: ${regime}, ${length} documents before, ${median(documentBytes)} bytes each`);
  printSamples("one Ed25519 signature", signature);
  printSamples("commit of a sale", plain);
  printSamples("seal, and commit of a sale with its seal", sealed);
  printSamples("the seal of it", seal);
  const adds = (name: string, [before, after]: readonly [Samples, Samples]) =>
    printBar({
      name: `${regime} adds at ${length}${name}, p50`,
      value: median(after) - median(before),
      unit: "ms",
      bar: 2,
    });
  adds("", [plain, sealed]);
  adds(", less write and sync", [plainAbove, sealedAbove]);
  print(`  with seal / without, p50   ${(median(sealed) / median(plain)).toFixed(1)} x`);
}

/** What is added must not grow with the chain. */
function reportGrowth(short: Measured, long: Measured): void {
  const name = `seal at ${lengths[1]} / at ${lengths[0]}, p50`;
  printBar({ name, value: median(long.seal) / median(short.seal), unit: "x", bar: 1.5 });
}

/**
 * A shop back after 72 hours, handed to a fresh HQ over the relay: against the same bundles from a bare server, and
 * against plain automerge-repo peers. `npm run bench -- hand-over`
 *
 * @module
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defaultLimits, openReplica, readDeviceIdentity } from "@tillmesh/sync-engine/node";
import { openPlainDocuments } from "./relay-hand-over-automerge.ts";
import { until } from "./grown-shop.ts";
import { median, print, printBar } from "./measure.ts";
import { serveBundles, takeBundles } from "./relay-hand-over-bundles.ts";
import { awayShop, makeAwayShop, type AwayShop, type LedgerEnds } from "./relay-hand-over-shop.ts";
import { startServer } from "./relay-child.ts";
import { placeAt, value } from "./sample-shop.ts";

/** What a process of its own is to fetch, from where. */
export interface Receiving {
  readonly kind: ReceiverKind;
  readonly port: number;
  /** Its own, to keep what came. */
  readonly directory: string;
  readonly ends: LedgerEnds;
  /** Of bundles, or addresses of documents. */
  readonly names: readonly string[];
}

/** `replica`: the same bundles, applied by the same replica; `bundles`: as little as can be called applied. */
export type ReceiverKind = "relay" | "replica" | "bundles" | "automerge";

export interface Received {
  readonly ms: number;
  readonly cpuMs: number;
  /** Longest turn of the event loop. */
  readonly heldUpMs: number;
}

const rounds = 5;
const kinds = ["relay", "replica", "bundles", "automerge"] as const;

export async function benchHandOver(dataDirectory: string): Promise<void> {
  const shop = await makeAwayShop(dataDirectory);
  const directory = join(dataDirectory, "hand-over");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const identity = value(await readDeviceIdentity(placeAt(shop.hq)));
  const relay = await startServer({ kind: "relay", directory, ca: identity.caCertificate });
  await publishAll(shop, { directory, port: relay.port });
  const bundles = await takeBundles(relay.port, shop.hq);
  const bare = await serveBundles(bundles);
  const plain = await openPlainDocuments(bundles, dataDirectory);
  const hashes = bundles.map(({ sha256 }) => sha256);
  const from: Record<ReceiverKind, Pick<Receiving, "port" | "names">> = {
    relay: { port: relay.port, names: [] },
    replica: { port: bare.port, names: hashes },
    bundles: { port: bare.port, names: hashes },
    automerge: { port: plain.port, names: plain.urls },
  };
  const results: Record<ReceiverKind, Received[]> = {
    relay: [],
    replica: [],
    bundles: [],
    automerge: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of kinds) {
      const own = join(directory, `${kind}-${round}`);
      if (kind === "relay" || kind === "replica") cpSync(shop.hq, own, { recursive: true });
      else mkdirSync(own);
      const { ends } = shop;
      const received = await receive({ kind, directory: own, ends, ...from[kind] });
      results[kind].push(received);
      print(`  ${round + 1} ${kind.padEnd(10)} ${textOf(received)}`);
      rmSync(own, { recursive: true, force: true });
    }
  }
  printResults(results);
  await bare.close();
  await plain.close();
  await relay.stop();
}

/** The tills come back one after the other, each by its own uplink. */
async function publishAll(
  { tills }: AwayShop,
  { directory, port }: { readonly directory: string; readonly port: number },
): Promise<void> {
  const startMs = performance.now();
  const partsOfTill = Math.floor(awayShop.salesPerTill / defaultLimits.partEntriesMax);
  for (const [index, till] of tills.entries()) {
    const copy = join(directory, `till-${index}`);
    cpSync(till, copy, { recursive: true });
    const relay = { url: `ws://127.0.0.1:${port}` };
    const replica = value(await openReplica({ ...placeAt(copy), relay }));
    await until(() => {
      const { horizon, relay: link } = replica.status();
      const parts = link?.channels.find(({ lane }) => lane === 3)?.storedOffset ?? 0;
      return horizon.relay === horizon.entries && parts >= (index + 1) * partsOfTill;
    }, publishMaxMs);
    await replica.close();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  print(`hand-over: the tills published one after the other in ${seconds.toFixed(1)} s`);
}

const publishMaxMs = 1_800_000;

async function receive(job: Receiving): Promise<Received> {
  const profile = process.env["HAND_OVER_PROFILE"];
  const isProfiled = profile !== undefined && job.kind === "relay";
  const child = fork(join(import.meta.dirname, "relay-hand-over-child.ts"), {
    execArgv: [
      "--conditions=@tillmesh/source",
      ...(isProfiled ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : []),
    ],
  });
  await once(child, "message");
  child.send(job);
  const [received] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`the ${job.kind} receiver ended`))),
  ])) as [Received];
  if (child.exitCode === null) await once(child, "exit");
  return received;
}

function printResults(results: Readonly<Record<ReceiverKind, readonly Received[]>>): void {
  const { tills, salesPerTill } = awayShop;
  print(`hand-over: ${tills} tills x ${salesPerTill} sales, medians of ${rounds} rounds`);
  const medianOf = (kind: ReceiverKind): number => median(results[kind].map(({ ms }) => ms));
  for (const kind of kinds) {
    const [ms, cpuMs, heldUpMs] = (["ms", "cpuMs", "heldUpMs"] as const).map((figure) =>
      median(results[kind].map((one) => one[figure])),
    );
    print(`  ${kind.padEnd(12)} ${textOf({ ms, cpuMs, heldUpMs } as Received)}`);
  }
  const relay = medianOf("relay");
  const isSame = { unit: "x", bar: 2 } as const;
  printBar({
    name: "relay / same replica, no protocol",
    value: relay / medianOf("replica"),
    ...isSame,
  });
  printBar({ name: "relay / bare bundles", value: relay / medianOf("bundles"), ...isSame });
  printBar({
    name: "relay / automerge-repo",
    value: relay / medianOf("automerge"),
    unit: "x",
    bar: 1,
  });
}

function textOf({ ms, cpuMs, heldUpMs }: Received): string {
  const [seconds, processor] = [ms, cpuMs].map((one) => (one / 1_000).toFixed(2));
  return `${seconds} s, processor ${processor} s, longest turn ${heldUpMs.toFixed(0)} ms`;
}

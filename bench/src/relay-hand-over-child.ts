/**
 * Fetches a shop's sales in a process of its own: over the relay, as bare bundles, or as plain automerge-repo peer.
 *
 * @module
 */

import fs from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { join } from "node:path";
// oxlint-disable-next-line no-restricted-imports -- this is what the relay is measured against
import { Repo, type AutomergeUrl } from "@automerge/automerge-repo";
// oxlint-disable-next-line no-restricted-imports -- see above
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
// oxlint-disable-next-line no-restricted-imports -- see above
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { assert, hex, type Entry } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import { openReplica, type Replica } from "@tillmesh/sync-engine/node";
import type { Bundle, BundleItem } from "@tillmesh/sync-engine/relay-protocol";
import {
  acceptPart,
  openReplicaParts,
  parseDocumentName,
  receiveTexts,
  type OpenedReplica,
} from "@tillmesh/sync-engine/testing";
import { WebSocket } from "ws";
import type { Received, ReceiverKind, Receiving } from "./relay-hand-over.ts";
import type { TillDocument } from "./relay-hand-over-automerge.ts";
import type { LedgerEnds } from "./relay-hand-over-shop.ts";
import { openBundle } from "./relay-hand-over-bundles.ts";
import { placeAt, value } from "./sample-shop.ts";

const receivers: Readonly<Record<ReceiverKind, (job: Receiving) => Promise<void>>> = {
  relay: receiveOverRelay,
  replica: receiveInReplica,
  bundles: receiveBundles,
  automerge: receiveDocuments,
};

process.once("message", (job: Receiving) => void measure(job));
process.send?.("ready");

async function measure(job: Receiving): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = process.cpuUsage();
  const startMs = performance.now();
  await receivers[job.kind](job);
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  const received: Received = { ms, cpuMs: (user + system) / 1_000, heldUpMs: delay.max / 1e6 };
  process.send?.(received, () => process.exit(0));
}

/** From the opening of an HQ that has nothing until every till's ledger is here to its end, and durable. */
async function receiveOverRelay({ directory, port, ends }: Receiving): Promise<void> {
  const relay = { url: `ws://127.0.0.1:${port}` };
  const replica = value(await openReplica({ ...placeAt(directory), relay }));
  await untilWhole(replica, ends);
}

async function untilWhole(replica: Replica, ends: LedgerEnds): Promise<void> {
  const isWhole = (): boolean => {
    const ledgers = new Map(replica.ledgers().map(({ device, sequence }) => [device, sequence]));
    return Object.entries(ends).every(([device, end]) => ledgers.get(device as never) === end);
  };
  await new Promise<void>((resolve) => {
    replica.subscribe(({ type }) => {
      if (type === "entries" && isWhole()) resolve();
    });
  });
  assert(replica.exceptions().length === 0, JSON.stringify(replica.exceptions()));
}

/** The same replica, with the same checks and the same disk, that is handed the bundles without any protocol. */
async function receiveInReplica(job: Receiving): Promise<void> {
  const { parts, replica } = value(await openReplicaParts(placeAt(job.directory)));
  const whole = untilWhole(replica, job.ends);
  for await (const { items } of bundlesFrom(job)) {
    for (const item of items) takeItem(parts.state, item);
  }
  await whole;
}

function takeItem(state: OpenedReplica["parts"]["state"], item: BundleItem): void {
  if (item.type === "devices") for (const chain of item.chains) state.ports.trust.learn(chain);
  if (item.type === "entries") {
    const name = parseDocumentName(item.document);
    assert(name !== undefined, item.document);
    value(receiveTexts(state, { name, texts: item.texts }, { peer: "bundles" }));
  }
  if (item.type !== "part") return;
  const part = state.ledgers.get(`${item.device}/${item.incarnation}`)?.wanted.get(item.sha256);
  assert(part !== undefined, "the part after it came before");
  value(acceptPart(state, part, item.text));
}

/** In their order, each with its hash compared. */
async function* bundlesFrom({ port, names }: Receiving): AsyncGenerator<Bundle> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const crypto = nodeCrypto();
  const waiting: Buffer[] = [];
  let wake: (() => void) | undefined;
  socket.on("message", (data: Buffer) => {
    waiting.push(data);
    wake?.();
  });
  for (const name of names) {
    while (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const bytes = waiting.shift() ?? Buffer.alloc(0);
    assert(hex(crypto.sha256(bytes)) === name, "the bundle has its hash");
    yield await openBundle(bytes);
  }
  socket.terminate();
}

/** The least that can be called applied: entries are parsed and folded into stock, and their texts are on the disk. */
async function receiveBundles(job: Receiving): Promise<void> {
  const shop: Applied = { throughs: new Map(), stock: new Map() };
  let count = 0;
  for await (const bundle of bundlesFrom(job)) {
    count += 1;
    await applyBundle(shop, bundle, join(job.directory, String(count)));
  }
  for (const [device, end] of Object.entries(job.ends)) {
    assert(shop.throughs.get(device) === end, device);
  }
}

interface Applied {
  readonly throughs: Map<string, number>;
  readonly stock: Map<string, number>;
}

async function applyBundle(shop: Applied, { items }: Bundle, path: string): Promise<void> {
  const texts = items.flatMap((item) => {
    if (item.type === "part") return item.text.split("\n");
    return item.type === "entries" ? item.texts : [];
  });
  for (const text of texts) {
    const { entry } = JSON.parse(text) as { readonly entry: Entry };
    const { device, sequence, movements = [] } = entry;
    shop.throughs.set(device, Math.max(shop.throughs.get(device) ?? 0, sequence));
    for (const { location, sku, quantityMilli } of movements) {
      const key = `${location}/${sku}`;
      shop.stock.set(key, (shop.stock.get(key) ?? 0) + quantityMilli);
    }
  }
  const file = await fs.promises.open(path, "w");
  await file.writeFile(texts.join("\n"));
  await file.datasync();
  await file.close();
}

/** A peer with file storage; every document is here to its end, and flushed. */
async function receiveDocuments({ port, names, directory, ends }: Receiving): Promise<void> {
  const network = [new WebSocketClientAdapter(`ws://127.0.0.1:${port}`) as never];
  const repo = new Repo({ network, storage: new NodeFSStorageAdapter(directory) });
  await repo.networkSubsystem.whenReady();
  const handles = await Promise.all(
    names.map((name) => repo.find<TillDocument>(name as AutomergeUrl)),
  );
  const counts = handles.map((handle) => handle.doc().entries.length).toSorted((a, b) => a - b);
  const expected = Object.values(ends).toSorted((a, b) => a - b);
  assert(String(counts) === String(expected), `${String(counts)}, not ${String(expected)}`);
  await repo.flush();
}

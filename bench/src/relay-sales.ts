/**
 * Processor time of a live sale at the server, with twenty tills, against a stock automerge-repo sync server.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { ImmutableString } from "@automerge/automerge";
// oxlint-disable-next-line no-restricted-imports -- this is what the relay is measured against
import { Repo, type DocHandle } from "@automerge/automerge-repo";
// oxlint-disable-next-line no-restricted-imports -- see above
import { WebSocketClientAdapter } from "@automerge/automerge-repo-network-websocket";
import type { OrganisationDevice } from "@tillmesh/relay/testing";
import { encodeClientFrame } from "@tillmesh/sync-engine/relay-protocol";
import { print, printBar } from "./measure.ts";
import type { ServerProcess } from "./relay-child.ts";
import {
  connectDevice,
  envelopeMaker,
  homeOf,
  subscribe,
  type RelayDevice,
} from "./relay-device.ts";

const sales = 400;
/** Twenty a second over all tills. */
const everyMs = 50;
/** A live sale in its envelope, and as a signed text. */
const envelopeContentsBytes = 430;
const textLength = 1_300;
const parts = 60;
const partBytes = 136_000;

export async function benchSales(
  { relay, automerge }: { readonly relay: ServerProcess; readonly automerge: ServerProcess },
  devices: readonly OrganisationDevice[],
): Promise<void> {
  const open = await Promise.all(devices.map((device) => connectDevice(relay.port, device)));
  const make = devices.map((device) => envelopeMaker(device, { channel: homeOf(device), lane: 1 }));
  for (const [index, self] of open.entries()) {
    await subscribe(self, { subscription: 1, channel: homeOf(devices[index]!), lane: 1 });
  }
  const streams = devices.map(() => 0);
  const publish = (till: number, bytes: Uint8Array): void => {
    streams[till] = (streams[till] ?? 0) + 1;
    sendWhole(open[till]!, streams[till], bytes);
  };
  const sell = (till: number): void => publish(till, make[till]!(envelopeContentsBytes).bytes);
  const first = await costOf(relay, sell);
  const history = envelopeMaker(devices[0]!, { channel: homeOf(devices[0]!), lane: 3 });
  for (let part = 0; part < parts; part += 1) {
    publish(0, history(partBytes).bytes);
    await pause(50);
  }
  const later = await costOf(relay, sell);
  for (const { socket } of open) socket.terminate();
  const stock = await stockCost(automerge, devices.length);
  print(
    `sales: ${devices.length} tills that all read each other, ${1_000 / everyMs} sales a second`,
  );
  print(
    `  relay       ${first.toFixed(2)} ms each; behind ${parts} sealed parts ${later.toFixed(2)} ms`,
  );
  print(`  automerge   ${stock.toFixed(2)} ms each`);
  printBar({
    name: "relay behind sealed parts / without",
    value: later / first,
    unit: "x",
    bar: 1.2,
  });
  printBar({
    name: "automerge-repo sync server / relay",
    value: stock / later,
    unit: "x",
    bar: 10,
    isFloor: true,
  });
}

function sendWhole({ socket }: RelayDevice, stream: number, bytes: Uint8Array): void {
  const size = bytes.length;
  for (let offset = 0; offset < size; offset += 4_096) {
    const data = bytes.subarray(offset, offset + 4_096);
    socket.send(encodeClientFrame({ type: "publish", stream, offset, size, data }));
  }
}

async function costOf(server: ServerProcess, sell: (till: number) => void): Promise<number> {
  for (let sale = 0; sale < 100; sale += 1) {
    sell(sale % 20);
    await pause(10);
  }
  await pause(1_000);
  const before = await server.cpuMs();
  for (let sale = 0; sale < sales; sale += 1) {
    sell(sale % 20);
    await pause(everyMs);
  }
  await pause(1_000);
  return ((await server.cpuMs()) - before) / sales;
}

interface Ledger {
  entries: ImmutableString[];
}

/** Each till writes a document of its own, every till has all of them. */
async function stockCost(server: ServerProcess, tills: number): Promise<number> {
  const repos = Array.from(
    { length: tills },
    () =>
      new Repo({ network: [new WebSocketClientAdapter(`ws://127.0.0.1:${server.port}`) as never] }),
  );
  const handles: DocHandle<Ledger>[] = repos.map((repo) => repo.create<Ledger>({ entries: [] }));
  await pause(3_000);
  for (const repo of repos) {
    for (const { url } of handles) await repo.find<Ledger>(url);
  }
  const cost = await costOf(server, (till) => {
    const text = `${Math.random()}`.repeat(100).slice(0, textLength);
    handles[till % tills]!.change((ledger) => void ledger.entries.push(new ImmutableString(text)));
  });
  for (const repo of repos) repo.networkSubsystem.disconnect();
  return cost;
}

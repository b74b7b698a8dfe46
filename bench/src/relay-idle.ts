/**
 * What connections cost that say nothing.
 *
 * @module
 */

import type { OrganisationDevice, SampleOrganisation } from "@tillmesh/relay/testing";
import { print, printBar } from "./measure.ts";
import type { ServerMemory, ServerProcess } from "./relay-child.ts";
import { connectDevice, homeOf, subscribe, type RelayDevice } from "./relay-device.ts";

const connections = 5_000;
const warmUp = 1_000;
const atOnce = 50;

/** Each has proved itself and reads two channels, as a till does. */
export async function benchIdle(
  relay: ServerProcess,
  organisation: SampleOrganisation,
): Promise<void> {
  // What the heap grows to under handshakes it keeps, however many there are.
  for (const { socket } of await openSome(relay.port, organisation, warmUp)) socket.terminate();
  const before = await relay.memory();
  const open = await openSome(relay.port, organisation, connections);
  const cpuBefore = await relay.cpuMs();
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const cpuMs = (await relay.cpuMs()) - cpuBefore;
  const after = await relay.memory();
  const isOpen = open.filter(({ socket }) => socket.readyState === socket.OPEN).length;
  print(`idle: ${isOpen} of ${connections} connections, each with two subscriptions`);
  const each = (of: keyof ServerMemory): string =>
    ((after[of] - before[of]) / connections / 1_000).toFixed(1);
  print(
    `  kB each: heap ${each("heapBytes")}, reserved for it ${each("heapTotalBytes")}, buffers ${each("externalBytes")}; processor while idle ${(cpuMs / 200).toFixed(1)} %`,
  );
  printBar({
    name: "resident memory of an idle connection",
    value: (after.rssBytes - before.rssBytes) / connections / 1_000,
    unit: "kB",
    bar: 25,
  });
  for (const { socket } of open) socket.terminate();
}

async function openSome(
  port: number,
  organisation: SampleOrganisation,
  count: number,
): Promise<readonly RelayDevice[]> {
  const open: RelayDevice[] = [];
  while (open.length < count) {
    const some = await Promise.all(Array.from({ length: atOnce }, () => organisation.device()));
    open.push(...(await Promise.all(some.map((device) => settle(port, device)))));
  }
  return open;
}

async function settle(port: number, device: OrganisationDevice): Promise<RelayDevice> {
  const self = await connectDevice(port, device);
  await subscribe(self, { subscription: 1, channel: "control", lane: 0 });
  await subscribe(self, { subscription: 2, channel: homeOf(device), lane: 1 });
  return self;
}

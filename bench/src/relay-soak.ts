/**
 * The relay's memory over time, under the load of a busy chain: `npm run bench -- relay-soak`, for an hour with
 * `SOAK_MINUTES=60`.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { sampleOrganisation, type OrganisationDevice } from "@tillmesh/relay/testing";
import { encodeClientFrame } from "@tillmesh/sync-engine/relay-protocol";
import { print } from "./measure.ts";
import { startServer, type ServerMemory } from "./relay-child.ts";
import { connectDevice, envelopeMaker, homeOf, subscribe } from "./relay-device.ts";

const tills = 20;
const salesPerSecond = 50;
const contentsBytes = 430;

export async function benchSoak(dataDirectory: string): Promise<void> {
  const directory = join(dataDirectory, "relay-soak");
  mkdirSync(directory, { recursive: true });
  const minutes = Number(process.env["SOAK_MINUTES"] ?? "10");
  const organisation = await sampleOrganisation();
  const relay = await startServer({ kind: "relay", directory, ca: organisation.ca.certificate });
  const sell = await Promise.all(
    Array.from({ length: tills }, async () => sellerOf(relay.port, await organisation.device())),
  );
  print(
    `soak: ${tills} tills that read each other, ${salesPerSecond} sales a second, ${minutes} minutes`,
  );
  const startMs = performance.now();
  const elapsed = (): number => performance.now() - startMs;
  let sold = 0;
  for (let sample = 0; sample <= minutes * 2; sample += 1) {
    while (elapsed() < sample * 30_000) {
      for (; sold < (elapsed() / 1_000) * salesPerSecond; sold += 1) sell[sold % tills]?.();
      await pause(20);
    }
    const atMinute = (sample / 2).toFixed(1).padStart(5);
    const memory = memoryLine(await relay.memory());
    print(`  ${atMinute} min  ${String(sold).padStart(8)} sales  ${memory}`);
  }
  await relay.stop();
}

/** In megabytes. */
function memoryLine({ rssBytes, heapBytes, heapTotalBytes, externalBytes }: ServerMemory): string {
  const figures = { resident: rssBytes, heap: heapBytes, reserved: heapTotalBytes };
  return Object.entries({ ...figures, buffers: externalBytes })
    .map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(1).padStart(6)}`)
    .join("  ");
}

async function sellerOf(port: number, device: OrganisationDevice): Promise<() => void> {
  const self = await connectDevice(port, device);
  await subscribe(self, { subscription: 1, channel: homeOf(device), lane: 1 });
  const make = envelopeMaker(device, { channel: homeOf(device), lane: 1 });
  let stream = 0;
  return () => {
    stream += 1;
    const { bytes: data } = make(contentsBytes);
    const piece = { stream, offset: 0, size: data.length, data };
    self.socket.send(encodeClientFrame({ type: "publish", ...piece }));
  };
}

/**
 * One publisher and many readers, against bare ws that sends the same bytes to the same number of sockets.
 *
 * @module
 */

import { once } from "node:events";
import type { OrganisationDevice } from "@tillmesh/relay/testing";
import { encodeClientFrame } from "@tillmesh/sync-engine/relay-protocol";
import { WebSocket } from "ws";
import { median, print, printBar } from "./measure.ts";
import { connectDevice, envelopeMaker, homeOf, subscribe } from "./relay-device.ts";
import type { Servers } from "./relay-publish.ts";

const envelopes = 1_500;
const contentsBytes = 404;
const sizeBytes = 600;
/** Published and not with every reader. */
const underWayMax = 150;

export async function benchFanOut(
  { relay, bare }: Servers,
  [publisher, ...readers]: readonly [OrganisationDevice, ...OrganisationDevice[]],
): Promise<void> {
  const rates: { readonly relay: number[]; readonly bare: number[] } = { relay: [], bare: [] };
  const cpu: { readonly relay: number[]; readonly bare: number[] } = { relay: [], bare: [] };
  for (let round = 0; round < 5; round += 1) {
    for (const kind of ["bare", "relay"] as const) {
      const server = kind === "relay" ? relay : bare;
      const run = kind === "relay" ? throughRelay : throughBare;
      const start = await run(server.port, publisher, readers);
      const before = await server.cpuMs();
      const startMs = performance.now();
      await start();
      const deliveries = envelopes * readers.length;
      rates[kind].push(deliveries / ((performance.now() - startMs) / 1_000));
      cpu[kind].push(((await server.cpuMs()) - before) / deliveries);
    }
  }
  print(`fan-out: ${sizeBytes} bytes to ${readers.length} readers; the relay stores them first`);
  for (const kind of ["relay", "bare"] as const) {
    print(
      `  ${kind.padEnd(6)} ${median(rates[kind]).toFixed(0).padStart(8)}/s   processor ${(median(cpu[kind]) * 1_000).toFixed(1)} us each`,
    );
  }
  printBar({
    name: "fan-out, relay / bare ws",
    value: median(rates.relay) / median(rates.bare),
    unit: "x",
    bar: 0.6,
    isFloor: true,
  });
}

type Start = () => Promise<void>;
type Run = (
  port: number,
  publisher: OrganisationDevice,
  readers: readonly OrganisationDevice[],
) => Promise<Start>;

const throughRelay: Run = async (port, publisher, readers) => {
  const from = await connectDevice(port, publisher);
  const to = await Promise.all(readers.map((device) => connectDevice(port, device)));
  let stream = 0;
  const make = envelopeMaker(publisher, { channel: homeOf(publisher), lane: 2 });
  const pace = createPace(readers.length, () => {
    const { bytes } = make(contentsBytes);
    stream += 1;
    const piece = { stream, offset: 0, size: bytes.length, data: bytes };
    from.socket.send(encodeClientFrame({ type: "publish", ...piece }));
  });
  // What earlier rounds left in the log comes first.
  for (const self of to) {
    await subscribe(self, { subscription: 1, channel: homeOf(publisher), lane: 2 });
  }
  await pause(500);
  for (const self of to) self.onPiece = pace.arrived;
  return async () => {
    await pace.run();
    for (const { socket } of [from, ...to]) socket.close();
  };
};

const throughBare: Run = async (port, _publisher, readers) => {
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    await once(socket, "open");
    return socket;
  };
  const from = await open();
  const to = await Promise.all(readers.map(open));
  const bytes = new Uint8Array(sizeBytes);
  const pace = createPace(readers.length, () => from.send(bytes));
  for (const socket of to) socket.on("message", pace.arrived);
  return async () => {
    await pace.run();
    for (const socket of [from, ...to]) socket.close();
  };
};

function createPace(readers: number, publishOne: () => void) {
  let published = 0;
  let arrivals = 0;
  let whenDone: (() => void) | undefined;
  const go = (): void => {
    while (published < envelopes && published - arrivals / readers < underWayMax) {
      published += 1;
      publishOne();
    }
  };
  return {
    arrived: (): void => {
      arrivals += 1;
      if (arrivals === envelopes * readers) whenDone?.();
      else if (arrivals % readers === 0) go();
    },
    run: () =>
      new Promise<void>((resolve) => {
        whenDone = resolve;
        go();
      }),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

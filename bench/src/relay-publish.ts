/**
 * Sustained publishing with durable acknowledgement, against a bare ws server that commits by the group.
 *
 * @module
 */

import { once } from "node:events";
import type { OrganisationDevice } from "@tillmesh/relay/testing";
import { encodeClientFrame } from "@tillmesh/sync-engine/relay-protocol";
import { WebSocket } from "ws";
import { median, print, printBar } from "./measure.ts";
import type { ServerProcess } from "./relay-child.ts";
import { connectDevice, envelopeMaker, homeOf } from "./relay-device.ts";

const perDevice = 3_000;
const contentsBytes = 404;
/** Not acknowledged, per connection: 120 kB. */
const underWayMax = 200;

export interface Servers {
  readonly relay: ServerProcess;
  readonly bare: ServerProcess;
}

export async function benchPublish(
  { relay, bare }: Servers,
  devices: readonly OrganisationDevice[],
): Promise<void> {
  const rates: { readonly relay: number[]; readonly bare: number[] } = { relay: [], bare: [] };
  const cpu: { readonly relay: number[]; readonly bare: number[] } = { relay: [], bare: [] };
  for (let round = 0; round < 5; round += 1) {
    const frames = devices.map((device) => framesOf(device));
    for (const kind of ["bare", "relay"] as const) {
      const server = kind === "relay" ? relay : bare;
      const before = await server.cpuMs();
      const send = kind === "relay" ? publishAll : appendAll;
      const connections = await Promise.all(
        devices.map((device, index) => send(server.port, device, frames[index] ?? [])),
      );
      const startMs = performance.now();
      await Promise.all(connections.map((start) => start()));
      const seconds = (performance.now() - startMs) / 1_000;
      const total = devices.length * perDevice;
      rates[kind].push(total / seconds);
      cpu[kind].push(((await server.cpuMs()) - before) / total);
    }
  }
  print(
    `publish: ${devices.length} devices, 600 bytes an envelope, durable, ${underWayMax} under way each`,
  );
  for (const kind of ["relay", "bare"] as const) {
    print(
      `  ${kind.padEnd(6)} ${median(rates[kind]).toFixed(0).padStart(8)}/s   processor ${(median(cpu[kind]) * 1_000).toFixed(0)} us each`,
    );
  }
  printBar({
    name: "publish, relay / bare ws with group commit",
    value: median(rates.relay) / median(rates.bare),
    unit: "x",
    bar: 0.5,
    isFloor: true,
  });
}

function framesOf(device: OrganisationDevice): readonly Uint8Array[] {
  const make = envelopeMaker(device, { channel: homeOf(device), lane: 1 });
  return Array.from({ length: perDevice }, (_, stream) => {
    const { bytes } = make(contentsBytes);
    return encodeClientFrame({
      type: "publish",
      stream,
      offset: 0,
      size: bytes.length,
      data: bytes,
    });
  });
}

type Start = () => Promise<void>;

async function publishAll(
  port: number,
  device: OrganisationDevice,
  frames: readonly Uint8Array[],
): Promise<Start> {
  const self = await connectDevice(port, device);
  return () =>
    new Promise((resolve, reject) => {
      let sent = 0;
      let acknowledged = 0;
      const go = (): void => {
        while (sent < frames.length && sent - acknowledged < underWayMax) {
          const frame = frames[sent]!;
          if (self.sentBytes + frame.length > self.creditBytes) return;
          self.sentBytes += frame.length;
          sent += 1;
          self.socket.send(frame);
        }
      };
      self.onCredit = go;
      self.onFrame = (frame) => {
        if (frame.type !== "stored") return reject(new Error(JSON.stringify(frame)));
        acknowledged += frame.items.length;
        if (acknowledged < frames.length) return go();
        self.socket.close();
        resolve();
      };
      go();
    });
}

async function appendAll(
  port: number,
  _device: OrganisationDevice,
  frames: readonly Uint8Array[],
): Promise<Start> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  await once(socket, "open");
  return () =>
    new Promise((resolve) => {
      let sent = 0;
      let acknowledged = 0;
      const go = (): void => {
        for (; sent < frames.length && sent - acknowledged < underWayMax; sent += 1) {
          socket.send(frames[sent]!);
        }
      };
      socket.on("message", (count: Buffer) => {
        acknowledged += Number(count.toString());
        if (acknowledged < frames.length) return go();
        socket.close();
        resolve();
      });
      go();
    });
}

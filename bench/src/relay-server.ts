/**
 * What runs in the process that `relay-child.ts` starts.
 *
 * @module
 */

import fs from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
// oxlint-disable-next-line no-restricted-imports -- this is what the relay is measured against
import { Repo } from "@automerge/automerge-repo";
// oxlint-disable-next-line no-restricted-imports -- see above
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
// oxlint-disable-next-line no-restricted-imports -- see above
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { assert } from "@tillmesh/kernel";
import { startTestRelay, type SampleOrganisation } from "@tillmesh/relay/testing";
import { WebSocketServer, type WebSocket } from "ws";
import type { ServerKind, ServerMemory, ServerRequest } from "./relay-child.ts";

interface Running {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

const servers: Readonly<Record<ServerKind, (request: ServerRequest) => Promise<Running>>> = {
  relay: startRelay,
  bare: startBare,
  automerge: startAutomerge,
};

const request = JSON.parse(process.argv[2] ?? "") as ServerRequest;
fs.mkdirSync(request.directory, { recursive: true });
const running = await servers[request.kind](request);
process.on("message", (message) => {
  if (message === "cpu") process.send?.(cpuMs());
  else if (message === "memory") process.send?.(memory());
  else void running.stop().then(() => process.exit(0));
});
process.on("disconnect", () => process.exit(0));
process.send?.({ port: running.port });

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function memory(): ServerMemory {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed, heapTotalBytes: heapTotal, externalBytes: external };
}

/** One client machine stands for all, so that bounds per address and second are in the way. */
async function startRelay({ ca }: ServerRequest): Promise<Running> {
  const trusted = { ca: { certificate: ca } } as unknown as SampleOrganisation;
  const relay = await startTestRelay({
    trust: [trusted],
    limits: {
      framesPerSecond: 1_000_000,
      publishBytesPerSecond: 1_000_000_000,
      connectionsPerAddressMax: 10_000,
      connectionsPerOrganisationMax: 10_000,
      handshakesPerSecond: 10_000,
      handshakesPerAddressPerSecond: 10_000,
    },
  });
  return { port: relay.relay.port, stop: relay.dispose };
}

/**
 * The least that stores and passes on: frames that begin with 0 go to everybody; others are appended, synced by the
 * group, and counted back.
 */
async function startBare({ directory }: ServerRequest): Promise<Running> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await new Promise((resolve) => server.once("listening", resolve));
  const file = fs.openSync(join(directory, `bare-${process.pid}`), "w");
  let waiting: { readonly socket: WebSocket; readonly data: Buffer }[] = [];
  let isSyncing = false;
  const commit = (): void => {
    if (isSyncing || waiting.length === 0) return;
    isSyncing = true;
    const group = waiting;
    waiting = [];
    fs.writev(
      file,
      group.map(({ data }) => data),
      () => {
        fs.fdatasync(file, () => {
          isSyncing = false;
          const counts = new Map<WebSocket, number>();
          for (const { socket } of group) counts.set(socket, (counts.get(socket) ?? 0) + 1);
          for (const [socket, count] of counts) socket.send(String(count));
          commit();
        });
      },
    );
  };
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      if (data[0] === 0) {
        for (const one of server.clients) if (one !== socket) one.send(data);
        return;
      }
      waiting.push({ socket, data });
      setImmediate(commit);
    });
  });
  return { port: (server.address() as AddressInfo).port, stop: () => closed(server) };
}

async function startAutomerge({ directory }: ServerRequest): Promise<Running> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
  const repo = new Repo({
    network: [new WebSocketServerAdapter(server as never)],
    storage: new NodeFSStorageAdapter(join(directory, `automerge-${process.pid}`)),
    sharePolicy: () => Promise.resolve(true),
  });
  assert(repo.peers.length === 0, "nobody is there yet");
  return { port: (server.address() as AddressInfo).port, stop: () => closed(server) };
}

function closed(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate();
  return new Promise((resolve) => server.close(() => resolve()));
}

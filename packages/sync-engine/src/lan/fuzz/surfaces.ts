/**
 * The LAN port as four surfaces: what comes before TLS, before the WebSocket, and on each of the two WebSockets.
 *
 * @module
 */

import { connect as connectInClear } from "node:net";
import { connect as connectSecurely, type ConnectionOptions } from "node:tls";
import { cbor } from "@automerge/automerge-repo";
import { utf8 } from "@tillmesh/kernel";
import { WebSocket, type RawData } from "ws";
import { documentIdOf } from "../../node/repo-link.ts";
import { layCable } from "../../testing/cable.ts";
import type { FuzzSurface } from "../../testing/fuzz.ts";
import { digestByHostile, helloOf, keyOfName, tlsOf } from "../../testing/hostile-peer.ts";
import { madeUpExchange, madeUpSync, madeUpTls, madeUpUpgrade, type Names } from "./made-up.ts";
import { startVictim, type Victim } from "./victim-process.ts";

export type SurfaceName = "tls" | "upgrade" | "exchange" | "sync";

/** Opens a surface with a victim of its own. */
export const openSurface: Readonly<Record<SurfaceName, () => Promise<FuzzSurface>>> = {
  tls: async () => withVictim("tls", openTls),
  upgrade: async () => withVictim("upgrade", openUpgrade),
  exchange: async () => withVictim("exchange", openExchange),
  sync: async () => withVictim("sync", openSync),
};

type Sending = Pick<FuzzSurface, "recorded" | "madeUp" | "send">;

async function withVictim(
  name: SurfaceName,
  open: (victim: Victim) => Promise<Sending>,
): Promise<FuzzSurface> {
  const victim = await startVictim();
  const sending = await open(victim);
  return { name, ...sending, check: () => victim.check(), close: () => victim.end() };
}

async function openTls(victim: Victim): Promise<Sending> {
  const cable = await layCable(victim.port);
  const genuine = new WebSocket(`wss://127.0.0.1:${cable.port}/exchange`, tlsOf(victim.hostile));
  await event(genuine, "message");
  genuine.terminate();
  const [said = new Uint8Array(0)] = cable.recorded();
  await cable.close();
  const firstRecord = said.subarray(0, 5 + (said[3] ?? 0) * 256 + (said[4] ?? 0));
  return {
    recorded: [firstRecord, said],
    madeUp: madeUpTls(),
    send: async (frame) => {
      const socket = connectInClear(victim.port, "127.0.0.1");
      await sayAndHangUp(socket, frame);
    },
  };
}

async function openUpgrade(victim: Victim): Promise<Sending> {
  const secure = tlsOf(victim.hostile) as object;
  const options: ConnectionOptions = { port: victim.port, host: "127.0.0.1", ...secure };
  return {
    recorded: ["/exchange", `/sync/${"A".repeat(22)}`].map((path) =>
      utf8(
        `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      ),
    ),
    madeUp: madeUpUpgrade("A".repeat(22)),
    send: async (frame) => {
      const socket = connectSecurely(options);
      await sayAndHangUp(socket, frame);
    },
  };
}

type Hanging = ReturnType<typeof connectInClear>;

/** The other end is done with it when it closes its side. */
async function sayAndHangUp(socket: Hanging, frame: Uint8Array): Promise<void> {
  socket.on("error", () => undefined);
  socket.resume();
  const closed = event(socket, "close");
  socket.end(frame);
  await closed;
}

async function openExchange(victim: Victim): Promise<Sending> {
  const names = namesOf(victim);
  const recorded: Uint8Array[] = [];
  let socket = await dial(victim, "/exchange");
  socket.on("message", (data: RawData) => recorded.push(new Uint8Array(data as Buffer)));
  sayHello(victim, socket);
  for (const document of names.documents) {
    socket.send(JSON.stringify({ type: "want", document, heads: [] }));
  }
  await untilDealtWith(socket);
  recorded.push(...[helloOf(victim), digestByHostile(victim)].map(toBytes));
  const [device] = names.devices;
  const sha256 = "0".repeat(64);
  recorded.push(
    toBytes({ type: "want-part", device, incarnation: 1, part: 1, sha256, offset: 0 }),
    toBytes({ type: "part", sha256, offset: 0, size: 4, data: "AAAA" }),
    toBytes({ type: "want", document: names.documents[0], heads: [] }),
  );
  let count = 0;
  return {
    recorded,
    madeUp: madeUpExchange(names),
    send: async (frame) => {
      count += 1;
      if (socket.readyState !== WebSocket.OPEN) {
        socket = await dial(victim, "/exchange");
        // One in four comes from somebody who never said who it is.
        if (count % 4 !== 0) sayHello(victim, socket);
      }
      socket.send(frame, { binary: count % 64 === 0 });
      await untilDealtWith(socket);
    },
  };
}

async function openSync(victim: Victim): Promise<Sending> {
  const names = namesOf(victim);
  const recorded: Uint8Array[] = [];
  let socket = await dialSync(victim);
  socket.on("message", (data: RawData) => recorded.push(new Uint8Array(data as Buffer)));
  const [senderId, targetId] = [victim.hostile.device.id, victim.victim];
  const join = cbor.encode({ type: "join", senderId, supportedProtocolVersions: ["1"] });
  const requests = names.documentIds.map((documentId) =>
    cbor.encode({
      type: "request",
      senderId,
      targetId,
      documentId,
      data: Uint8Array.of(0x42, 0, 0, 1, 0, 0, 0),
    }),
  );
  for (const frame of [join, ...requests]) socket.send(frame);
  await untilDealtWith(socket);
  recorded.push(join, ...requests);
  let count = 0;
  return {
    recorded,
    madeUp: madeUpSync(names),
    send: async (frame) => {
      count += 1;
      if (socket.readyState !== WebSocket.OPEN) {
        socket = await dialSync(victim);
        if (count % 4 !== 0) socket.send(join);
      }
      socket.send(frame);
      await untilDealtWith(socket);
    },
  };
}

function namesOf(victim: Victim): Names {
  const own = victim.hostile.device.id;
  const documents = [
    "publications/prices/1",
    `ledger/${victim.victim}/1/1`,
    `ledger/${own}/1/1`,
    "publications/other/1",
  ];
  return {
    devices: [own, victim.victim],
    documents,
    documentIds: documents.map((name) => documentIdOf(keyOfName(victim, name))),
  };
}

async function dial({ port, hostile }: Victim, path: string): Promise<WebSocket> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, tlsOf(hostile));
  socket.on("error", () => undefined);
  await Promise.race([event(socket, "open"), event(socket, "close")]);
  return socket;
}

function sayHello(victim: Victim, socket: WebSocket): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify(helloOf(victim)));
  socket.send(JSON.stringify(digestByHostile(victim)));
}

/** A new link and its live sync; the link goes when the live sync does. */
async function dialSync(victim: Victim): Promise<WebSocket> {
  const [link, data] = await dialLink(victim);
  const { link: id } = JSON.parse(data.toString("utf8")) as { readonly link: string };
  sayHello(victim, link);
  await untilDealtWith(link);
  const socket = await dial(victim, `/sync/${id}`);
  socket.on("close", () => link.terminate());
  return socket;
}

/** Answers with the victim's first word. On a busy machine its deadline may be over before this end has spoken. */
async function dialLink(victim: Victim): Promise<readonly [WebSocket, Buffer]> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const link = await dial(victim, "/exchange");
    if (link.readyState !== WebSocket.OPEN) continue;
    const [data] = await Promise.race([
      event(link, "message"),
      event(link, "close").then(() => []),
    ]);
    if (data instanceof Buffer) return [link, data];
  }
  throw new Error(`the victim did not say a word in ${attemptsMax} connections`);
}

const attemptsMax = 100;

/** A pong comes after everything before it was taken; so does the end. */
async function untilDealtWith(socket: WebSocket): Promise<void> {
  if (socket.readyState !== WebSocket.OPEN) return;
  const answered = Promise.race([event(socket, "pong"), event(socket, "close")]);
  socket.ping();
  await answered;
}

interface Emitter {
  once(name: string, listener: (...values: readonly unknown[]) => void): unknown;
}

function event(emitter: Emitter, name: string): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    emitter.once(name, (...values) => resolve(values));
  });
}

function toBytes(message: object): Uint8Array {
  return utf8(JSON.stringify(message));
}

/**
 * The listening side: a bounded number of handshakes, then TLS, and HTTP only for devices. SPEC.md §7 (TL, FD).
 *
 * @module
 */

import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import {
  createServer as createNetServer,
  type AddressInfo,
  type Server,
  type Socket,
} from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { err, ok, type Result } from "@tillmesh/kernel";
import { WebSocketServer, type WebSocket } from "ws";
import { createDoorkeeper } from "./doorkeeper.ts";
import { frameMaxSizeBytes } from "./exchange-message.ts";
import type { LanAddress } from "./lan.ts";
import type { LanLimits } from "./limits.ts";
import { provedCertificate, serverTlsOf, type TlsIdentity } from "./secure-channel.ts";

export interface ListenerOptions {
  readonly identity: TlsIdentity;
  readonly limits: LanLimits;
  /** The server of the live sync, whose adapter must hear every connection. */
  readonly sync: WebSocketServer;
  /** A device has begun a link. `certificate` is the one whose key it proved, as PEM. */
  readonly onExchange: (socket: WebSocket, arrival: Arrival) => void;
  /** Whether this device may open the live sync of this link, and what to do with its socket. */
  readonly takeSync: (link: string, arrival: Arrival) => ((socket: WebSocket) => void) | undefined;
  /** Somebody was turned away. */
  readonly onTurnedAway: (address: string, reason: string) => void;
}

export interface Arrival {
  readonly certificate: string;
  readonly address: string;
}

export interface Listener {
  /** The one that was asked for, or the one that the system chose for 0. */
  readonly port: number;
  /** Ends every connection at once. */
  cut(): void;
  close(): Promise<void>;
}

export async function startListener(
  { host, port }: LanAddress,
  options: ListenerOptions,
): Promise<Result<Listener, ListenFailed>> {
  const sockets = new Set<Socket>();
  const front = createFront(options, sockets);
  const listening = await new Promise<Result<void, ListenFailed>>((resolve) => {
    front.once("error", (error: NodeJS.ErrnoException) =>
      resolve(err({ type: "ListenFailed", host, port, code: error.code ?? "" })),
    );
    front.listen(port, host, () => resolve(ok(undefined)));
  });
  if (!listening.ok) return listening;
  // A listener that fails later (no more file descriptors) goes on with what it has.
  front.on("error", ({ message }) => options.onTurnedAway("", message));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return ok({
    port: (front.address() as AddressInfo).port,
    cut,
    close: () =>
      new Promise((resolve) => {
        front.close(() => resolve());
        cut();
      }),
  });
}

export interface ListenFailed {
  readonly type: "ListenFailed";
  readonly host: string;
  readonly port: number;
  readonly code: string;
}

/** Counts connections before any work is done for them. */
function createFront(options: ListenerOptions, sockets: Set<Socket>): Server {
  const door = createDoorkeeper(options.limits);
  const secure = createSecureServer(options);
  let shown = options.identity.chain;
  return createNetServer((socket) => {
    // HQ may have renewed this device since.
    if (shown !== options.identity.chain) {
      shown = options.identity.chain;
      secure.setSecureContext(serverTlsOf(options.identity));
    }
    const address = socket.remoteAddress ?? "";
    const leave = door.admit(address, performance.now());
    socket.on("error", () => socket.destroy());
    if (!leave) {
      options.onTurnedAway(address, "too many connections");
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      leave();
    });
    secure.emit("connection", socket);
  });
}

function createSecureServer(options: ListenerOptions): ReturnType<typeof createTlsServer> {
  const { identity, onTurnedAway } = options;
  const web = createWebServer(options);
  const secure = createTlsServer({ ...serverTlsOf(identity), handshakeTimeout: handshakeMs });
  secure.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    onTurnedAway(socket.remoteAddress ?? "", `no TLS 1.3: ${error.code ?? error.message}`);
    socket.destroy();
  });
  secure.on("secureConnection", (socket) => {
    socket.on("error", () => socket.destroy());
    const proved = provedCertificate(socket);
    if (proved.ok) {
      const deadline = setTimeout(() => socket.destroy(), handshakeMs);
      socket.on("close", () => clearTimeout(deadline));
      channels.set(socket, { certificate: proved.value, deadline });
      web.emit("connection", socket);
      return;
    }
    const { reason } = proved.error;
    onTurnedAway(socket.remoteAddress ?? "", reason);
    turnAway(socket, reason);
  });
  return secure;
}

/** For TLS, and once more for the upgrade; then the link has deadlines of its own. */
const handshakeMs = 5_000;

interface Channel {
  readonly certificate: string;
  readonly deadline: ReturnType<typeof setTimeout>;
}

const channels = new WeakMap<object, Channel>();

function createWebServer(options: ListenerOptions): ReturnType<typeof createHttpServer> {
  const exchange = new WebSocketServer({ noServer: true, maxPayload: frameMaxSizeBytes });
  const web = createHttpServer({ maxHeaderSize: headersMaxSizeBytes }, (_request, response) => {
    response.writeHead(426, { connection: "close" }).end();
  });
  web.on("clientError", (_error, socket) => socket.destroy());
  web.on("upgrade", (request, socket, head) => {
    const take = serverFor(options, exchange, request);
    if (!take) {
      turnAway(socket, "nothing here");
      return;
    }
    take.server.handleUpgrade(request, socket, head, (opened) => {
      opened.on("error", () => opened.terminate());
      clearTimeout(channels.get(request.socket)?.deadline);
      take.onOpen(opened, request);
    });
  });
  return web;
}

interface Upgrade {
  readonly server: WebSocketServer;
  readonly onOpen: (socket: WebSocket, request: IncomingMessage) => void;
}

function serverFor(
  { sync, onExchange, takeSync }: ListenerOptions,
  exchange: WebSocketServer,
  { url = "", headers, socket }: IncomingMessage,
): Upgrade | undefined {
  const channel = channels.get(socket);
  // A page in a browser names its origin; a peer has none.
  if (!channel || headers.origin !== undefined) return undefined;
  const { certificate } = channel;
  const arrival = { certificate, address: socket.remoteAddress ?? "" };
  if (url === "/exchange") {
    return { server: exchange, onOpen: (opened) => onExchange(opened, arrival) };
  }
  const [, link] = /^\/sync\/([\w-]{22})$/.exec(url) ?? [];
  const bind = link === undefined ? undefined : takeSync(link, arrival);
  if (!bind) return undefined;
  return {
    server: sync,
    onOpen: (opened, request) => {
      bind(opened);
      sync.emit("connection", opened, request);
    },
  };
}

/** Says why in the one line that every HTTP client reads. */
function turnAway(socket: Duplex, reason: string): void {
  socket.end(`HTTP/1.1 403 ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  // What is unread when a socket closes would reset it, and the answer with it.
  socket.resume();
  const deadline = setTimeout(() => socket.destroy(), turnAwayMs);
  socket.on("close", () => clearTimeout(deadline));
}

const turnAwayMs = 1_000;
const headersMaxSizeBytes = 8_192;

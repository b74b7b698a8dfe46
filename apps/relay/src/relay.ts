/**
 * A running relay: HTTP and WebSocket around the sessions, upkeep, and an orderly end. SPEC.md (SV).
 *
 * @module
 */

import http, { type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Clock, Crypto, Signer } from "@tillmesh/kernel";
import { frameMaxSizeBytes } from "@tillmesh/sync-engine/relay-protocol";
import { WebSocketServer, type RawData, type WebSocket } from "ws";
import { createAdmission, type Admission } from "./admission.ts";
import { createEntitlements } from "./entitlements.ts";
import { takeFrame } from "./frames.ts";
import { addressOf, answerHttp } from "./http-pages.ts";
import { createLogFeeds } from "./log-feeds.ts";
import type { LogStore, Revocation } from "./log-store.ts";
import type { Log } from "./logger.ts";
import { createQuotaKeeper } from "./quotas.ts";
import { createRelayMetrics } from "./relay-metrics.ts";
import { end, forget, type RelayContext, type Session } from "./session.ts";
import type { Limits, Quotas } from "./settings.ts";
import { createTokenBucket } from "./token-bucket.ts";
import type { TrustedCas } from "./trust.ts";
import { startUpkeep } from "./upkeep.ts";

export interface RelayOptions {
  readonly store: LogStore;
  readonly trusted: TrustedCas;
  /** The relay's own key. */
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Limits;
  readonly quotas: Quotas;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[];
}

export interface Relay {
  readonly port: number;
  /** Open connections. */
  readonly connections: () => number;
  /** Takes nobody in, answers what was sent, says `bye draining`, closes the store. */
  readonly stop: () => Promise<void>;
}

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const relay = createContext(options);
  const admission = createAdmission(relay);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameMaxSizeBytes,
  });
  const server = http.createServer(httpLimits, (request, response) => {
    void answerHttp(relay, request, response);
  });
  server.maxConnections = options.limits.connectionsMax + 256;
  server.on("upgrade", (request: IncomingMessage, raw: Socket, head: Buffer) => {
    raw.on("error", () => raw.destroy());
    const address = addressOf(request, options.proxies);
    const refused = admission.judge(request.url ?? "", address);
    if (refused) return turnAway(relay, raw, refused);
    sockets.handleUpgrade(request, raw, head, (socket) => {
      open({ relay, admission }, { socket, raw, address });
    });
  });
  const unwatch = await options.store.watchRevocations((revocation) => cutOff(relay, revocation));
  const stopUpkeep = startUpkeep(relay, options.store);
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => relay.sessions.size,
    stop: async () => {
      await drain(relay, server);
      stopUpkeep();
      unwatch();
      sockets.close();
      await options.store.close();
    },
  };
}

/** Nobody sends a page of headers, slowly. */
const httpLimits = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};

function createContext(options: RelayOptions): RelayContext {
  const { store, crypto, quotas } = options;
  const metrics = createRelayMetrics();
  const relay: RelayContext = {
    ...options,
    nowMs: () => performance.now(),
    metrics,
    quotas: createQuotaKeeper(store, quotas),
    feeds: createLogFeeds(store),
    entitlements: createEntitlements(crypto),
    sessions: new Set(),
    devices: new Map(),
    assemblingBytes: 0,
    isDraining: false,
  };
  metrics.registry.gauges(async () => gaugesOf(relay));
  return relay;
}

async function gaugesOf(relay: RelayContext): Promise<Readonly<Record<string, number>>> {
  const { gauges, state } = await relay.store.health();
  const memory = process.memoryUsage();
  const devices = [...relay.devices.values()].reduce((sum, { size }) => sum + size, 0);
  return {
    connections: relay.sessions.size,
    devices,
    logs_watched: relay.feeds.size(),
    assembling_bytes: relay.assemblingBytes,
    draining: relay.isDraining ? 1 : 0,
    store_ok: state === "ok" ? 1 : 0,
    resident_memory_bytes: memory.rss,
    heap_used_bytes: memory.heapUsed,
    cpu_seconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6,
    ...Object.fromEntries(Object.entries(gauges).map(([name, value]) => [`store_${name}`, value])),
  };
}

interface Arrival {
  readonly socket: WebSocket;
  readonly raw: Socket;
  readonly address: string;
}

function open(
  { relay, admission }: { readonly relay: RelayContext; readonly admission: Admission },
  { socket, raw, address }: Arrival,
): void {
  const nowMs = relay.nowMs();
  const { framesPerSecond } = relay.limits;
  const session: Session = {
    relay,
    socket,
    raw,
    address,
    startedMs: nowMs,
    frames: createTokenBucket(framesPerSecond, framesPerSecond * 10, nowMs),
    heardMs: nowMs,
    stage: { name: "hello" },
    isCorked: false,
  };
  raw.setNoDelay(true);
  relay.sessions.add(session);
  admission.enter(address);
  relay.metrics.connections.add();
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (isBinary) takeFrame(session, data as Buffer);
    else end(session, "malformed");
  });
  socket.on("pong", () => {
    session.heardMs = relay.nowMs();
  });
  // What follows is "close".
  socket.on("error", () => undefined);
  socket.on("close", () => {
    forget(session);
    admission.leave(address);
  });
}

function turnAway({ metrics }: RelayContext, raw: Socket, { status, why }: Refusal): void {
  metrics.turnedAway(why).add();
  raw.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

type Refusal = NonNullable<ReturnType<Admission["judge"]>>;

/** At once, also while it is only knocking. */
function cutOff(relay: RelayContext, { organisation, device, statement }: Revocation): void {
  for (const session of relay.sessions) {
    const { stage } = session;
    if (stage.name !== "open" && stage.name !== "judging") continue;
    const { organisationId, deviceId } = stage.device;
    if (organisationId === organisation && deviceId === device) end(session, "revoked", statement);
  }
}

function listen(server: http.Server, { host, port }: RelayOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4_096 }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}

async function drain(relay: RelayContext, server: http.Server): Promise<void> {
  relay.isDraining = true;
  const closed = new Promise((resolve) => server.close(resolve));
  const late = new Promise((resolve) => setTimeout(resolve, relay.limits.drainMaxMs).unref());
  const idle = [...relay.sessions].flatMap(({ stage }) =>
    stage.name === "open" && stage.publishing ? [stage.publishing.idle()] : [],
  );
  await Promise.race([Promise.all(idle), late]);
  for (const session of relay.sessions) end(session, "draining");
  server.closeIdleConnections();
  await Promise.race([closed, late]);
  for (const { socket } of relay.sessions) socket.terminate();
  server.closeAllConnections();
}

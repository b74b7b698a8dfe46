/**
 * The connection of one relay process to a NATS cluster: kept up by the client library, and its state told.
 *
 * @module
 */

import {
  jetstream,
  jetstreamManager,
  type JetStreamClient,
  type JetStreamManager,
} from "@nats-io/jetstream";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { NatsFault } from "./nats-fault.ts";
import { pieceMinBytes } from "./settings.ts";

export interface NatsLink {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly isConnected: () => boolean;
  readonly reconnects: () => number;
  /**
   * The answer to what is asked of the server. A fault at once without a connection, since the question would only wait in
   * the client's memory, and when the connection is lost, since no answer will come.
   */
  readonly ask: <T>(question: () => Promise<T>) => Promise<T>;
  /** Called after each time that the connection came back. */
  readonly onReconnected: (listener: () => void) => void;
}

export interface LinkOptions {
  /** `nats://host:port` or `tls://host:port`, one or more of the cluster; `user:password@` or `token@` before the host. */
  readonly servers: readonly string[];
  readonly requestTimeoutMs: number;
  /** What else the client library takes: TLS, credentials, name. */
  readonly connection?: NodeConnectionOptions;
}

/** Throws if no server can be reached or JetStream is off. */
export async function openNatsLink(options: LinkOptions): Promise<NatsLink> {
  const { servers, requestTimeoutMs, connection: more = {} } = options;
  const connection = await connect({
    name: "tillmesh-relay",
    // A server that says nothing for so long is given up.
    pingInterval: 5_000,
    maxPingOut: 2,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    ...more,
    ...addressesOf(servers),
    maxReconnectAttempts: -1,
    timeout: requestTimeoutMs,
  });
  try {
    const largest = connection.info?.max_payload ?? 0;
    if (largest < pieceMinBytes + headersMaxBytes) {
      throw new NatsFault("settings", `max_payload of the server is ${largest}`);
    }
    const manager = await jetstreamManager(connection, { timeout: requestTimeoutMs });
    const client = jetstream(connection, { timeout: requestTimeoutMs });
    return follow({ connection, client, manager });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Room for what stands around a piece in its message. */
export const headersMaxBytes = 4_096;

/** The client library takes user and password beside the addresses, not in them. */
function addressesOf(servers: readonly string[]): NodeConnectionOptions {
  const urls = servers.map(
    (server) => new URL(server.includes("://") ? server : `nats://${server}`),
  );
  const [first] = urls;
  const user = decodeURIComponent(first?.username ?? "");
  const pass = decodeURIComponent(first?.password ?? "");
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(user !== "" && pass !== "" ? { user, pass } : {}),
    ...(user !== "" && pass === "" ? { token: user } : {}),
    ...(urls.some(({ protocol }) => protocol === "tls:") ? { tls: {} } : {}),
  };
}

function disconnected(): NatsFault {
  return new NatsFault("disconnected", "no connection to a NATS server");
}

function follow(parts: Pick<NatsLink, "connection" | "client" | "manager">): NatsLink {
  let isUp = true;
  let reconnects = 0;
  const listeners: (() => void)[] = [];
  const waiting = new Set<(fault: NatsFault) => void>();
  const lose = (): void => {
    isUp = false;
    const fault = disconnected();
    for (const reject of waiting) reject(fault);
    waiting.clear();
  };
  const watchStatus = async (): Promise<void> => {
    for await (const { type } of parts.connection.status()) {
      if (type === "disconnect" || type === "staleConnection" || type === "close") lose();
      if (type !== "reconnect") continue;
      isUp = true;
      reconnects += 1;
      for (const listener of listeners) listener();
    }
    lose();
  };
  const isConnected = (): boolean => isUp && !parts.connection.isClosed();
  void watchStatus();
  return {
    ...parts,
    isConnected,
    reconnects: () => reconnects,
    ask: async <T>(question: () => Promise<T>): Promise<T> => {
      if (!isConnected()) throw disconnected();
      return new Promise<T>((resolve, reject) => {
        waiting.add(reject);
        question()
          .then(resolve, reject)
          .finally(() => waiting.delete(reject));
      });
    },
    onReconnected: (listener) => void listeners.push(listener),
  };
}

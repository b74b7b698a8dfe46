/**
 * Three NATS servers of our own that form a cluster.
 *
 * @module
 */

import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { freePort } from "@tillmesh/sync-engine/testing";
import { startNatsServer, type OwnNatsServer } from "./nats-server.ts";

export interface OwnNatsCluster {
  /** Of all servers, separated by commas. */
  readonly url: string;
  readonly servers: readonly OwnNatsServer[];
  /** The server that leads the stream with that name, as an index. */
  readonly leaderOf: (stream: string) => Promise<number>;
  readonly dispose: () => Promise<void>;
}

export async function startNatsCluster(): Promise<OwnNatsCluster> {
  const ports = await freePorts(6);
  const [clients, routes] = [ports.slice(0, 3), ports.slice(3)];
  const routeUrls = routes.map((port) => `nats://127.0.0.1:${port}`).join(", ");
  const servers = await Promise.all(
    clients.map(async (port, index) =>
      startNatsServer({
        port,
        config: [
          `server_name: "n${index}"`,
          `cluster { name: "test", listen: "127.0.0.1:${routes[index]}", routes: [${routeUrls}] }`,
        ].join("\n"),
      }),
    ),
  );
  const url = servers.map((server) => server.url).join(",");
  return {
    url,
    servers,
    leaderOf: async (stream) => {
      const connection = await connect({ servers: url.split(",") });
      try {
        const { streams } = await jetstreamManager(connection);
        const { cluster } = await streams.info(stream);
        return Number(cluster?.leader?.slice(1));
      } finally {
        await connection.close();
      }
    },
    dispose: async () => {
      await Promise.all(servers.map(async (server) => server.dispose()));
    },
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/**
 * TCP ports that nobody listens on.
 *
 * Taken from below the range that systems give to outgoing connections, so that a till can be
 * stopped and started on its port while others connect to theirs.
 *
 * @module
 */

import { randomInt } from "node:crypto";
import net from "node:net";

/** Distinct ports: all are held until the last is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: net.Server[] = [];
  const ports: number[] = [];
  for (let attempt = 0; ports.length < count && attempt < attemptsMax; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    const server = await listen(port);
    if (server === undefined) continue;
    servers.push(server);
    ports.push(port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  if (ports.length < count) throw new Error(`No ${count} free ports after ${attemptsMax} attempts`);
  return ports;
}

const attemptsMax = 200;

function listen(port: number): Promise<net.Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

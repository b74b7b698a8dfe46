/**
 * A TCP port that nobody listens on.
 *
 * Taken from below the range that systems give to outgoing connections: between its choice and its use no
 * connection of another test can be given it.
 *
 * @module
 */

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port after ${attemptsMax} attempts`);
}

const attemptsMax = 200;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/**
 * Stops an HTTP server without cutting anybody off who is being answered.
 *
 * @module
 */

import type { FastifyInstance } from "fastify";

export interface ServerCloser {
  /** Resolves when the requests under way are answered, or have had their time. */
  close(): Promise<void>;
}

/** To be made before the server listens: it counts the requests under way. */
export function createServerCloser(server: FastifyInstance): ServerCloser {
  let underWay = 0;
  server.server.on("request", (_request, response) => {
    underWay += 1;
    response.once("close", () => (underWay -= 1));
  });
  return {
    close: async () => {
      const startedAtMs = performance.now();
      // Node takes a connection on which nothing was ever asked for a busy one.
      const sweep = setInterval(() => {
        const isLate = performance.now() - startedAtMs > closeMaxMs;
        if (underWay === 0 || isLate) server.server.closeAllConnections();
      }, 20);
      await server.close();
      clearInterval(sweep);
    },
  };
}

const closeMaxMs = 10_000;

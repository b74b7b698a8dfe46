/**
 * The server that tests share: one that runs here already, or one that is started; with a word if there is neither.
 *
 * @module
 */

import { findRunningNats, hasNatsServer, startNatsServer } from "./nats-server.ts";

export interface TestServer {
  /** Undefined: there is none, tests cannot run. */
  readonly url: string | undefined;
  readonly dispose: () => Promise<void>;
}

export async function testServer(): Promise<TestServer> {
  const running = await findRunningNats();
  if (running !== undefined) return { url: running, dispose: async () => undefined };
  if (hasNatsServer) return startNatsServer();
  tellOfSkip("no NATS with JetStream runs here, and there is no nats-server to start");
  return { url: undefined, dispose: async () => undefined };
}

/** Where nothing may be skipped, it throws. */
export function tellOfSkip(why: string): void {
  if (process.env["TILLMESH_REQUIRE_NATS"] === "1") throw new Error(why);
  console.warn(`SKIPPED, tests of the JetStream backend: ${why}`);
}

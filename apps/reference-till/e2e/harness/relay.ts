/**
 * A relay that serves: started, asked until it is ready, killed and started again on its port.
 *
 * @module
 */

import path from "node:path";
import { eventually } from "./eventually.ts";
import { freePorts } from "./ports.ts";
import { startTillmesh, type Ending, type Program } from "./programs.ts";

export interface RelayPlace {
  readonly directory: string;
  readonly port: number;
  /** The organisation's CA, as `org ca` prints it. */
  readonly caFile: string;
}

export interface ServingRelay {
  /** One of its pages: `/metrics`. */
  page(path: string): Promise<{ readonly status: number; readonly text: string }>;
  stop(): Promise<Ending>;
  kill(): Promise<Ending>;
}

export async function relayPlace(folder: string, caFile: string): Promise<RelayPlace> {
  const [port = 0] = await freePorts(1);
  return { directory: path.join(folder, "relay"), port, caFile };
}

export async function serveRelay({ directory, port, caFile }: RelayPlace): Promise<ServingRelay> {
  const args = ["--data", directory, "--port", String(port), "--trust", caFile];
  const program = startTillmesh(["relay", "serve", ...args], { timeMaxMs: 3_600_000 });
  const page = async (wanted: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${wanted}`);
    return { status: response.status, text: await response.text() };
  };
  await eventually("the relay is ready", async () => {
    const { status } = await page("/readyz").catch(() => ({ status: 0 }));
    return status === 200 ? true : undefined;
  });
  return {
    page,
    stop: () => end(program, "SIGTERM"),
    kill: () => end(program, "SIGKILL"),
  };
}

function end(program: Program, signal: "SIGTERM" | "SIGKILL"): Promise<Ending> {
  program.signal(signal);
  return program.ended;
}

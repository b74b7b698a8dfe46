/**
 * NATS servers for tests: the one that runs on this machine, or processes of our own.
 *
 * @module
 */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { freePort } from "@tillmesh/sync-engine/testing";

/** A process of ours, with a store of its own. */
export interface OwnNatsServer {
  readonly url: string;
  /** SIGKILL. */
  readonly kill: () => Promise<void>;
  /** It says nothing more, and its connections stay. Resolved when all its threads stand still. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /** On the same port and store. */
  readonly start: () => Promise<void>;
  /** Ends it and removes what it stored. */
  readonly dispose: () => Promise<void>;
}

export interface OwnNatsServerOptions {
  /** Lines of configuration beside port and store. */
  readonly config?: string;
  /** What all streams together may take up. */
  readonly storeMaxBytes?: number;
  readonly port?: number;
}

export const hasNatsServer: boolean = spawnSync("nats-server", ["--version"]).status === 0;

/** The url of a server with JetStream that runs here. */
export async function findRunningNats(): Promise<string | undefined> {
  const url = process.env["TILLMESH_NATS_URL"] ?? "nats://127.0.0.1:4222";
  try {
    const connection = await connect({ servers: url, timeout: 2_000, reconnect: false });
    try {
      await jetstreamManager(connection);
      return url;
    } finally {
      await connection.close();
    }
  } catch {
    return undefined;
  }
}

export async function startNatsServer(options: OwnNatsServerOptions = {}): Promise<OwnNatsServer> {
  const port = options.port ?? (await freePort());
  const directory = await mkdtemp(join(tmpdir(), "tillmesh-nats-"));
  const config = join(directory, "nats.conf");
  await writeFile(
    config,
    [
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${directory}", max_file_store: ${options.storeMaxBytes ?? 1_073_741_824} }`,
      options.config ?? "",
      "",
    ].join("\n"),
  );
  let running: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    running = spawn("nats-server", ["-c", config], { stdio: ["ignore", "ignore", "pipe"] });
    await untilReady(running);
  };
  const kill = async (): Promise<void> => {
    const ending = running;
    running = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, "exit");
    ending.kill("SIGKILL");
    await exited;
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    pause: async () => {
      running?.kill("SIGSTOP");
      while (!isStopped(running?.pid ?? 0)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    resume: () => void running?.kill("SIGCONT"),
    start,
    dispose: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The signal is on its way when `kill` returns; threads that still run may answer. Linux tells; elsewhere it is believed. */
function isStopped(pid: number): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  return readdirSync(tasks).every((task) =>
    /^State:\s+[Tt]/m.test(readFileSync(`${tasks}/${task}/status`, "utf8")),
  );
}

/** Removes all streams and buckets of a prefix. */
export async function removeStreams(url: string, prefix: string): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    const { streams } = await jetstreamManager(connection);
    const names: string[] = [];
    for await (const name of streams.names()) names.push(name);
    const ours = names.filter((name) => name.replace(/^KV_/, "").startsWith(`${prefix}-`));
    for (const name of ours) await streams.delete(name);
  } finally {
    await connection.close();
  }
}

/** The server says so in its log; the log is read to the end, so that it never blocks. */
async function untilReady(server: ChildProcess): Promise<void> {
  const said: string[] = [];
  const { stderr } = server;
  if (!stderr) throw new Error("no log of nats-server");
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: stderr }).on("line", (line) => {
      if (said.length < 200) said.push(line);
      if (line.includes("Server is ready")) resolve();
    });
    server.once("exit", () => reject(new Error(`nats-server ended:\n${said.join("\n")}`)));
  });
}

/**
 * A relay process, started as its operator would, with an end.
 *
 * @module
 */

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { SampleOrganisation } from "@tillmesh/relay/testing";

export interface RelayProcess {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly http: string;
  readonly logs: () => string;
  /** Sends the signal; resolves when the process is gone. */
  readonly end: (signal: NodeJS.Signals) => Promise<Ending>;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Runs to its end. */
export function runRelayProcess(args: readonly string[]): Promise<Ending> {
  return start(args).ended;
}

/** Resolves when it serves. */
export async function startRelayProcess(
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Promise<RelayProcess> {
  const { child, ended, stderr, serving } = start(args, nodeArgs);
  const port = await Promise.race([
    serving,
    ended.then((ending) => Promise.reject(new Error(ending.stderr))),
  ]);
  return {
    pid: child.pid ?? 0,
    port,
    url: `ws://127.0.0.1:${port}/v1`,
    http: `http://127.0.0.1:${port}`,
    logs: stderr,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** A directory with the CA's certificate beside the relay's data. */
export function relayPlace(organisation: SampleOrganisation): {
  readonly directory: string;
  readonly data: string;
  readonly args: readonly string[];
  readonly remove: () => void;
} {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-relay-e2e-"));
  const trust = path.join(directory, "ca.pem");
  const config = path.join(directory, "relay.json");
  const data = path.join(directory, "data");
  fs.writeFileSync(trust, organisation.ca.certificate);
  fs.writeFileSync(config, JSON.stringify({ files: { freeMinBytes: 0 } }));
  const args = ["serve", "--data", data, "--port", "0", "--trust", trust, "--config", config];
  return {
    directory,
    data,
    args,
    remove: () => fs.rmSync(directory, { recursive: true, force: true }),
  };
}

function start(args: readonly string[], nodeArgs: readonly string[] = []) {
  const argv = ["--conditions=@tillmesh/source", "--disable-warning=ExperimentalWarning", main];
  const child = spawn(process.execPath, [...nodeArgs, ...argv, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  const serving = new Promise<number>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-100_000);
      const port = /"event":"serving","url":"ws:\/\/[^"]*:(\d+)\/v1"/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  const late = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const ended = new Promise<Ending>((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(late);
      resolve({ code, signal, stderr: text });
    });
  });
  return { child, ended, serving, stderr: () => text };
}

/**
 * `tillmesh relay serve`: a relay process from its command line to its end.
 *
 * Exit codes: 0 stopped in order, 1 could not start or its logs failed, 2 wrong command line or configuration.
 *
 * @module
 */

import fs from "node:fs";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { splitPem } from "@tillmesh/sync-engine/identity";
import { openBackend, type Backend } from "./backend.ts";
import { readRelayConfig, usage, type Environment, type RelayConfig } from "./config.ts";
import { createLog, type Log } from "./logger.ts";
import { startRelay, type Relay } from "./relay.ts";
import { readTrust, type TrustedCas } from "./trust.ts";

export interface RelayProcess {
  readonly env: Environment;
  /** A line of the log. */
  readonly write: (line: string) => void;
  /** For the person who typed the command. */
  readonly say: (text: string) => void;
  /** Resolves when the process was told to stop. */
  readonly stopped: Promise<string>;
}

/** The exit code, when the relay has ended. */
export async function runRelay(args: readonly string[], process: RelayProcess): Promise<number> {
  const [command, ...rest] = args;
  if (command !== "serve" || rest.includes("--help") || rest.includes("-h")) {
    process.say(usage);
    return command === "serve" ? 0 : 2;
  }
  const config = readRelayConfig(rest, process.env);
  if (!config.ok) {
    process.say(`tillmesh relay: ${config.error.message}\n\n${usage}`);
    return 2;
  }
  return serve(config.value, process);
}

async function serve(config: RelayConfig, { write, say, stopped }: RelayProcess): Promise<number> {
  const clock = systemClock();
  const crypto = nodeCrypto();
  const log = createLog({ least: config.logLevel, clock, write });
  const trusted = trustOf(config, crypto);
  if (typeof trusted === "string") return fail(say, trusted);
  const backend = await openBackend(config, { clock, crypto, log });
  if (!backend.ok) return fail(say, JSON.stringify(backend.error));
  const { store, signer } = backend.value;
  const { host, port, limits, quotas, proxies } = config;
  const options = { host, port, limits, quotas, proxies, store, signer, trusted };
  try {
    const relay = await startRelay({ ...options, clock, crypto, log });
    log("info", "serving", {
      url: `ws://${hostText(host)}:${relay.port}/v1`,
      backend: config.backend,
    });
    return await untilEnd(relay, { log, stopped, backend: backend.value });
  } catch (error) {
    await backend.value.close();
    return fail(say, error instanceof Error ? error.message : String(error));
  }
}

interface Running {
  readonly log: Log;
  readonly stopped: Promise<string>;
  readonly backend: Backend;
}

/** Told to stop, or the logs failed: only a start that looks at the disk says what is there. */
async function untilEnd(relay: Relay, { log, stopped, backend }: Running): Promise<number> {
  const reason = await Promise.race([stopped, failureOf(backend)]);
  const isFailure = reason.startsWith("store ");
  log(isFailure ? "error" : "info", "stopping", { reason, connections: relay.connections() });
  await relay.stop();
  await backend.close();
  log("info", "stopped");
  return isFailure ? 1 : 0;
}

function failureOf({ store }: Backend): Promise<string> {
  return new Promise((resolve) => {
    const look = async (): Promise<void> => {
      const { state, detail } = await store.health();
      if (state !== "failed") return;
      clearInterval(timer);
      resolve(`store failed: ${detail}`);
    };
    const timer = setInterval(() => void look(), healthCheckMs).unref();
  });
}

const healthCheckMs = 500;

function trustOf(config: RelayConfig, crypto: ReturnType<typeof nodeCrypto>): TrustedCas | string {
  const certificates: string[] = [];
  for (const file of config.trust) {
    if (!fs.existsSync(file)) return `${file}: there is no such file`;
    certificates.push(...splitPem(fs.readFileSync(file, "utf8")));
  }
  const trusted = readTrust(certificates, crypto);
  if (trusted.ok) return trusted.value;
  return `${config.trust.join(", ")}: ${JSON.stringify(trusted.error)}`;
}

function hostText(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function fail(say: (text: string) => void, message: string): number {
  say(`tillmesh relay: ${message}`);
  return 1;
}

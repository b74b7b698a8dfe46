/**
 * The logs and the key of a relay, by its configuration.
 *
 * @module
 */

import fs from "node:fs";
import path from "node:path";
import {
  assert,
  err,
  ok,
  type Clock,
  type Crypto,
  type Result,
  type Signer,
} from "@tillmesh/kernel";
import { lockDirectory, nodeFiles } from "@tillmesh/sync-engine/storage";
import type { RelayConfig } from "./config.ts";
import { openFilesStore } from "./files/files-store.ts";
import type { LogStore } from "./log-store.ts";
import type { Log } from "./logger.ts";
import { relayKey, seedToSigner } from "./relay-key.ts";

export interface Backend {
  readonly store: LogStore;
  readonly signer: Signer;
  /** After the store. */
  readonly close: () => Promise<void>;
}

export interface BackendPorts {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly log: Log;
}

export async function openBackend(
  config: RelayConfig,
  ports: BackendPorts,
): Promise<Result<Backend, { readonly type: string }>> {
  return config.backend === "files" ? openFiles(config, ports) : openNats(config, ports);
}

function openFiles(
  { data, files: settings }: RelayConfig,
  { clock, crypto, log }: BackendPorts,
): Result<Backend, { readonly type: string }> {
  fs.mkdirSync(data, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(data);
  if (!lock.ok) return lock;
  const directory = path.join(data, "logs");
  const opened = openFilesStore({ files: nodeFiles(), directory, clock, crypto, settings });
  if (!opened.ok) {
    lock.value.release();
    return opened;
  }
  const store = opened.value;
  log(store.found.tornSizeBytes > 0 ? "warn" : "info", "logs-opened", { ...store.found });
  return ok({
    store,
    signer: relayKey(path.join(data, "relay-key.pem")),
    close: async () => {
      await store.close();
      lock.value.release();
    },
  });
}

/** All relays of a cluster have one key, which they keep beside their logs. */
async function openNats(
  { natsUrl, nats: settings }: RelayConfig,
  { crypto }: BackendPorts,
): Promise<Result<Backend, { readonly type: string }>> {
  assert(natsUrl !== undefined, "the configuration names a server");
  // Only who uses it pays for loading it.
  const { openNatsLogStore } = await import("./nats/nats-log-store.ts");
  const opened = await openNatsLogStore({ servers: natsUrl.split(","), crypto, settings });
  if (!opened.ok) return opened;
  const store = opened.value;
  const seed = await store.relaySeed(crypto.randomBytes(32));
  if (!seed.ok) {
    await store.close();
    return err(seed.error);
  }
  return ok({ store, signer: seedToSigner(seed.value), close: () => store.close() });
}

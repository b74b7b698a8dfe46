/**
 * A relay in this process on a directory of its own, for tests and measurements.
 *
 * @module
 */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Clock } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { nodeFiles } from "@tillmesh/sync-engine/storage";
import { openFilesStore } from "../files/files-store.ts";
import { defaultFilesSettings, type FilesSettings } from "../files/store-state.ts";
import type { LogStore } from "../log-store.ts";
import type { Log } from "../logger.ts";
import { relayKey } from "../relay-key.ts";
import { startRelay, type Relay } from "../relay.ts";
import { defaultLimits, defaultQuotas, type Limits, type Quotas } from "../settings.ts";
import { readTrust } from "../trust.ts";
import type { SampleOrganisation } from "./sample-organisation.ts";

export interface TestRelay {
  readonly url: string;
  readonly http: string;
  readonly relay: Relay;
  readonly store: LogStore;
  readonly directory: string;
  /** Stops it and removes the directory. */
  readonly dispose: () => Promise<void>;
}

export interface TestRelayOptions {
  readonly trust: readonly SampleOrganisation[];
  readonly limits?: Partial<Limits>;
  readonly quotas?: Partial<Quotas>;
  readonly files?: Partial<FilesSettings>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly proxies?: readonly string[];
  /** Instead of files in a temporary directory. */
  readonly store?: LogStore;
}

export async function startTestRelay(options: TestRelayOptions): Promise<TestRelay> {
  const crypto = nodeCrypto();
  const { clock = systemClock(), log = () => undefined, proxies = [] } = options;
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-relay-"));
  const store = options.store ?? openStore(directory, { clock, files: options.files });
  const trusted = readTrust(
    options.trust.map(({ ca }) => ca.certificate),
    crypto,
  );
  if (!trusted.ok) throw new Error(JSON.stringify(trusted.error));
  const relay = await startRelay({
    store,
    trusted: trusted.value,
    signer: relayKey(path.join(directory, "relay-key.pem")),
    crypto,
    clock,
    log,
    limits: { ...defaultLimits, ...options.limits },
    quotas: { ...defaultQuotas, ...options.quotas },
    host: "127.0.0.1",
    port: 0,
    proxies,
  });
  return {
    url: `ws://127.0.0.1:${relay.port}/v1`,
    http: `http://127.0.0.1:${relay.port}`,
    relay,
    store,
    directory,
    dispose: async () => {
      await relay.stop();
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}

function openStore(
  directory: string,
  { clock, files }: { readonly clock: Clock; readonly files: Partial<FilesSettings> | undefined },
): LogStore {
  const opened = openFilesStore({
    files: nodeFiles(),
    directory: path.join(directory, "logs"),
    clock,
    crypto: nodeCrypto(),
    settings: { ...defaultFilesSettings, freeMinBytes: 0, ...files },
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

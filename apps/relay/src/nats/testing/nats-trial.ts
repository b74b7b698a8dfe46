/**
 * Trials of the JetStream backend, each under a prefix of its own.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { nodeCrypto } from "@tillmesh/kernel/node";
import type { LogStoreTrial } from "../../testing/log-store-scene.ts";
import { valueOf } from "../../testing/log-store-scene.ts";
import { openNatsLogStore, type NatsLogStore } from "../nats-log-store.ts";
import type { NatsSettings } from "../settings.ts";
import { removeStreams } from "./nats-server.ts";

export interface NatsTrial extends LogStoreTrial {
  readonly store: NatsLogStore;
  readonly prefix: string;
  readonly restart: () => Promise<NatsLogStore>;
  readonly second: () => Promise<NatsLogStore>;
  /** Closes the stores; for a server that goes away with all that it holds. */
  readonly close: () => Promise<void>;
}

/** Stores that it opens are closed by it, and their streams removed. */
export async function createNatsTrial(
  url: string,
  settings: Partial<NatsSettings> = {},
): Promise<NatsTrial> {
  const prefix = `test-${randomBytes(6).toString("hex")}`;
  const opened: NatsLogStore[] = [];
  const open = async (): Promise<NatsLogStore> => {
    const store = valueOf(
      await openNatsLogStore({
        servers: url.split(","),
        crypto: nodeCrypto(),
        settings: { ...settings, prefix },
      }),
    );
    opened.push(store);
    return store;
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(async (one) => one.close()));
  };
  const store = await open();
  return {
    store,
    prefix,
    restart: async () => {
      await opened.at(-1)?.close();
      return open();
    },
    second: open,
    close,
    dispose: async () => {
      await close();
      await removeStreams(url, prefix);
    },
  };
}

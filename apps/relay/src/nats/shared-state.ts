/**
 * What all relay processes share beside the logs, in one key-value bucket: revocations, and the relay's own key.
 *
 * @module
 */

import { Kvm, KvWatchInclude, type KV, type KvWatchEntry } from "@nats-io/kv";
import { base64url, fromBase64url, utf8, type Crypto } from "@tillmesh/kernel";
import type { QueuedIterator } from "@nats-io/transport-node";
import type { Revocation, Unwatch } from "../log-store.ts";
import {
  faultOf,
  isNoResponders,
  isNotFound,
  isWrongLastSequence,
  NatsFault,
} from "./nats-fault.ts";
import type { NatsLink } from "./nats-link.ts";
import type { NatsSettings } from "./settings.ts";
import { organisationToken } from "./subjects.ts";

export interface SharedState {
  /** The first for a device stays. */
  readonly revoke: (revocation: Revocation) => Promise<void>;
  readonly revocationOf: (organisation: string, device: string) => Promise<Uint8Array | undefined>;
  readonly watchRevocations: (onRevoked: (revocation: Revocation) => void) => Promise<Unwatch>;
  /** The relay's seed: `fresh` if none is kept yet, otherwise the one that is. */
  readonly seed: (fresh: Uint8Array) => Promise<Uint8Array>;
  /** Goes on watching, from the last revocation seen. */
  readonly rewatch: () => Promise<void>;
  readonly close: () => void;
}

export interface SharedStateOptions {
  readonly link: NatsLink;
  readonly settings: NatsSettings;
  readonly crypto: Pick<Crypto, "sha256">;
}

export function createSharedState(options: SharedStateOptions): SharedState {
  const { crypto } = options;
  const bucket = createBucket(options);
  const watcher = createRevocationWatcher(bucket);
  const keyOf = (organisation: string, device: string): string =>
    `${revoked}.${organisationToken(organisation, crypto)}.${base64url(utf8(device))}`;
  return {
    revoke: async (revocation) => {
      const { organisation, device } = revocation;
      const [key, text] = [keyOf(organisation, device), revocationText(revocation)];
      await bucket(async (kv) => keep(kv, key, text));
    },
    revocationOf: async (organisation, device) => {
      const entry = await bucket(async (kv) => kv.get(keyOf(organisation, device)));
      return entry ? readRevocation(entry.string()).statement : undefined;
    },
    watchRevocations: watcher.watch,
    seed: async (fresh) => {
      await bucket(async (kv) => keep(kv, seedKey, base64url(fresh)));
      const entry = await bucket(async (kv) => kv.get(seedKey));
      const kept = fromBase64url(entry?.string() ?? "");
      if (!kept.ok || kept.value.length !== fresh.length) {
        throw new NatsFault("damaged", `${seedKey} is no seed`);
      }
      return kept.value;
    },
    rewatch: watcher.restart,
    close: watcher.close,
  };
}

/** Runs something with the bucket. One that was removed comes back, empty. */
type Bucket = <T>(run: (kv: KV) => Promise<T>) => Promise<T>;

function createBucket({ link, settings }: SharedStateOptions): Bucket {
  const manager = new Kvm(link.client);
  const name = `${settings.prefix}-state`;
  // Asked of the leader: a device that was revoked a moment ago is revoked.
  const options = { replicas: settings.replicas, history: 1, allow_direct: false };
  let opened: Promise<KV> | undefined;
  const open = async (): Promise<KV> => {
    opened ??= link.ask(async () => manager.create(name, options));
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  return async (run) => {
    const kv = await open();
    try {
      return await link.ask(async () => run(kv));
    } catch (error) {
      if (!isNotFound(error) && !isNoResponders(error)) throw error;
      opened = undefined;
    }
    const again = await open();
    return link.ask(async () => run(again));
  };
}

/** The first stays. */
async function keep(kv: KV, key: string, value: string): Promise<void> {
  try {
    await kv.create(key, value);
  } catch (error) {
    if (!isWrongLastSequence(error)) throw error;
  }
}

interface RevocationWatcher {
  readonly watch: (onRevoked: (revocation: Revocation) => void) => Promise<Unwatch>;
  readonly restart: () => Promise<void>;
  readonly close: () => void;
}

function createRevocationWatcher(bucket: Bucket): RevocationWatcher {
  const listeners = new Set<(revocation: Revocation) => void>();
  let entries: QueuedIterator<KvWatchEntry> | undefined;
  let starting: Promise<void> | undefined;
  let lastRevision = 0;
  const follow = async (from: QueuedIterator<KvWatchEntry>): Promise<void> => {
    for await (const entry of from) {
      if (entry.revision <= lastRevision || entry.operation !== "PUT") continue;
      lastRevision = entry.revision;
      const revocation = readRevocation(entry.string());
      for (const listener of listeners) listener(revocation);
    }
  };
  const start = async (): Promise<void> => {
    const { streamInfo } = await bucket(async (kv) => kv.status());
    const { last_seq: newest } = streamInfo.state;
    // From now on at first; and a bucket that was made anew counts from one again.
    if (entries === undefined) lastRevision = newest;
    else if (newest < lastRevision) lastRevision = 0;
    entries?.stop();
    entries = await bucket(async (kv) =>
      kv.watch({
        key: `${revoked}.>`,
        include: KvWatchInclude.UpdatesOnly,
        ...(newest > lastRevision ? { resumeFromRevision: lastRevision + 1 } : {}),
      }),
    );
    void follow(entries).catch(() => undefined);
  };
  /** If it cannot now, it does with the next reconnection. */
  const restart = async (): Promise<void> => {
    if (listeners.size === 0) return;
    starting ??= start()
      .catch((error: unknown) => void faultOf(error))
      .finally(() => {
        starting = undefined;
      });
    await starting;
  };
  return {
    watch: async (onRevoked) => {
      const listener = (revocation: Revocation): void => onRevoked(revocation);
      listeners.add(listener);
      if (entries === undefined) await restart();
      return () => void listeners.delete(listener);
    },
    restart,
    close: () => {
      listeners.clear();
      entries?.stop();
    },
  };
}

function revocationText({ organisation, device, statement }: Revocation): string {
  return JSON.stringify({ organisation, device, statement: base64url(statement) });
}

function readRevocation(text: string): Revocation {
  const { organisation, device, statement } = JSON.parse(text) as Record<keyof Revocation, string>;
  const bytes = fromBase64url(statement);
  if (!bytes.ok) throw new NatsFault("damaged", `revocation of ${device}`);
  return { organisation, device, statement: bytes.value };
}

const revoked = "revoked";
const seedKey = "relay.seed";

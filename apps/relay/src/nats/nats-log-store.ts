/**
 * The relay's logs on NATS JetStream: any number of relay processes share them. SPEC.md (LS).
 *
 * A stream per organisation and lane; JetStream keeps it on as many servers as it has replicas. A process holds nothing that it
 * could not ask for again, so it may end at any time, and another takes over.
 *
 * @module
 */

import { err, ok, type Crypto, type Result } from "@tillmesh/kernel";
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import type { LogStore, StoreFault, StoreHealth } from "../log-store.ts";
import { append, closedFault } from "./append.ts";
import { createLogStreams } from "./log-streams.ts";
import { faultOf } from "./nats-fault.ts";
import { openNatsLink } from "./nats-link.ts";
import type { NatsState } from "./nats-state.ts";
import { hashAt, headOf, readLog } from "./read.ts";
import { release } from "./release.ts";
import { defaultNatsSettings, faultInSettings, type NatsSettings } from "./settings.ts";
import { createSharedState, type SharedState } from "./shared-state.ts";
import { channelsOf, usageOf } from "./usage.ts";
import { createWatching, type Watching } from "./watching.ts";

export interface NatsLogStore extends LogStore {
  /**
   * The seed of the relay's own key, the same for all processes of one relay: `fresh` if none is kept yet, otherwise
   * the one that is.
   */
  readonly relaySeed: (fresh: Uint8Array) => Promise<Result<Uint8Array, StoreFault>>;
}

export interface NatsOptions {
  /** `nats://host:port` or `tls://host:port`, one or more of the cluster. */
  readonly servers: readonly string[];
  readonly crypto: Pick<Crypto, "sha256" | "randomBytes">;
  readonly settings?: Partial<NatsSettings>;
  /** What else the client library takes: TLS, credentials. */
  readonly connection?: NodeConnectionOptions;
  /** A clock that never jumps. */
  readonly monotonicMs?: () => number;
}

/** Connects, and waits until JetStream answers. `Unavailable` with code `settings`: nothing was tried. */
export async function openNatsLogStore(
  options: NatsOptions,
): Promise<Result<NatsLogStore, StoreFault>> {
  const settings: NatsSettings = { ...defaultNatsSettings, ...options.settings };
  const wrong = faultInSettings(settings);
  if (wrong !== undefined) return err({ type: "Unavailable", code: "settings", detail: wrong });
  try {
    const state = await openState(options, settings);
    const shared = createSharedState(state);
    const watching = createWatching(state);
    return ok(
      storeOf({ state, shared, watching, stop: keepChecking({ state, shared, watching }) }),
    );
  } catch (error) {
    return err(faultOf(error));
  }
}

async function openState(
  { servers, crypto, connection, monotonicMs = () => performance.now() }: NatsOptions,
  settings: NatsSettings,
): Promise<NatsState> {
  const { requestTimeoutMs } = settings;
  const link = await openNatsLink({
    servers,
    requestTimeoutMs,
    ...(connection ? { connection } : {}),
  });
  return {
    link,
    settings,
    crypto,
    monotonicMs,
    streams: createLogStreams({ link, settings, crypto }),
    chains: new Map(),
    usage: new Map(),
    newest: new Map(),
    reading: new Map(),
    space: new Map(),
    waitingBytes: 0,
    isFull: false,
    isClosed: false,
  };
}

interface Parts {
  readonly state: NatsState;
  readonly shared: SharedState;
  readonly watching: Watching;
}

/** Notices may be lost, above all while there was no connection. */
function keepChecking({ state, shared, watching }: Parts): () => void {
  let isChecking = false;
  const check = async (): Promise<void> => {
    if (isChecking || state.isClosed) return;
    isChecking = true;
    await watching.check();
    isChecking = false;
  };
  const timer = setInterval(() => void check(), state.settings.watchCheckMs);
  timer.unref();
  state.link.onReconnected(() => {
    void check();
    void shared.rewatch();
  });
  return () => clearInterval(timer);
}

function storeOf({
  state,
  shared,
  watching,
  stop,
}: Parts & { readonly stop: () => void }): NatsLogStore {
  const answer = async <T>(question: () => Promise<T>): Promise<Result<T, StoreFault>> => {
    if (state.isClosed) return err(closedFault);
    try {
      return ok(await state.link.ask(question));
    } catch (error) {
      return err(faultOf(error));
    }
  };
  return {
    append: async (organisation, envelope) => append(state, organisation, envelope),
    head: async (log) => answer(async () => headOf(state, log)),
    read: async (log, span) => answer(async () => readLog(state, log, span)),
    hashAt: async (log, offset) => answer(async () => hashAt(state, log, offset)),
    watch: watching.watch,
    channels: async (organisation) => answer(async () => channelsOf(state, organisation)),
    release: async (log, logId, offset) =>
      answer(async () => release(state, log, { logId, offset })),
    revoke: async (revocation) => answer(async () => shared.revoke(revocation)),
    revocationOf: async (organisation, device) =>
      answer(async () => shared.revocationOf(organisation, device)),
    watchRevocations: shared.watchRevocations,
    usage: async (organisation) => answer(async () => usageOf(state, organisation)),
    relaySeed: async (fresh) => answer(async () => shared.seed(fresh)),
    health: async () => healthOf(state),
    close: async () => {
      if (state.isClosed) return;
      state.isClosed = true;
      stop();
      await Promise.all([...state.chains.values()].map(async ({ tail }) => tail));
      watching.close();
      shared.close();
      await state.link.connection.close();
    },
  };
}

async function healthOf(state: NatsState): Promise<StoreHealth> {
  const { link, isClosed } = state;
  const gauges = {
    nats_connected: Number(link.isConnected()),
    nats_reconnects: link.reconnects(),
    waiting_bytes: state.waitingBytes,
    chains: state.chains.size,
  };
  if (isClosed || link.connection.isClosed()) {
    return { state: "failed", detail: "the connection is closed", gauges };
  }
  if (!link.isConnected()) return { state: "unreachable", detail: "no NATS server", gauges };
  try {
    const { storage, streams } = await link.ask(async () => link.manager.getAccountInfo());
    const all = { ...gauges, jetstream_bytes: storage, jetstream_streams: streams };
    if (state.isFull) return { state: "full", detail: "JetStream has no space", gauges: all };
    return { state: "ok", detail: link.connection.getServer(), gauges: all };
  } catch (error) {
    return { state: "unreachable", detail: faultOf(error).detail, gauges };
  }
}

/**
 * Watching logs across processes.
 *
 * JetStream sends a notice, headers only, of each envelope that it stored. A notice may be lost, so every now and then and after
 * each reconnection the streams themselves are asked.
 *
 * @module
 */

import type { Subscription } from "@nats-io/transport-node";
import { hex } from "@tillmesh/kernel";
import type { LogName, Unwatch } from "../log-store.ts";
import { faultOf } from "./nats-fault.ts";
import { noteNewest, type NatsState } from "./nats-state.ts";
import { channelFilter, type LogStream } from "./subjects.ts";

export interface Watching {
  readonly watch: (name: LogName, onNew: () => void) => Promise<Unwatch>;
  /** Asks all watched streams whether something was missed. */
  readonly check: () => Promise<void>;
  readonly close: () => void;
}

interface WatchedLog {
  readonly name: LogName;
  readonly listeners: Set<() => void>;
  stream: LogStream | undefined;
  subscription: Subscription | undefined;
  attaching: Promise<void> | undefined;
}

export function createWatching(state: NatsState): Watching {
  const watched = new Map<string, WatchedLog>();
  /** Newest place that was told of, by stream id. */
  const seen = new Map<string, number>();
  const drop = (key: string, log: WatchedLog): void => {
    if (log.listeners.size > 0) return;
    log.subscription?.unsubscribe();
    if (watched.get(key) === log) watched.delete(key);
  };
  const check = async (): Promise<void> => {
    for (const logs of byStream(watched.values()).values()) await checkStream(state, seen, logs);
  };
  return {
    watch: async (name, onNew) => {
      const key = `${name.organisation} ${name.lane} ${hex(name.channel)}`;
      const log: WatchedLog = watched.get(key) ?? {
        name,
        listeners: new Set(),
        stream: undefined,
        subscription: undefined,
        attaching: undefined,
      };
      watched.set(key, log);
      // The same function may watch twice.
      const listener = (): void => onNew();
      log.listeners.add(listener);
      await attach(state, seen, log);
      return () => {
        log.listeners.delete(listener);
        drop(key, log);
      };
    },
    check,
    close: () => {
      for (const log of watched.values()) {
        log.listeners.clear();
        log.subscription?.unsubscribe();
      }
      watched.clear();
    },
  };
}

/** If it cannot now, `check` does later. */
async function attach(state: NatsState, seen: Map<string, number>, log: WatchedLog): Promise<void> {
  log.attaching ??= (async () => {
    try {
      const { link } = state;
      const stream = await state.streams.open(log.name);
      if (log.stream?.id === stream.id && log.subscription) return;
      log.subscription?.unsubscribe();
      const filter = channelFilter(stream, log.name.channel);
      log.stream = stream;
      log.subscription = link.connection.subscribe(`${stream.notices}.${hex(log.name.channel)}.>`, {
        callback: (error, message) => {
          if (error) return;
          const place = Number(message.headers?.get("Nats-Sequence") ?? 0);
          seen.set(stream.id, Math.max(seen.get(stream.id) ?? 0, place));
          noteNewest(state, filter, place);
          tell(log);
        },
      });
      // The server knows of it before anything that comes later.
      await link.connection.flush();
    } catch (error) {
      faultOf(error);
    } finally {
      log.attaching = undefined;
    }
  })();
  await log.attaching;
}

async function checkStream(
  state: NatsState,
  seen: Map<string, number>,
  logs: readonly WatchedLog[],
): Promise<void> {
  const stream = logs[0]?.stream;
  try {
    const info = stream && (await state.streams.confirm(stream));
    if (stream && info) {
      tellOfMissed(state, seen, { stream, newest: info.state.last_seq, logs });
      return;
    }
    if (stream) seen.delete(stream.id);
    for (const log of logs) await attach(state, seen, log);
    for (const log of logs) tell(log);
  } catch (error) {
    // The next check tries again; a bug is thrown.
    faultOf(error);
  }
}

interface Missed {
  readonly stream: LogStream;
  readonly newest: number;
  readonly logs: readonly WatchedLog[];
}

function tellOfMissed(
  state: NatsState,
  seen: Map<string, number>,
  { stream, newest, logs }: Missed,
): void {
  if (newest <= (seen.get(stream.id) ?? 0)) return;
  seen.set(stream.id, newest);
  for (const log of logs) {
    // A replica that lags behind is not to be believed about what was missed.
    noteNewest(state, channelFilter(stream, log.name.channel), newest);
    tell(log);
  }
}

function byStream(logs: Iterable<WatchedLog>): ReadonlyMap<string, readonly WatchedLog[]> {
  return Map.groupBy(logs, ({ name, stream }) => stream?.id ?? `${name.organisation} ${name.lane}`);
}

function tell({ listeners }: WatchedLog): void {
  for (const listener of listeners) listener();
}

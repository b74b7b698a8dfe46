/**
 * What the relay does by the clock: late handshakes, silent peers, quotas, old segments.
 *
 * @module
 */

import type { LogStore } from "./log-store.ts";
import { end, type RelayContext } from "./session.ts";

/** Backends that have upkeep of their own. */
interface Upkept {
  readonly upkeep?: () => Promise<void>;
}

export function startUpkeep(relay: RelayContext, store: LogStore & Upkept): () => void {
  const timers = [
    setInterval(() => endLateOnes(relay), handshakeCheckMs),
    setInterval(() => pingAll(relay), relay.limits.pingMs),
    setInterval(() => void relay.quotas.refresh(), quotaRefreshMs),
    setInterval(() => void store.upkeep?.(), storeUpkeepMs),
  ];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

const handshakeCheckMs = 500;
const quotaRefreshMs = 10_000;
const storeUpkeepMs = 60_000;

function endLateOnes(relay: RelayContext): void {
  const startedMs = relay.nowMs() - relay.limits.handshakeMaxMs;
  for (const session of relay.sessions) {
    const { name } = session.stage;
    const isWaiting = name === "hello" || name === "proof" || name === "judging";
    if (isWaiting && session.startedMs < startedMs) end(session, "notAuthenticated");
  }
}

function pingAll(relay: RelayContext): void {
  const heardMs = relay.nowMs() - relay.limits.silenceMaxMs;
  for (const session of relay.sessions) {
    const { socket, stage } = session;
    if (stage.name !== "ended" && session.heardMs < heardMs) {
      end(session, "tooSlow");
      socket.terminate();
    } else if (socket.readyState === socket.OPEN) {
      socket.ping();
    }
  }
}

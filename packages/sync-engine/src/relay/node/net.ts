/**
 * What a link to a relay consists of, and its small change. SPEC.md §8a (RU).
 *
 * @module
 */

import { base64url, fromBase64url } from "@tillmesh/kernel";
import type { WebSocket } from "ws";
import { createBackoff, type Backoff } from "../../lan/backoff.ts";
import type { ReplicaParts } from "../../node/run-replica.ts";
import { emit } from "../../replica/core-state.ts";
import type { Lane } from "../../relay-protocol/frame.ts";
import { nodeCompression } from "../../relay-protocol/node/node-compression.ts";
import { fullPurse, refill, spend, waitMs, type Purse } from "../budget.ts";
import { createCourier, type Courier } from "../courier.ts";
import type { Release } from "../releasing.ts";
import { restoreCourier, saveCourier } from "../saved.ts";
import { carryFreight } from "./carry-freight.ts";
import type { Greeting } from "./greeting.ts";
import { pump, type Pump } from "./pump.ts";
import {
  defaultLinkPace,
  type RelayFault,
  type RelayOptions,
  type RelayState,
} from "./relay-options.ts";
import type { Session } from "./session.ts";
import { readRelayMemory, writeRelayMemory } from "./state-file.ts";

/** Mutable: owned by one link. */
export interface Net {
  readonly parts: ReplicaParts;
  readonly options: RelayOptions;
  readonly courier: Courier;
  readonly pump: Pump;
  readonly backoff: Backoff;
  readonly purses: Map<Lane, Purse>;
  state: RelayState;
  lastError: (RelayFault & { readonly atMs: number }) | undefined;
  sentBytes: number;
  receivedBytes: number;
  socket: WebSocket | undefined;
  greeting: Greeting | undefined;
  session: Session | undefined;
  relayKey: Uint8Array | undefined;
  isOn: boolean;
  isStopped: boolean;
  isAlive: boolean;
  /** Revocations that the relay was told of since the connection is up. */
  statementsTold: Set<string>;
  /** What the relay was told to let go, by the number of the statement. */
  releasesTold: Map<number, Release>;
  statements: number;
  retry: ReturnType<typeof setTimeout> | undefined;
  pumping: ReturnType<typeof setTimeout> | undefined;
  ticking: ReturnType<typeof setInterval> | undefined;
  ticks: number;
}

export function createNet(parts: ReplicaParts, options: RelayOptions): Net {
  const { state, clock, place, keys } = parts;
  const courier = createCourier({
    state,
    keys,
    crypto: state.ports.crypto,
    compression: nodeCompression(),
    control: {
      items: () => parts.membership?.desk.items() ?? [],
      take: (item, from) => parts.membership?.desk.take(item, from),
    },
    carries: carryFreight(parts),
    nowMs: () => clock.nowMs(),
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
    random: Math.random,
  });
  const memory = readRelayMemory(place, options.url);
  if (memory) restoreCourier(courier.state, memory.courier);
  const key = memory && fromBase64url(memory.relayKey);
  const pace = options.pace ?? defaultLinkPace;
  const net: Net = {
    parts,
    options,
    courier,
    pump: pump(),
    backoff: createBackoff({ ...pace, random: Math.random }),
    purses: new Map(),
    state: "connecting",
    lastError: undefined,
    sentBytes: 0,
    receivedBytes: 0,
    socket: undefined,
    greeting: undefined,
    session: undefined,
    relayKey: key?.ok === true ? key.value : undefined,
    isOn: true,
    isStopped: false,
    isAlive: true,
    statementsTold: new Set(),
    releasesTold: new Map(),
    statements: 0,
    retry: undefined,
    pumping: undefined,
    ticking: undefined,
    ticks: 0,
  };
  return net;
}

/** A file that cannot be written costs reading again, nothing else. */
export function remember({ parts, options, relayKey, courier }: Net): void {
  if (!relayKey) return;
  try {
    const memory = { relayKey: base64url(relayKey), courier: saveCourier(courier.state) };
    writeRelayMemory(parts.place, options.url, memory);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    parts.logger({ level: "warn", event: "relay-state-not-written", detail });
  }
}

export function setState(net: Net, state: RelayState): void {
  if (net.state === state) return;
  net.state = state;
  net.parts.logger({ level: "info", event: "relay", state, url: net.options.url });
  emit(net.parts.state, { type: "relay" });
}

export function noteFault(net: Net, fault: RelayFault): void {
  net.lastError = { ...fault, atMs: net.parts.clock.nowMs() };
  net.parts.logger({ level: "warn", event: "relay-fault", ...fault });
  emit(net.parts.state, { type: "relay" });
}

export function sendBytes(net: Net, socket: WebSocket, bytes: Uint8Array): void {
  if (socket.readyState !== socket.OPEN) return;
  net.sentBytes += bytes.length;
  socket.send(bytes);
}

export function budgetWaitMs(net: Net, lane: Lane): number {
  const budget = net.options.budget?.[lane];
  if (!budget) return 0;
  const nowMs = performance.now();
  const purse = refill(net.purses.get(lane) ?? fullPurse(budget, nowMs), budget, nowMs);
  net.purses.set(lane, purse);
  return waitMs(purse, budget);
}

export function spendOn(net: Net, lane: Lane, sizeBytes: number): void {
  const budget = net.options.budget?.[lane];
  if (!budget) return;
  const purse = net.purses.get(lane) ?? fullPurse(budget, performance.now());
  net.purses.set(lane, spend(purse, sizeBytes));
}

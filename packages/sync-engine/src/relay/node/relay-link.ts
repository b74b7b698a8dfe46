/**
 * Keeps a replica linked to its relay: connects, comes back, and says how it stands. SPEC.md §8a (RU).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { ReplicaParts } from "../../node/run-replica.ts";
import type { CoreEvent } from "../../replica/events.ts";
import {
  connect,
  dropped,
  quiet,
  schedulePump,
  tellReleases,
  tellStatements,
} from "./connection.ts";
import { createNet, remember, setState, type Net } from "./net.ts";
import {
  checkRelayUrl,
  type RelayOptions,
  type RelayStatus,
  type RelayUrlError,
} from "./relay-options.ts";
import { statusOf } from "./relay-status.ts";

export interface RelayLink {
  status(): RelayStatus;
  /** The demo's switch. */
  setOn(isOn: boolean): void;
  /** The disk has failed: nothing more is said. */
  cut(): void;
  close(): Promise<void>;
}

/** Begins to connect; `parts.relay` is set before the first frame. */
export function startRelayLink(
  parts: ReplicaParts,
  options: RelayOptions,
): Result<RelayLink, RelayUrlError> {
  const url = checkRelayUrl(options.url);
  if (!url.ok) return url;
  const net = createNet(parts, options);
  const follow = (event: CoreEvent): void => {
    net.courier.follow(event);
    if (event.type === "entries" || event.type === "publication" || event.type === "devices") {
      schedulePump(net, pumpDelayMs);
    }
  };
  parts.state.listeners.add(follow);
  net.ticking = setInterval(() => tick(net), tickMs);
  connect(net);
  const link: RelayLink = {
    status: () => statusOf(net.courier, { ...net, url: options.url }),
    setOn: (isOn) => setOn(net, isOn),
    cut: () => stop(net),
    close: async () => {
      parts.state.listeners.delete(follow);
      if (!parts.state.failure) remember(net);
      stop(net);
      await net.pump.idle();
    },
  };
  return ok(link);
}

/** Long enough for what is sold in one moment to go together. */
const pumpDelayMs = 20;
const tickMs = 1_000;
const pingTicks = 25;
const rememberTicks = 30;
const releaseTicks = 10;

function tick(net: Net): void {
  const { session, socket, courier, parts } = net;
  net.ticks += 1;
  courier.tick();
  if (!session || !socket) return;
  session.subscribe();
  tellStatements(net, socket);
  if (session.isQuiet()) void quiet(net, socket);
  if (net.ticks % releaseTicks === 0) tellReleases(net, socket);
  if (net.ticks % rememberTicks === 0 && !parts.state.failure) remember(net);
  if (net.ticks % pingTicks === 0) ping(net, socket);
}

function ping(net: Net, socket: NonNullable<Net["socket"]>): void {
  if (net.isAlive) socket.ping();
  else dropped(net, socket, { code: "silent", detail: "no answer to a ping" });
  net.isAlive = false;
}

function setOn(net: Net, isOn: boolean): void {
  if (net.isOn === isOn || net.isStopped) return;
  net.isOn = isOn;
  if (isOn) {
    net.backoff.reset();
    connect(net);
    return;
  }
  clearTimeout(net.retry);
  if (net.socket) dropped(net, net.socket, undefined);
  setState(net, "off");
}

function stop(net: Net): void {
  net.isStopped = true;
  clearTimeout(net.retry);
  clearTimeout(net.pumping);
  clearInterval(net.ticking);
  if (net.socket) dropped(net, net.socket, undefined);
}

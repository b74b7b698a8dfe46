/**
 * A simulated replica's uplink to a simulated relay, one bounded step at a time. SPEC.md §8.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { createCourier, type Courier } from "../relay/courier.ts";
import type { ChannelLane, Flight } from "../relay/channels.ts";
import type { CarryFreight, ChannelKeyRing, ControlDesk } from "../relay/ports.ts";
import { restoreCourier, saveCourier, type SavedCourier } from "../relay/saved.ts";
import type { Compression } from "../relay-protocol/compression.ts";
import { subscribeTo, envelopeAt, publishTo, type SimRelay } from "./sim-relay.ts";
import { drawBelow, type SimNetwork, type SimNode } from "./sim-network.ts";
import { finishSeals } from "./sim-replica.ts";

export interface SimUplink {
  readonly node: SimNode;
  readonly relay: SimRelay;
  courier: Courier;
  /** What the process wrote down last. */
  saved: SavedCourier | undefined;
  /** Lanes that were subscribed since the link is up. */
  readonly open: Set<string>;
  stop: () => void;
}

export interface UplinkOptions {
  readonly relay: SimRelay;
  readonly control?: ControlDesk;
  /** Default: everybody has epoch 1. */
  readonly keys?: ChannelKeyRing;
  readonly carries?: CarryFreight;
}

export function startUplink(
  network: SimNetwork,
  node: SimNode,
  { relay, ...ports }: UplinkOptions,
): SimUplink {
  const uplink: SimUplink = {
    node,
    relay,
    courier: courierOf(network, node, ports),
    saved: undefined,
    open: new Set(),
    stop: () => undefined,
  };
  attach(uplink);
  return uplink;
}

/** The process began anew: what it had not written down is forgotten. */
export function restartUplink(
  network: SimNetwork,
  uplink: SimUplink,
  saved: SavedCourier | undefined = uplink.saved,
): void {
  uplink.stop();
  uplink.open.clear();
  uplink.courier = courierOf(network, uplink.node, {});
  if (saved) restoreCourier(uplink.courier.state, saved);
  attach(uplink);
}

export function disconnect(uplink: SimUplink): void {
  uplink.open.clear();
  uplink.courier.disconnected();
}

/** Reads and publishes a little: lanes in any order, answers that may get lost. Says whether anything moved. */
export async function uplinkSome(network: SimNetwork, uplink: SimUplink): Promise<boolean> {
  const lanes = shuffled(network, uplink.courier.lanes());
  let isMoved = false;
  for (const lane of lanes) {
    open(uplink, lane);
    const count = drawBelow(network, 4);
    for (let n = 0; n < count; n += 1) isMoved = (await deliverOne(uplink, lane)) || isMoved;
    if (drawBelow(network, 3) === 0) await settleQuiet(uplink);
    const flight = drawBelow(network, 2) === 0 ? await uplink.courier.next(lane) : undefined;
    if (!flight) continue;
    isMoved = true;
    // What is written down now is all that a restart knows.
    if (drawBelow(network, 3) === 0) uplink.saved = saveCourier(uplink.courier.state);
    // It never arrives.
    if (drawBelow(network, 6) === 0) {
      disconnect(uplink);
      return true;
    }
    const answer = publishTo(uplink.relay, flight.envelope.bytes);
    // The answer gets lost, and with it the link.
    if (drawBelow(network, 5) === 0) {
      disconnect(uplink);
      return true;
    }
    answerFlight(uplink, flight, answer);
  }
  finishSeals(uplink.node.state, uplink.node.disk);
  return isMoved;
}

/** Reads and publishes everything. */
export async function uplinkAll(uplink: SimUplink): Promise<boolean> {
  let isMoved = false;
  for (const lane of uplink.courier.lanes()) {
    open(uplink, lane);
    while (await deliverOne(uplink, lane)) isMoved = true;
  }
  await settleQuiet(uplink);
  finishSeals(uplink.node.state, uplink.node.disk);
  for (const lane of uplink.courier.lanes()) {
    for (;;) {
      const flight = await uplink.courier.next(lane);
      if (!flight) break;
      isMoved = true;
      answerFlight(uplink, flight, publishTo(uplink.relay, flight.envelope.bytes));
    }
  }
  uplink.courier.tick();
  uplink.saved = saveCourier(uplink.courier.state);
  return isMoved;
}

/** Everybody reads and publishes until nothing moves for longer than anybody waits. */
export async function healOverRelay(
  uplinks: readonly SimUplink[],
  clock: { advance(ms: number): void },
): Promise<number> {
  let quietRounds = 0;
  for (let round = 1; round <= roundsMax; round += 1) {
    let isMoved = false;
    for (const uplink of uplinks) isMoved = (await uplinkAll(uplink)) || isMoved;
    clock.advance(1_000);
    quietRounds = isMoved ? 0 : quietRounds + 1;
    if (quietRounds > quietMax) return round;
  }
  throw new Error(`no end of publishing after ${roundsMax} rounds`);
}

const roundsMax = 400;
const quietMax = 30;

function courierOf(
  { world }: SimNetwork,
  node: SimNode,
  { control = nothingSaid, keys = firstEpoch(world), carries = noCarries }: Ports,
): Courier {
  return createCourier({
    state: node.state,
    crypto: world.crypto,
    compression: asItIs,
    keys,
    control,
    carries,
    nowMs: () => world.clock.nowMs(),
    nextTurn: async () => undefined,
    random: () => world.crypto.randomBytes(1)[0]! / 256,
  });
}

type Ports = Omit<UplinkOptions, "relay">;

const nothingSaid: ControlDesk = { items: () => [], take: () => undefined };

const noCarries: CarryFreight = {
  known: () => [],
  read: async () => undefined,
  take: () => false,
};

function firstEpoch(world: SimNetwork["world"]): ChannelKeyRing {
  return { epochOf: () => 1, keyOf: (channel, epoch) => simKeyOf({ world }, channel, epoch) };
}

export function simKeyOf(
  { world }: Pick<SimNetwork, "world">,
  channel: string,
  epoch: number,
): Uint8Array {
  return world.crypto.sha256(utf8(`key ${channel} ${epoch}`));
}

/** Bytes are left as they are: what is tested is what becomes of them. */
export const asItIs: Compression = {
  brotli: async (bytes) => bytes,
  unbrotli: async (bytes) => bytes,
  deflate: async (bytes) => bytes,
  inflate: async (bytes) => bytes,
  turn: async () => undefined,
};

function attach(uplink: SimUplink): void {
  const { state } = uplink.node;
  const listener: Parameters<typeof state.listeners.add>[0] = (event) =>
    uplink.courier.follow(event);
  state.listeners.add(listener);
  uplink.stop = () => state.listeners.delete(listener);
}

/** The first thing on a new link; what was under way before goes again. */
function open(uplink: SimUplink, lane: ChannelLane): void {
  if (uplink.open.has(lane.key)) return;
  uplink.open.add(lane.key);
  const { courier, relay } = uplink;
  if (lane.channel.isRead) {
    const place = { channel: lane.channel.id, lane: lane.lane };
    courier.subscribed(lane, subscribeTo(relay, place, courier.resumeFrom(lane)));
  }
  for (const flight of lane.flights.slice()) {
    if (!lane.flights.includes(flight)) continue;
    answerFlight(uplink, flight, publishTo(relay, flight.envelope.bytes));
  }
}

function answerFlight(
  { courier }: SimUplink,
  flight: Flight,
  answer: ReturnType<typeof publishTo>,
): void {
  if (answer.type === "stored") courier.stored(flight, answer);
  else courier.refused(flight, "never");
}

async function deliverOne({ courier, relay }: SimUplink, lane: ChannelLane): Promise<boolean> {
  if (!lane.channel.isRead) return false;
  const offset = lane.position?.offset ?? 0;
  const bytes = envelopeAt(relay, { channel: lane.channel.id, lane: lane.lane }, offset);
  if (!bytes) return false;
  const taken = await courier.take(lane, { offset, bytes });
  if (!taken.ok) throw new Error(JSON.stringify(taken.error));
  return true;
}

async function settleQuiet({ courier, relay, open: isOpen }: SimUplink): Promise<void> {
  const settled = await courier.quiet();
  if (!settled.ok) throw new Error(JSON.stringify(settled.error));
  for (const lane of courier.lanes()) {
    if (!isOpen.has(lane.key) || !courier.mayReadAgain(lane)) continue;
    const place = { channel: lane.channel.id, lane: lane.lane };
    courier.subscribed(lane, subscribeTo(relay, place, courier.resumeFrom(lane)));
  }
}

function shuffled<Item>(network: SimNetwork, items: readonly Item[]): readonly Item[] {
  const rest = [...items];
  return items.map(() => rest.splice(drawBelow(network, rest.length), 1)[0]!);
}

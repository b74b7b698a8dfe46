/**
 * What the uplink knows: channels, what waits, what was said. SPEC.md §8a (UL).
 *
 * @module
 */

import type { LocationId } from "@tillmesh/kernel";
import { formatDocumentName } from "../documents/document-name.ts";
import type { WantItem } from "../relay-protocol/bundle-item.ts";
import type { ChannelName } from "../relay-protocol/channel.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";
import { documentName, raise, type CoreState } from "../replica/core-state.ts";
import { forgetAtRelay, ownSource } from "../replica/horizon.ts";
import { claimOf, type LedgerSummary } from "../replica/summary.ts";
import { forgetChains } from "./chain-book.ts";
import {
  channelKey,
  channelOf,
  channelNames,
  createChannel,
  type Channel,
  type ChannelLane,
} from "./channels.ts";
import { forgetCoverage, takeBack } from "./coverage.ts";
import type { CourierPorts } from "./ports.ts";
import type { Waiting } from "./waiting.ts";

/** Mutable: owned by one courier. */
export interface CourierState {
  readonly ports: CourierPorts;
  /** By id in hex. */
  readonly channels: Map<string, Channel>;
  waiting: Waiting;
  /** By lane: from where on something was put aside and had to be let go. */
  readonly dropped: Map<string, LogPosition>;
  /** By hash: sealed parts that were taken, and where; until they are written a restart must read them again. */
  readonly partsTaken: Map<string, { readonly lane: string; readonly at: LogPosition }>;
  /** `progress` when something dropped was read again last. */
  droppedProgress: number;
  /** Certificate chains that were looked at. */
  readonly chainsKnown: Set<string>;
  /** By channel: how far each ledger was when it was last said, `<sequence>/<hash>`. */
  readonly heldTold: Map<ChannelName, Map<string, string>>;
  /** When `held` may be said again, by channel. */
  readonly heldDueMs: Map<ChannelName, number>;
  /** Of others: until when their wishes are not heard. */
  readonly deafUntilMs: Map<string, number>;
  /** What is asked for with the next envelope, by channel. */
  readonly asking: Map<ChannelName, WantItem>;
  wants: { readonly dueMs: number; readonly attempts: number };
  /** When what waits was tried again last. */
  retried: { readonly progress: number; readonly atMs: number };
  /** So many texts were taken, devices learned, parts wanted: whether another look at what waits is worth it. */
  progress: number;
  flightId: number;
  /** `control` was read to its end: if a newer key epoch has begun, it is known. */
  isControlRead: boolean;
}

export function createCourierState(ports: CourierPorts): CourierState {
  const courier: CourierState = {
    ports,
    channels: new Map(),
    waiting: [],
    dropped: new Map(),
    droppedProgress: 0,
    partsTaken: new Map(),
    chainsKnown: new Set(),
    heldTold: new Map(),
    heldDueMs: new Map(),
    deafUntilMs: new Map(),
    asking: new Map(),
    wants: { dueMs: 0, attempts: 0 },
    progress: 0,
    retried: { progress: 0, atMs: 0 },
    flightId: 0,
    isControlRead: false,
  };
  openChannels(courier);
  return courier;
}

/** Also those of locations that were heard of only now. Says which are new. */
export function openChannels(courier: CourierState): readonly Channel[] {
  const { state, nowMs } = courier.ports;
  const known = new Set([...courier.channels.values()].map(({ name }) => name));
  const fresh = channelNames(state)
    .filter((name) => !known.has(name))
    .map((name) => createChannel(state, name, nowMs()));
  for (const channel of fresh) courier.channels.set(channelKey(channel.id), channel);
  return fresh;
}

export function channelNamed(courier: CourierState, name: ChannelName): Channel | undefined {
  return [...courier.channels.values()].find((one) => one.name === name);
}

export function lanesIn(courier: CourierState): readonly ChannelLane[] {
  return [...courier.channels.values()].flatMap(({ lanes }) => lanes);
}

/** The log is another, or shorter: nothing that was known of it holds. */
export function forgetLane(courier: CourierState, lane: ChannelLane): void {
  const { state, nowMs } = courier.ports;
  for (const { freight } of lane.flights.splice(0)) takeBack(lane.coverage, freight);
  forgetCoverage(lane.coverage);
  forgetChains(lane.chains);
  forgetAtRelay(state, sourceOf(lane));
  lane.position = undefined;
  lane.out = undefined;
  lane.isCaughtUp = false;
  lane.promised.clear();
  lane.releases.length = 0;
  lane.releasedThrough = 0;
  lane.repeats.clear();
  courier.waiting = courier.waiting.filter((one) => one.lane !== lane.key);
  courier.heldTold.delete(lane.channel.name);
  const { lacking, thingsDueMs } = lane.channel;
  thingsDueMs.clear();
  // Everybody finds out at once: so that not all publish the same, each waits for another while.
  const waitMs = Math.floor(courier.ports.random() * spreadMs);
  for (const name of documentsOf(state, lane.channel.name)) lacking.set(name, nowMs() + waitMs);
}

/** After a log was lost, others' entries are published within this time. */
const spreadMs = 8_000;

/** What this device said of the lane to its own horizon. */
export function sourceOf({ key }: Pick<ChannelLane, "key">): string {
  return `${ownSource}${key}`;
}

/** Names of the documents that belong to a channel. */
export function documentsOf(state: CoreState, channel: ChannelName): readonly string[] {
  return [...state.documents.values()]
    .map(documentName)
    .filter((name) => channelOf(state, name) === channel)
    .map(formatDocumentName);
}

/** Whether a device's ledgers belong to this channel. */
export function isOfChannel({ ports }: CoreState, device: string, channel: ChannelName): boolean {
  const location: LocationId | undefined = ports.trust.deviceOf(device)?.location;
  return location !== undefined && channel === `location/${location}`;
}

/** The ledgers of a channel as this replica holds them. */
export function ledgersOf(state: CoreState, channel: ChannelName): readonly LedgerSummary[] {
  return [...state.ledgers.values()]
    .filter(({ device }) => isOfChannel(state, device, channel))
    .map(claimOf);
}

export function isHq({ ports }: CoreState): boolean {
  return ports.trust.deviceOf(ports.device)?.roles.includes("hq") === true;
}

export type RelayFinding =
  | "RelayGap"
  | "RelayFork"
  | "RelayReplay"
  | "RelayOmission"
  | "RelayLost"
  | "RelayUnreadable";

/** Something is wrong with what the relay shows: a person should know. */
export function tellFinding(
  { ports }: CourierState,
  lane: ChannelLane,
  {
    type,
    facts,
  }: { readonly type: RelayFinding; readonly facts: Readonly<Record<string, string | number>> },
): void {
  raise(ports.state, { type, channel: lane.channel.name, lane: lane.lane, facts });
}

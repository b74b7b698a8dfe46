/**
 * The channels of this device, their lanes, and what is known of each. SPEC.md §8a (UL).
 *
 * @module
 */

import { hex, type LocationId } from "@tillmesh/kernel";
import { formatDocumentName, type DocumentName } from "../documents/document-name.ts";
import type { CoreState } from "../replica/core-state.ts";
import { channelId, type ChannelName } from "../relay-protocol/channel.ts";
import type { Envelope } from "../relay-protocol/envelope.ts";
import type { Lane, LogPosition } from "../relay-protocol/frame.ts";
import { createChainBook, type ChainBook } from "./chain-book.ts";
import { createCoverage, type Coverage, type Freight } from "./coverage.ts";
import type { ReleaseBook } from "./release.ts";

/** Mutable: owned by one courier. */
export interface Channel {
  readonly name: ChannelName;
  readonly id: Uint8Array;
  readonly isRead: boolean;
  readonly lanes: readonly ChannelLane[];
  /** Documents of which a lane may lack something: from when on others than the owner publish them. */
  readonly lacking: Map<string, number>;
  /** The same for sealed parts and carries of others that a lane lacks, by id. */
  readonly thingsDueMs: Map<string, number>;
}

export interface ChannelLane {
  readonly channel: Channel;
  readonly lane: Lane;
  /** Names it in files and sources: `location/loc_1:1`. */
  readonly key: string;
  /** Of the next envelope to read. */
  position: LogPosition | undefined;
  /** The log that the relay has, in hex; undefined before it said so. */
  log: string | undefined;
  /** The next offset that the relay will use, as far as is known. */
  next: number;
  /** Whether everything was read that was there when the subscription began. */
  isCaughtUp: boolean;
  /** The log was read from its very first envelope. */
  isFromStart: boolean;
  lastDeliveryMs: number | undefined;
  readonly chains: ChainBook;
  readonly coverage: Coverage;
  /** The chain that this device writes; undefined before its first envelope. */
  out: OutChain | undefined;
  readonly flights: Flight[];
  /**
   * Hashes of envelopes that are known to stand at an offset that was not read yet, or is to be read again. A log
   * that shows something else there, or ends before, is not the one that was known.
   */
  readonly promised: Map<number, string>;
  /** At HQ: what may be let go one day, and what the relay has let go. */
  readonly releases: ReleaseBook;
  releasedThrough: number;
  /** Documents that HQ published again: all of each stands at `after` or behind it, once that is done. */
  readonly repeats: Map<string, { readonly after: number; isDone: boolean }>;
  pausedUntilMs: number;
  pauseMs: number;
}

export interface OutChain {
  readonly run: Uint8Array;
  sequence: number;
  previous: Uint8Array;
  /** Devices whose certificates stand in it. */
  readonly told: Set<string>;
  /** What this chain's `seen` has said already, by chain. */
  readonly seenTold: Map<string, number>;
}

/** An envelope that the relay has not answered yet. */
export interface Flight {
  readonly id: number;
  readonly lane: ChannelLane;
  readonly envelope: Envelope;
  readonly freight: Freight;
  readonly spans: readonly FreightSpan[];
}

/** Entries that an envelope holds, for the horizon. */
export interface FreightSpan {
  readonly ledger: string;
  readonly from: number;
  readonly through: number;
  readonly hash: string;
}

/** The channels a device has by its certificate. HQ has those of all locations that it knows. */
export function channelNames(state: CoreState): readonly ChannelName[] {
  const { trust, device, location } = state.ports;
  const isHq = trust.deviceOf(device)?.roles.includes("hq") === true;
  const known = isHq ? trust.devices().map((one) => one.location) : [];
  const locations = [...new Set<LocationId>([location, ...known])].toSorted();
  return ["control", "org", "hq", ...locations.map((id): ChannelName => `location/${id}`)];
}

export function createChannel(state: CoreState, name: ChannelName, nowMs: number): Channel {
  const { organisation, crypto, trust, device } = state.ports;
  const isHq = trust.deviceOf(device)?.roles.includes("hq") === true;
  const lanes: ChannelLane[] = [];
  const channel: Channel = {
    name,
    id: channelId(organisation, name, crypto),
    isRead: isHq || name !== "hq",
    lanes,
    lacking: new Map(),
    thingsDueMs: new Map(),
  };
  for (const lane of lanesOf(name)) lanes.push(createLane(channel, lane));
  for (const document of state.documents.values()) {
    const documentNamed = document.kind === "ledger" ? document.part.name : document.set.name;
    if (channelOf(state, documentNamed) === name) {
      channel.lacking.set(formatDocumentName(documentNamed), nowMs);
    }
  }
  return channel;
}

/** The channel that a document's facts belong to; undefined for an owner that nobody vouches for. */
export function channelOf({ ports }: CoreState, name: DocumentName): ChannelName | undefined {
  if (name.kind === "publications") return "org";
  const location = ports.trust.deviceOf(name.device)?.location;
  return location && `location/${location}`;
}

/** Lane 0: publications and control. 1: entries and acknowledgements. 3: sealed parts and carries. */
export function lanesOf(name: ChannelName): readonly Lane[] {
  return name.startsWith("location/") ? [1, 3] : [0];
}

export function laneOf(channel: Channel, lane: Lane): ChannelLane | undefined {
  return channel.lanes.find((one) => one.lane === lane);
}

export function channelKey(id: Uint8Array): string {
  return hex(id);
}

function createLane(channel: Channel, lane: Lane): ChannelLane {
  return {
    channel,
    lane,
    key: `${channel.name}:${lane}`,
    position: undefined,
    log: undefined,
    next: 0,
    isCaughtUp: false,
    isFromStart: true,
    lastDeliveryMs: undefined,
    chains: createChainBook(),
    coverage: createCoverage(),
    out: undefined,
    flights: [],
    promised: new Map(),
    releases: [],
    releasedThrough: 0,
    repeats: new Map(),
    pausedUntilMs: 0,
    pauseMs: 0,
  };
}

/**
 * Makes an envelope of a load, and deals with the relay's answer. SPEC.md §8a (PN).
 *
 * @module
 */

import { encodeBundle, type SeenPosition } from "../relay-protocol/bundle.ts";
import type { BundleItem, DevicesItem } from "../relay-protocol/bundle-item.ts";
import {
  envelopeVersion,
  sealEnvelope,
  type Envelope,
  type EnvelopeHeader,
} from "../relay-protocol/envelope.ts";
import { noteAtRelay } from "../replica/horizon.ts";
import type { ChannelLane, Flight, OutChain } from "./channels.ts";
import { channelNamed, sourceOf, type CourierState } from "./courier-state.ts";
import { cover, send, takeBack } from "./coverage.ts";
import { nextLoad, type Load } from "./plan.ts";

/** The next envelope of a lane, under way from now on; undefined if nothing is due, or there is no key yet. */
export async function nextFlight(
  courier: CourierState,
  lane: ChannelLane,
): Promise<Flight | undefined> {
  if (lane.pausedUntilMs > courier.ports.nowMs() || isFull(lane)) return undefined;
  const under = keyFor(courier, lane);
  const load = under && (await nextLoad(courier, lane));
  if (!load) return undefined;

  // From here on it is under way: nobody plans it again, whatever happens while it is being packed.
  send(lane.coverage, load.freight);
  const out = (lane.out ??= newChain(courier));
  const items = withCertificates(courier, out, load);
  const isSmall = load.sizeBytes < smallBytes;
  const seen = seenSince(courier, lane, { out, isSmall });
  const plaintext = await encodeBundle(
    { seen, items },
    courier.ports,
    isSmall ? "live" : "catch-up",
  );
  if (lane.out !== out) {
    // The log was found to be another meanwhile.
    takeBack(lane.coverage, load.freight);
    return undefined;
  }
  const envelope = seal(courier, lane, { out, plaintext, under });
  out.sequence += 1;
  out.previous = envelope.hash;
  courier.flightId += 1;
  const { freight, spans } = load;
  const flight: Flight = { id: courier.flightId, lane, envelope, freight, spans };
  lane.flights.push(flight);
  return flight;
}

interface EpochKey {
  readonly epoch: number;
  readonly key: Uint8Array | undefined;
}

/** What in `control` is secret is sealed to one device each, so the channel has no key. */
function keyFor(courier: CourierState, { channel }: ChannelLane): EpochKey | undefined {
  const { ports } = courier;
  if (channel.name === "control") return { epoch: 0, key: undefined };
  if (!isControlRead(courier)) return undefined;
  const epoch = ports.keys.epochOf(channel.name);
  const key = epoch === undefined ? undefined : ports.keys.keyOf(channel.name, epoch);
  return epoch !== undefined && key ? { epoch, key } : undefined;
}

/** Whoever was away, or is rebuilt from a kit, would write under a key that somebody who was shut out since still has. */
function isControlRead(courier: CourierState): boolean {
  const lanes = channelNamed(courier, "control")?.lanes ?? [];
  courier.isControlRead ||= lanes.every(({ isCaughtUp }) => isCaughtUp);
  return courier.isControlRead;
}

function seal(
  { ports }: CourierState,
  { channel, lane }: ChannelLane,
  {
    out,
    plaintext,
    under,
  }: { readonly out: OutChain; readonly plaintext: Uint8Array; readonly under: EpochKey },
): Envelope {
  const { device, crypto, signer } = ports.state.ports;
  const header: EnvelopeHeader = {
    version: envelopeVersion,
    channel: channel.id,
    lane,
    publisher: device,
    run: out.run,
    sequence: out.sequence + 1,
    previous: out.previous,
    epoch: under.epoch,
    nonce: crypto.randomBytes(24),
  };
  return sealEnvelope(header, plaintext, { key: under.key, signer, crypto });
}

/** The relay has signed that this envelope is durable. */
export function settleFlight(courier: CourierState, flight: Flight): void {
  const { lane, freight, spans } = flight;
  const at = lane.flights.indexOf(flight);
  if (at < 0) return;
  lane.flights.splice(at, 1);
  lane.pauseMs = 0;
  cover(lane.coverage, freight);
  for (const { ledger, ...span } of spans) {
    noteAtRelay(courier.ports.state, sourceOf(lane), { ledger, span });
  }
}

export type Retry = "never" | "after-backoff" | "after-operator";

/** The relay did not take it: what was under way in this lane begins anew, as a chain of its own, after a while. */
export function abandonFlights(courier: CourierState, lane: ChannelLane, retry: Retry): void {
  const { nowMs, random } = courier.ports;
  for (const { freight } of lane.flights.splice(0)) takeBack(lane.coverage, freight);
  lane.out = undefined;
  courier.heldTold.delete(lane.channel.name);
  const leastMs = retry === "after-backoff" ? 1_000 : 30_000;
  lane.pauseMs = Math.min(pauseMaxMs, Math.max(leastMs, lane.pauseMs * 2));
  lane.pausedUntilMs = nowMs() + Math.floor(lane.pauseMs * (0.5 + random() / 2));
}

const pauseMaxMs = 600_000;
/** A load below this is somebody's sale just now. */
const smallBytes = 8_192;
const flightsMax = 8;
const flightsMaxBytes = 1_048_576;

function isFull({ flights }: ChannelLane): boolean {
  const bytes = flights.reduce((sum, { envelope }) => sum + envelope.bytes.length, 0);
  return flights.length >= flightsMax || bytes >= flightsMaxBytes;
}

function newChain({ ports }: CourierState): OutChain {
  return {
    run: ports.state.ports.crypto.randomBytes(8),
    sequence: 0,
    previous: new Uint8Array(32),
    told: new Set(),
    seenTold: new Map(),
  };
}

/** Whoever begins to read somewhere finds the publisher's certificate not far away. */
const certificateEvery = 64;

function withCertificates(
  { ports }: CourierState,
  { sequence, told }: OutChain,
  { items }: Load,
): readonly BundleItem[] {
  const { trust, device } = ports.state.ports;
  if (sequence % certificateEvery === 0) told.clear();
  const named = new Set<string>([device, ...items.flatMap(devicesIn)]);
  const chains = [...named].flatMap((id) => {
    if (told.has(id)) return [];
    const chain = trust.deviceOf(id)?.certificates;
    if (chain) told.add(id);
    return chain ? [chain] : [];
  });
  const devices: DevicesItem = { type: "devices", chains };
  return chains.length === 0 ? items : [devices, ...items];
}

/** Whose word an item is. */
function devicesIn(item: BundleItem): readonly string[] {
  if (item.type === "entries") return [item.document.split("/")[1] ?? ""];
  if (item.type === "part" || item.type === "carry") return [item.device];
  if (item.type !== "publications") return [];
  return item.texts.flatMap((text) => /"publisher":"([^"]{1,64})"/.exec(text)?.[1] ?? []);
}

/** A live sale says a little of what was read, a large bundle all of it. */
function seenSince(
  { ports }: CourierState,
  { channel }: ChannelLane,
  { out, isSmall }: { readonly out: OutChain; readonly isSmall: boolean },
): readonly SeenPosition[] {
  const own = ports.state.ports.device as string;
  const seen: SeenPosition[] = [];
  for (const { lane, chains } of channel.lanes) {
    for (const [key, { sequence }] of chains.ends) {
      const cut = key.lastIndexOf("/");
      const [publisher, run] = [key.slice(0, cut), key.slice(cut + 1)];
      const told = `${key}/${lane}`;
      if (publisher === own || (out.seenTold.get(told) ?? 0) >= sequence) continue;
      if (seen.length >= (isSmall ? seenMaxSmall : seenMax)) return seen;
      out.seenTold.set(told, sequence);
      seen.push({ publisher, run, lane, sequence });
    }
  }
  return seen;
}

const seenMaxSmall = 2;
const seenMax = 256;

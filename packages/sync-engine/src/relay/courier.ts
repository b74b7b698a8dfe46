/**
 * Carries what the shop records to the relay and back: the uplink without its sockets. SPEC.md §8a (UL).
 *
 * Whoever runs it connects, hands over what is delivered, sends what `next` gives, and tells the answers. Everything
 * may be lost in between, be repeated, or come from another past of the relay: what is missing is published again.
 *
 * @module
 */

import { hex, ok, type Result } from "@tillmesh/kernel";
import { formatDocumentName, type DocumentName } from "../documents/document-name.ts";
import type { CoreEvent } from "../replica/events.ts";
import type { WantItem } from "../relay-protocol/bundle-item.ts";
import type { ChannelName } from "../relay-protocol/channel.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";
import { forgetChains, omissions } from "./chain-book.ts";
import { channelOf, laneOf, type ChannelLane, type Flight } from "./channels.ts";
import {
  channelNamed,
  createCourierState,
  forgetLane,
  isHq,
  lanesIn,
  openChannels,
  tellFinding,
  type CourierState,
} from "./courier-state.ts";
import { forgetCoverage } from "./coverage.ts";
import { abandonFlights, nextFlight, settleFlight, type Retry } from "./launch.ts";
import { othersWaitMs } from "./plan.ts";
import type { CourierPorts } from "./ports.ts";
import { forgetReleased } from "./release.ts";
import { releaseOf, type Release } from "./releasing.ts";
import { retryWaiting, takeEnvelope, type Delivered } from "./take-envelope.ts";
import type { TakeError } from "./item-place.ts";
import { wantsOf } from "./wants.ts";

export interface Courier {
  readonly state: CourierState;
  /** Every lane of every channel, those of locations heard of since included. */
  lanes(): readonly ChannelLane[];
  /** Where to ask delivery of a lane from; undefined: from the oldest there is. */
  resumeFrom(lane: ChannelLane): LogPosition | undefined;
  /** The relay answered a subscription. */
  subscribed(lane: ChannelLane, log: SubscribedLog): void;
  take(lane: ChannelLane, delivered: Delivered): Promise<Result<void, TakeError>>;
  /** Everything that was delivered has been taken. */
  quiet(): Promise<Result<void, TakeError>>;
  /** Something was let go for want of room, and since then there has been progress: worth reading again. */
  mayReadAgain(lane: ChannelLane): boolean;
  /** The next envelope of a lane; undefined if nothing is due. */
  next(lane: ChannelLane): Promise<Flight | undefined>;
  stored(flight: Flight, place: { readonly log: Uint8Array; readonly offset: number }): void;
  refused(flight: Flight, retry: Retry): void;
  /** The link is down: what was under way goes again, byte for byte, over the next one. */
  disconnected(): void;
  /** What this replica or its peers did. */
  follow(event: CoreEvent): void;
  /** Once a second or so. */
  tick(): void;
  /** At HQ: logs of which the relay may let go what lies below an offset. */
  releases(): readonly Release[];
  /** The relay has let it go. */
  released(release: Release): void;
}

export interface SubscribedLog {
  readonly log: Uint8Array;
  readonly first: number;
  readonly next: number;
  readonly from: number;
}

export function createCourier(ports: CourierPorts): Courier {
  const state = createCourierState(ports);
  return {
    state,
    lanes: () => {
      openChannels(state);
      return lanesIn(state);
    },
    resumeFrom: (lane) => resumeFrom(state, lane),
    subscribed: (lane, log) => noteSubscribed(state, lane, log),
    take: (lane, delivered) => take(state, lane, delivered),
    quiet: () => quiet(state),
    mayReadAgain: ({ key }) => {
      const isWorthIt = state.dropped.has(key) && state.droppedProgress !== state.progress;
      if (isWorthIt) state.droppedProgress = state.progress;
      return isWorthIt;
    },
    next: (lane) => nextFlight(state, lane),
    stored: (flight, { log, offset }) => {
      const { lane } = flight;
      if (lane.log !== undefined && lane.log !== hex(log)) {
        // Of a lane that is not read nothing else tells that the log is another.
        lostPast(state, lane);
        return;
      }
      lane.log = hex(log);
      lane.next = Math.max(lane.next, offset + 1);
      if (offset >= (lane.position?.offset ?? 0)) promise(lane, offset, flight.envelope.hash);
      settleFlight(state, flight);
    },
    refused: ({ lane }, retry) => abandonFlights(state, lane, retry),
    disconnected: () => {
      for (const lane of lanesIn(state)) {
        if (!lane.channel.isRead) forgetCoverage(lane.coverage);
        lane.isCaughtUp = false;
      }
    },
    follow: (event) => follow(state, event),
    tick: () => tick(state),
    releases: () => lanesIn(state).flatMap((lane) => releaseOf(state, lane)),
    released: ({ lane, through }) => {
      lane.releasedThrough = Math.max(lane.releasedThrough, through);
      forgetReleased(lane.releases, through);
    },
  };
}

/** Where something had to be let go, or else where reading stopped; nothing if the envelope before is not known. */
function resumeFrom({ dropped }: CourierState, lane: ChannelLane): LogPosition | undefined {
  const position = dropped.get(lane.key) ?? lane.position;
  const isKnown = position?.offset === 0 || position?.hash.some((byte) => byte !== 0) === true;
  return isKnown ? position : undefined;
}

function noteSubscribed(courier: CourierState, lane: ChannelLane, answer: SubscribedLog): void {
  const { log, next, from } = answer;
  const asked = resumeFrom(courier, lane);
  const isBroken = isPromiseBroken(lane, answer);
  if (isBroken || isAnotherPast(lane, answer, asked)) lostPast(courier, lane);
  const isWhereAsked = asked?.offset === from;
  const goesOn = isWhereAsked && asked === lane.position;
  if (!goesOn) beginAt(lane, { log, offset: from, hash: isWhereAsked ? asked.hash : undefined });
  courier.dropped.delete(lane.key);
  if (isBroken) readFromStart(courier, lane, log);
  lane.log = hex(log);
  lane.next = next;
  lane.isCaughtUp = from >= next;
}

/** Behind what HQ let the relay forget reading goes on; anywhere else than asked the log is not what it was. */
function isAnotherPast(
  { log: known }: ChannelLane,
  { log, first, from }: SubscribedLog,
  asked: LogPosition | undefined,
): boolean {
  if (known !== undefined && known !== hex(log)) return true;
  return asked !== undefined && asked.offset !== from && first <= asked.offset;
}

/** The log ends before an envelope that was stored in it. */
function isPromiseBroken({ promised }: ChannelLane, { next }: SubscribedLog): boolean {
  return [...promised.keys()].some((offset) => offset >= next);
}

function promise(lane: ChannelLane, offset: number, hash: Uint8Array): void {
  if (lane.channel.isRead) lane.promised.set(offset, hex(hash));
}

/** What the log holds now is found out by reading it. */
function readFromStart(courier: CourierState, lane: ChannelLane, log: Uint8Array): void {
  courier.dropped.set(lane.key, { log, offset: 0, hash: unknownHash });
  courier.progress += 1;
}

/** Another log, an earlier place, or behind what HQ let the relay forget: chains begin anew. */
function beginAt(
  lane: ChannelLane,
  { log, offset, hash }: Omit<LogPosition, "hash"> & { readonly hash: Uint8Array | undefined },
): void {
  forgetChains(lane.chains);
  const before = lane.position;
  if (before && before.offset > offset && before.hash.some((byte) => byte !== 0)) {
    promise(lane, before.offset - 1, before.hash);
  }
  for (const one of lane.promised.keys()) if (one < offset) lane.promised.delete(one);
  lane.position = { log, offset, hash: hash ?? unknownHash };
  lane.isFromStart = offset === 0;
}

const unknownHash = new Uint8Array(32);

function lostPast(courier: CourierState, lane: ChannelLane): void {
  const { coverage, position } = lane;
  const read = position?.offset ?? 0;
  if (read > 0 || coverage.things.size > 0 || coverage.facts.size > 0) {
    tellFinding(courier, lane, { type: "RelayLost", facts: { read, log: lane.log ?? "" } });
  }
  forgetLane(courier, lane);
}

async function take(
  courier: CourierState,
  lane: ChannelLane,
  delivered: Delivered,
): Promise<Result<void, TakeError>> {
  const { position } = lane;
  if (position && delivered.offset < position.offset) return ok(undefined);
  const { crypto } = courier.ports.state.ports;
  const promised = lane.promised.get(delivered.offset);
  lane.promised.delete(delivered.offset);
  if (promised !== undefined && promised !== hex(crypto.sha256(delivered.bytes))) {
    const log = position?.log ?? new Uint8Array(16);
    lostPast(courier, lane);
    readFromStart(courier, lane, log);
  }
  const taken = await takeEnvelope(courier, lane, delivered);
  lane.isCaughtUp ||= (lane.position?.offset ?? 0) >= lane.next;
  return taken;
}

async function quiet(courier: CourierState): Promise<Result<void, TakeError>> {
  const { retried, progress } = courier;
  const nowMs = courier.ports.nowMs();
  // Opening envelopes again costs something: only if there is a reason, or now and then.
  const isDue = retried.progress !== progress || Math.abs(nowMs - retried.atMs) >= retryMs;
  const done = isDue ? await retryWaiting(courier) : ok(undefined);
  if (isDue) courier.retried = { progress: courier.progress, atMs: nowMs };
  if (done.ok) askForMissing(courier);
  return done;
}

const retryMs = 10_000;

/** What still waits a while after everything was read is asked for, ever more rarely. */
function askForMissing(courier: CourierState): void {
  const { nowMs } = courier.ports;
  const names = [...courier.channels.values()].map(({ name }) => name);
  const lacking = names
    .filter((name) => name.startsWith("location/"))
    .map((name) => ({ name, what: wantsOf(courier, name) }))
    .filter(({ what }) => what.length > 0);
  if (lacking.length === 0) {
    courier.wants = { dueMs: nowMs() + wantAfterMs, attempts: 0 };
    return;
  }
  if (courier.wants.dueMs > nowMs()) return;
  const attempts = Math.min(courier.wants.attempts + 1, 9);
  courier.wants = { dueMs: nowMs() + wantAfterMs * 2 ** attempts, attempts };
  for (const { name, what } of lacking) {
    const channel = channelNamed(courier, name);
    const isRead = channel?.lanes.every(({ isCaughtUp }) => isCaughtUp) === true;
    const item: WantItem = { type: "want", what };
    if (isRead) courier.asking.set(name, item);
  }
}

const wantAfterMs = 10_000;

function follow(courier: CourierState, event: CoreEvent): void {
  if (event.type === "changes") noteChanged(courier, event.name);
  if (event.type === "retired") noteRetired(courier, event.name);
  if (event.type === "entries" && !event.own) {
    const [first] = event.entries;
    const owner = first && courier.ports.state.ports.trust.deviceOf(first.entry.device);
    if (owner) holdSoon(courier, `location/${owner.location}`);
  }
}

function noteChanged(courier: CourierState, name: DocumentName): void {
  const { state, nowMs, random } = courier.ports;
  const channelName = channelOf(state, name);
  const channel = channelName && channelNamed(courier, channelName);
  const document = formatDocumentName(name);
  if (!channel || channel.lacking.has(document)) return;
  const waitMs = othersWaitMs + Math.floor(random() * othersWaitMs);
  channel.lacking.set(document, nowMs() + waitMs);
}

function noteRetired(courier: CourierState, name: DocumentName): void {
  const channelName = channelOf(courier.ports.state, name);
  const channel = channelName && channelNamed(courier, channelName);
  if (!channel) return;
  const document = formatDocumentName(name);
  channel.lacking.delete(document);
  laneOf(channel, 1)?.coverage.facts.delete(document);
}

/** HQ's word is what a till waits for; that of a neighbour may come a little later. */
function holdSoon(courier: CourierState, name: ChannelName): void {
  const { state, nowMs } = courier.ports;
  if (courier.heldDueMs.has(name)) return;
  courier.heldDueMs.set(name, nowMs() + (isHq(state) ? heldHqMs : heldMs));
}

const heldHqMs = 1_000;
const heldMs = 5_000;

function tick(courier: CourierState): void {
  const nowMs = courier.ports.nowMs();
  for (const lane of lanesIn(courier)) {
    if (!lane.isCaughtUp) continue;
    for (const omission of omissions(lane.chains, { nowMs, graceMs: omissionMs })) {
      tellFinding(courier, lane, { type: "RelayOmission", facts: { ...omission } });
    }
  }
}

const omissionMs = 30_000;

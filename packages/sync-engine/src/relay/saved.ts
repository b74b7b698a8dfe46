/**
 * What a device writes down of the relay: where it reads on, and what it knows to be there. SPEC.md §8a (SV).
 *
 * Losing it costs reading again, nothing else.
 *
 * @module
 */

import { base64url, fromBase64url, hex, type Json } from "@tillmesh/kernel";
import { parseDocumentName } from "../documents/document-name.ts";
import { keyOf, type CoreState } from "../replica/core-state.ts";
import { noteAtRelay } from "../replica/horizon.ts";
import type { Span } from "../replica/spans.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";
import type { ChannelLane } from "./channels.ts";
import { lanesIn, sourceOf, type CourierState } from "./courier-state.ts";
import { coverHeads, headsHeld, type FactNode } from "./coverage.ts";
import { firstWaiting } from "./waiting.ts";

export type SavedCourier = {
  readonly v: 1;
  /** By lane's key. */
  readonly lanes: Readonly<Record<string, SavedLane>>;
};

type SavedLane = {
  readonly log: string;
  readonly offset: number;
  readonly hash: string;
  readonly isFromStart: boolean;
  /** Chain, sequence, hash. */
  readonly chains: readonly (readonly [string, number, string])[];
  /** By document: hashes of facts that are there with all before them. */
  readonly heads: Readonly<Record<string, readonly string[]>>;
  readonly things: readonly string[];
  /** At HQ: offset, moment, documents. */
  readonly releases: readonly (readonly [number, number, readonly string[]])[];
  readonly releasedThrough: number;
  /** Offset and hash of envelopes that stand further on than this position. */
  readonly promised: readonly (readonly [number, string])[];
  /** By ledger: what the relay answered `stored` for. */
  readonly stored: Readonly<Record<string, readonly Span[]>>;
};

export function saveCourier(courier: CourierState): SavedCourier {
  const lanes = lanesIn(courier).flatMap((lane): readonly (readonly [string, SavedLane])[] => {
    const position = safePosition(courier, lane);
    return position ? [[lane.key, saveLane(courier, lane, position)]] : [];
  });
  return { v: 1, lanes: Object.fromEntries(lanes) };
}

/** Nothing that is not on the disk yet stands before it. */
function safePosition(courier: CourierState, lane: ChannelLane): LogPosition | undefined {
  const queued = new Set(courier.ports.state.sealing.map(({ part }) => part.sha256));
  for (const sha256 of courier.partsTaken.keys()) {
    if (!queued.has(sha256)) courier.partsTaken.delete(sha256);
  }
  const parts = [...courier.partsTaken.values()].filter((one) => one.lane === lane.key);
  return [courier.dropped.get(lane.key), firstWaiting(courier.waiting, lane.key), lane.position]
    .concat(parts.map(({ at }) => at))
    .filter((one) => one !== undefined)
    .toSorted((a, b) => a.offset - b.offset)[0];
}

/** Into a courier that has not begun. What does not fit is passed over. */
export function restoreCourier(courier: CourierState, saved: SavedCourier): void {
  // Without keys `control` is read from its beginning: what gave them may have been lost with their file.
  const isKeyless = courier.ports.keys.epochOf("org") === undefined;
  for (const lane of lanesIn(courier)) {
    if (isKeyless && lane.channel.name === "control") continue;
    const one = Object.hasOwn(saved.lanes, lane.key) ? saved.lanes[lane.key] : undefined;
    if (one) restoreLane(courier, lane, one);
  }
}

/** The value in a parsed file, if it is one. */
export function readSavedCourier(value: Json): SavedCourier | undefined {
  const saved = value as unknown as SavedCourier | null;
  return saved?.v === 1 && typeof saved.lanes === "object" ? saved : undefined;
}

function saveLane(courier: CourierState, lane: ChannelLane, position: LogPosition): SavedLane {
  const { state } = courier.ports;
  const isHere = position === lane.position;
  const heads: [string, readonly string[]][] = [];
  for (const document of lane.coverage.facts.keys()) {
    const nodes = nodesOf(state, document);
    if (nodes) heads.push([document, headsHeld(lane.coverage, document, nodes)]);
  }
  return {
    log: base64url(position.log),
    offset: position.offset,
    hash: base64url(position.hash),
    isFromStart: isHere && lane.isFromStart,
    // From further back on they are read again, and would look like replays.
    chains: isHere
      ? [...lane.chains.ends].map(([key, { sequence, hash }]) => [key, sequence, hash])
      : [],
    heads: Object.fromEntries(heads),
    things: [...lane.coverage.things],
    releases: lane.releases.map(({ through, atMs, documents }) => [through, atMs, [...documents]]),
    releasedThrough: lane.releasedThrough,
    promised: promisedFrom(lane, position),
    stored: Object.fromEntries(state.horizon.atRelay.get(sourceOf(lane)) ?? []),
  };
}

/** What was read beyond a place that is to be read again must still be there. */
function promisedFrom(
  { promised, position }: ChannelLane,
  saved: LogPosition,
): readonly (readonly [number, string])[] {
  const isFurther =
    position && position.offset > saved.offset && position.hash.some((byte) => byte !== 0);
  return isFurther ? [...promised, [position.offset - 1, hex(position.hash)]] : [...promised];
}

function restoreLane(courier: CourierState, lane: ChannelLane, saved: SavedLane): void {
  const { state } = courier.ports;
  const [log, hash] = [fromBase64url(saved.log), fromBase64url(saved.hash)];
  if (!log.ok || !hash.ok) return;
  lane.position = { log: log.value, offset: saved.offset, hash: hash.value };
  lane.log = hex(log.value);
  lane.next = saved.offset;
  lane.isFromStart = saved.isFromStart;
  restoreAccount(lane, saved);
  for (const [document, heads] of Object.entries(saved.heads)) {
    const nodes = nodesOf(state, document);
    if (nodes) coverHeads(lane.coverage, document, { nodes, heads });
  }
  for (const [ledger, spans] of Object.entries(saved.stored)) {
    for (const span of spans) noteAtRelay(state, sourceOf(lane), { ledger, span });
  }
}

function restoreAccount(lane: ChannelLane, saved: SavedLane): void {
  for (const [key, sequence, end] of saved.chains)
    lane.chains.ends.set(key, { sequence, hash: end });
  for (const [through, atMs, documents] of saved.releases) {
    lane.releases.push({ through, atMs, documents: new Set(documents) });
  }
  lane.releasedThrough = saved.releasedThrough;
  for (const [offset, one] of saved.promised) lane.promised.set(offset, one);
  for (const id of saved.things) lane.coverage.things.add(id);
}

function nodesOf(state: CoreState, document: string): readonly FactNode[] | undefined {
  const name = parseDocumentName(document);
  const open = name && state.documents.get(keyOf(state, name));
  return open?.kind === "ledger" ? open.part.nodes : open?.set.nodes;
}

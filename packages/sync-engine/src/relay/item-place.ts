/**
 * Where an item of an envelope belongs, and how what is wrong with it is told. SPEC.md §8a (TI).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import type { DocumentName } from "../documents/document-name.ts";
import { raise, type CoreState } from "../replica/core-state.ts";
import { horizonOf } from "../replica/horizon.ts";
import type { TrustedDevice } from "../replica/ports.ts";
import { learnOwner } from "../replica/receive-texts.ts";
import type { LogPosition } from "../relay-protocol/frame.ts";
import type { ChannelLane } from "./channels.ts";
import { isOfChannel, type CourierState } from "./courier-state.ts";
import { cover } from "./coverage.ts";

export interface ItemContext {
  readonly lane: ChannelLane;
  /** Of the envelope. */
  readonly at: LogPosition;
  readonly from: TrustedDevice;
}

/** `waits`: for something that is not here yet. */
export type ItemOutcome = "done" | "waits";

/** Nothing can be taken at present, of anybody: the disk is full, or has failed. */
export interface TakeError {
  readonly type: "NotDurable";
  readonly reason: string;
}

export function refused(
  { ports }: CourierState,
  { from }: ItemContext,
  { document, reason }: { readonly document: string; readonly reason: string },
): Result<ItemOutcome, never> {
  raise(ports.state, { type: "RefusedChange", document, peer: from.id, reason, facts: {} });
  return ok("done");
}

export function isCutOff({ ports }: CourierState, { id }: TrustedDevice): boolean {
  return ports.state.ports.trust.revocationOf(id) !== undefined;
}

/** Whether a document's facts may stand in this channel. */
export function placeOf(
  { ports }: CourierState,
  name: DocumentName,
  { context, firstText }: { readonly context: ItemContext; readonly firstText: string },
): "here" | "elsewhere" | "unknown" {
  const { channel } = context.lane;
  if (name.kind === "publications") return channel.name === "org" ? "here" : "elsewhere";
  const learned = learnOwner(ports.state, name, firstText);
  if (!learned.ok) return "unknown";
  return isOfChannel(ports.state, name.device, channel.name) ? "here" : "elsewhere";
}

/** Admitting this much takes a few tens of milliseconds at most. */
const turnBytes = 131_072;

export function* inTurns(texts: readonly string[]): Generator<readonly string[]> {
  let turn: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    if (turn.length > 0 && bytes + text.length > turnBytes) {
      yield turn;
      turn = [];
      bytes = 0;
    }
    turn.push(text);
    bytes += text.length;
  }
  if (turn.length > 0) yield turn;
}

/**
 * Whether it is enough to have seen a fact in the log. Of an own entry the relay's signature is wanted: it is
 * published again, unless HQ has it anyway.
 */
export function isEnough(
  state: CoreState,
  fact: { readonly device?: string; readonly incarnation?: number; readonly sequence: number },
): boolean {
  const { device, incarnation = 0, sequence } = fact;
  if (device !== state.ports.device) return true;
  const { hq, relay } = horizonOf(state, { device, incarnation, sequence });
  return hq || relay;
}

/** Sealed parts and carries are in their own lane, or they are not looked for. */
export function coverThing({ lane }: ItemContext, id: string): void {
  if (lane.lane === 3) cover(lane.coverage, { facts: [], things: [id] });
}

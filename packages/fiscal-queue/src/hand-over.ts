/**
 * Who delivers what: the till that sealed it, or the device that was told to. SPEC.md §7 (FHO).
 *
 * Apart, both may send: the bytes are the same, and the authority takes them once.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import type { Throttle } from "./delivery.ts";
import type { Head } from "./document.ts";
import type { HandedOver } from "./records.ts";
import type { Capabilities } from "./regime.ts";
import type { StreamState } from "./stream-state.ts";

export interface DelivererInput {
  /** The device that wants to deliver. */
  readonly device: string;
  /** The device that sealed. */
  readonly owner: string;
  readonly handOvers: readonly HandedOver[];
  readonly capabilities: Pick<Capabilities, "handOver" | "transmit">;
}

/** May `device`, by all it knows, send document `sequence`? */
export function mayDeliver(sequence: number, input: DelivererInput): Result<true, NotDeliverer> {
  const { capabilities, device, handOvers, owner } = input;
  if (capabilities.transmit === "none") return err({ type: "NotDeliverer", reason: "not-sent" });
  const isAllowed = capabilities.handOver === "allowed";
  const inForce = isAllowed ? handOverOf(sequence, handOvers) : undefined;
  const deliverer = inForce?.to ?? owner;
  if (deliverer === device) return ok(true);
  if (!isAllowed) return err({ type: "NotDeliverer", reason: "forbidden" });
  return err({ type: "NotDeliverer", reason: "other-device", deliverer });
}

export type NotDeliverer =
  | { readonly type: "NotDeliverer"; readonly reason: "not-sent" | "forbidden" }
  | {
      readonly type: "NotDeliverer";
      readonly reason: "other-device";
      readonly deliverer: string;
    };

/** The hand-over to record. Range and waiting time go with it; a regime may forbid it. */
export function handOver(
  { handOvers, head }: Pick<StreamState, "handOvers" | "head">,
  input: {
    readonly from: string;
    readonly to: string;
    readonly fromSequence: number;
    readonly toSequence?: number;
    readonly throttle: Throttle;
    readonly atMs: number;
    readonly capabilities: Pick<Capabilities, "handOver" | "transmit">;
  },
): Result<HandedOver, HandOverFault> {
  const { capabilities, ...facts } = input;
  const { fromSequence, toSequence } = facts;
  if (capabilities.transmit === "none" || capabilities.handOver === "forbidden") {
    return err({ type: "HandOverFault", reason: "forbidden" });
  }
  if (!isRange(fromSequence, toSequence, head)) {
    return err({ type: "HandOverFault", reason: "range" });
  }
  const number = 1 + handOvers.reduce((highest, one) => Math.max(highest, one.number), 0);
  return ok({ type: "handed-over", stream: head.stream, number, ...facts });
}

export type HandOverFault = {
  readonly type: "HandOverFault";
  readonly reason: "forbidden" | "range";
};

/** The waiting time for whoever takes over: never shorter than anybody was told. */
export function throttleAfter(handOvers: readonly HandedOver[], own: Throttle): Throttle {
  return handOvers.reduce(
    (longest, { throttle }) => ({
      notBeforeMs: Math.max(longest.notBeforeMs, throttle.notBeforeMs),
      waitMs: Math.max(longest.waitMs, throttle.waitMs),
      lastSentMs: Math.max(longest.lastSentMs, throttle.lastSentMs),
    }),
    own,
  );
}

/** Two that were recorded apart have one number; the smaller device id decides, everywhere alike. */
function handOverOf(sequence: number, handOvers: readonly HandedOver[]): HandedOver | undefined {
  return handOvers
    .filter(
      ({ fromSequence, toSequence = Number.MAX_SAFE_INTEGER }) =>
        sequence >= fromSequence && sequence <= toSequence,
    )
    .toSorted((a, b) => b.number - a.number || (a.to < b.to ? -1 : Number(a.to > b.to)))
    .at(0);
}

function isRange(from: number, to: number | undefined, head: Head): boolean {
  const isFrom = Number.isSafeInteger(from) && from >= 1;
  return isFrom && (to === undefined || (to >= from && to <= head.sequence));
}

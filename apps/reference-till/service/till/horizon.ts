/**
 * How far an entry has got: this device, peers, relay, headquarters.
 *
 * A step is the replica's to claim, from what the receiver signed after its own sync.
 *
 * @module
 */

import type { EntryRef, JsonObject } from "@tillmesh/kernel";
import { deviceNamed } from "./names.ts";
import type { Till } from "./till.ts";

/** As it stands now. */
export function horizonAnswer(till: Till, { device, incarnation, sequence }: EntryRef): JsonObject {
  const { peers, ...steps } = till.replica.horizonOf({ device, incarnation, sequence });
  return { ...steps, peers: peers.map((peer) => ({ ...deviceNamed(till, peer) })) };
}

/**
 * Of an entry in the answer to the request that made it: nobody else can have it yet. A repeated request gets
 * the first answer, so it gets this one.
 */
export function newHorizon({ replica }: Till): JsonObject {
  return { device: true, peers: [], relay: false, hq: replica.device.roles.includes("hq") };
}

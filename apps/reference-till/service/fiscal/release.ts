/**
 * Sends a document once more that was set aside. Somebody looked; so a delivery that was paused goes on, too.
 *
 * @module
 */

import type { JsonObject } from "@tillmesh/kernel";
import { releaseParked, resumeDelivery } from "@tillmesh/fiscal-queue";
import type { Till } from "../till/till.ts";
import { documentAnswer } from "./delivery-answer.ts";
import type { DeliveryLoop } from "./delivery-loop.ts";
import { knownStreams } from "./streams.ts";

export interface ReleaseRequest {
  readonly sequence: number;
  /** The one that this device seals into, unless it is said. */
  readonly stream: string | undefined;
}

/** Undefined where there is no such document. Released again, or never set aside, it is answered as it is. */
export async function releaseDocument(
  till: Till,
  delivery: DeliveryLoop,
  { sequence, stream = till.fiscal.state.stream?.head.stream }: ReleaseRequest,
): Promise<JsonObject | undefined> {
  till.projection.sync();
  const known = knownStreams(till.projection).find((one) => one.stream === stream);
  if (known === undefined || stream === undefined) return undefined;
  const store = delivery.store(known);
  await releaseParked(store, { stream, sequence, atMs: till.clock.nowMs() });
  await resumeDelivery(store, stream);
  delivery.see({ type: "started" });
  const row = till.projection
    .sql("SELECT * FROM fiscal_outbox WHERE stream = ? AND sequence = ? AND n IS NOT NULL")
    .get(stream, sequence);
  return row && documentAnswer(till, row);
}

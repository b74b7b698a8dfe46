/**
 * How the link to the relay stands, for the status page. SPEC.md §8a (RU).
 *
 * @module
 */

import type { Courier } from "../courier.ts";
import { loadMaxBytes, waitingBytes } from "../plan.ts";
import type { RelayChannelStatus, RelayFault, RelayState, RelayStatus } from "./relay-options.ts";

export interface LinkFacts {
  readonly url: string;
  readonly state: RelayState;
  readonly lastError: (RelayFault & { readonly atMs: number }) | undefined;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export function statusOf(
  courier: Courier,
  { url, state, lastError, sentBytes, receivedBytes }: LinkFacts,
): RelayStatus {
  return {
    url,
    state,
    ...(lastError && { lastError }),
    sentBytes,
    receivedBytes,
    channels: courier.lanes().map((lane): RelayChannelStatus => {
      const unmade = lane.lane === 3 ? 0 : waitingBytes(courier.state, lane);
      const made = lane.flights.reduce((sum, { envelope }) => sum + envelope.bytes.length, 0);
      return {
        channel: lane.channel.name,
        lane: lane.lane,
        storedOffset: lane.next,
        readOffset: lane.position?.offset ?? 0,
        pendingEnvelopes: lane.flights.length + Math.ceil(unmade / loadMaxBytes),
        pendingBytes: made + unmade,
        ...(lane.lastDeliveryMs !== undefined && { silentSinceMs: lane.lastDeliveryMs }),
      };
    }),
  };
}

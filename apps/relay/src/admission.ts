/**
 * Who may knock: bounds on connections and on handshakes, before anything is read. SPEC.md (SV).
 *
 * @module
 */

import type { RelayContext } from "./session.ts";
import { createTokenBucket, isFull, take, type TokenBucket } from "./token-bucket.ts";

export interface Admission {
  /** Why not, if not. */
  readonly judge: (url: string, address: string) => Refusal | undefined;
  readonly enter: (address: string) => void;
  readonly leave: (address: string) => void;
}

export interface Refusal {
  readonly status: string;
  readonly why: string;
}

export function createAdmission(relay: RelayContext): Admission {
  const { limits, nowMs } = relay;
  const { handshakesPerSecond, handshakesPerAddressPerSecond } = limits;
  const all = createTokenBucket(handshakesPerSecond, handshakesPerSecond * 2, nowMs());
  const byAddress = new Map<string, Address>();
  const addressOf = (address: string): Address => {
    const known = byAddress.get(address);
    if (known) return known;
    if (byAddress.size > addressesMax) forgetIdle(byAddress, nowMs());
    const perSecond = handshakesPerAddressPerSecond;
    const made = { connections: 0, bucket: createTokenBucket(perSecond, perSecond * 2, nowMs()) };
    byAddress.set(address, made);
    return made;
  };
  return {
    judge: (url, address) => {
      if (url !== "/v1") return { status: "404 Not Found", why: "path" };
      if (relay.isDraining) return { status: "503 Service Unavailable", why: "draining" };
      const from = addressOf(address);
      if (relay.sessions.size >= limits.connectionsMax) return tooMany("connections");
      if (from.connections >= limits.connectionsPerAddressMax)
        return tooMany("address-connections");
      if (!take(from.bucket, 1, nowMs())) return tooMany("address-handshakes");
      return take(all, 1, nowMs()) ? undefined : tooMany("handshakes");
    },
    enter: (address) => {
      addressOf(address).connections += 1;
    },
    leave: (address) => {
      addressOf(address).connections -= 1;
    },
  };
}

interface Address {
  connections: number;
  readonly bucket: TokenBucket;
}

const addressesMax = 10_000;

/** Those without a connection that have not knocked for a while. */
function forgetIdle(byAddress: Map<string, Address>, nowMs: number): void {
  for (const [address, { connections, bucket }] of byAddress) {
    if (connections === 0 && isFull(bucket, nowMs)) byAddress.delete(address);
  }
}

function tooMany(why: string): Refusal {
  return { status: "429 Too Many Requests", why };
}

/**
 * How a replica reaches its relay, and what it tells of it. SPEC.md §8a (RU).
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import type { Lane } from "../../relay-protocol/frame.ts";
import type { LaneBudgets } from "../budget.ts";

export interface RelayOptions {
  /** `wss://…`; `ws://` to loopback only. */
  readonly url: string;
  /** For a metered link: bytes per lane in any stretch of time, both directions together. */
  readonly budget?: LaneBudgets;
  /** Default: half a second, then up to a minute; a link has lasted after twenty seconds. */
  readonly pace?: LinkPace;
}

export interface LinkPace {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly lastedMs: number;
}

export const defaultLinkPace: LinkPace = { baseMs: 500, maxMs: 60_000, lastedMs: 20_000 };

export interface RelayStatus {
  readonly url: string;
  readonly state: RelayState;
  readonly lastError?: RelayFault & { readonly atMs: number };
  /** Of frames, since the replica was opened. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly channels: readonly RelayChannelStatus[];
}

/** `refused`, `revoked`: the relay will not let this device in; it is asked again, rarely. `off`: switched off. */
export type RelayState = "connected" | "connecting" | "refused" | "revoked" | "off";

export interface RelayFault {
  readonly code: string;
  readonly detail: string;
}

export interface RelayChannelStatus {
  /** `org`, `control`, `hq` or `location/<id>`. */
  readonly channel: string;
  readonly lane: Lane;
  /** The next offset of the relay's log, as far as is known. */
  readonly storedOffset: number;
  readonly readOffset: number;
  /** Not answered `stored` yet, those not made yet included. */
  readonly pendingEnvelopes: number;
  readonly pendingBytes: number;
  /** When an envelope came last; absent before the first. */
  readonly silentSinceMs?: number;
}

/** Everything but loopback goes through TLS: channels are encrypted, but who talks when is nobody's business. */
export function checkRelayUrl(text: string): Result<URL, RelayUrlError> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return err({ type: "RelayUrl", url: text, reason: "no URL" });
  if (url.protocol === "wss:") return ok(url);
  if (url.protocol !== "ws:")
    return err({ type: "RelayUrl", url: text, reason: "neither ws nor wss" });
  return isLoopback(url.hostname)
    ? ok(url)
    : err({ type: "RelayUrl", url: text, reason: "ws:// beyond loopback" });
}

export interface RelayUrlError {
  readonly type: "RelayUrl";
  readonly url: string;
  readonly reason: string;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

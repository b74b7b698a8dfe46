/**
 * How this page is connected to its service, and the device to its peers, in words.
 *
 * @module
 */

import type { Status } from "../api/shapes.ts";
import { clockText } from "../time.ts";

export interface Link {
  readonly isReached: boolean;
  readonly isLive: boolean;
  /** When the service was first missed. */
  readonly lostAtMs: number | null;
  /** When this page saw the last peer go; null while there is one, or never was. */
  readonly aloneAtMs: number | null;
  readonly hasPeer: boolean;
}

export type LinkAction =
  | { readonly type: "reached"; readonly isReached: boolean; readonly atMs: number }
  | { readonly type: "live"; readonly isLive: boolean }
  | { readonly type: "peers"; readonly hasPeer: boolean; readonly atMs: number };

export const linkStart: Link = {
  isReached: true,
  isLive: false,
  lostAtMs: null,
  aloneAtMs: null,
  hasPeer: false,
};

export function stepLink(link: Link, action: LinkAction): Link {
  if (action.type === "live") {
    return link.isLive === action.isLive ? link : { ...link, isLive: action.isLive };
  }
  if (action.type === "peers") {
    const { hasPeer, atMs } = action;
    if (hasPeer === link.hasPeer) return link;
    return { ...link, hasPeer, aloneAtMs: hasPeer ? null : atMs };
  }
  if (action.isReached === link.isReached) return link;
  return { ...link, isReached: action.isReached, lostAtMs: action.isReached ? null : action.atMs };
}

export interface PeerSummary {
  readonly tone: "good" | "alone" | "quiet";
  readonly text: string;
}

/** Being alone is no fault: it is told, with since when. */
export function peerSummary(
  { peers, relay, timeZone }: Pick<Status, "peers" | "relay" | "timeZone">,
  aloneAtMs: number | null,
): PeerSummary {
  const connected = connectedPeers(peers);
  const atRelay = relay?.state === "connected";
  if (connected > 0) {
    const text = connected === 1 ? "1 peer" : `${connected} peers`;
    return { tone: "good", text: atRelay ? `${text} and relay` : `${text} connected` };
  }
  if (atRelay) return { tone: "good", text: "Relay connected" };
  if (peers.length === 0 && relay === null) return { tone: "quiet", text: "No peers" };
  const last = lastExchange(peers) ?? aloneAtMs;
  const text = last === null ? "Alone so far" : `Alone since ${clockText(last, timeZone)}`;
  return { tone: "alone", text };
}

export function connectedPeers(peers: Status["peers"]): number {
  return peers.filter(({ state }) => state === "connected").length;
}

export function onlyHereText(entries: number): string {
  if (entries === 0) return "Everything is also elsewhere";
  return entries === 1 ? "1 entry only here" : `${entries} entries only here`;
}

function lastExchange(peers: Status["peers"]): string | null {
  const times = peers.flatMap(({ lastExchangeAt }) => lastExchangeAt ?? []);
  return times.toSorted().at(-1) ?? null;
}

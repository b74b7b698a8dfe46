/**
 * The links of one replica: which are kept, which peers are kept out, who is told. SPEC.md §7 (LA, AG).
 *
 * @module
 */

import { formatDocumentName } from "../documents/document-name.ts";
import { documentKeyOf } from "../node/repo-link.ts";
import type { PeerStatus } from "../node/replica.ts";
import type { ReplicaParts } from "../node/run-replica.ts";
import { documentName, raise } from "../replica/core-state.ts";
import type { Summary } from "../replica/summary.ts";
import type { WebSocket } from "ws";
import { admitSyncMessage } from "./admission-gate.ts";
import { createAllowance, createFrameMeter, type FrameMeter } from "./allowance.ts";
import type { Dialer } from "./dialer.ts";
import { closeCodes, endSocket } from "./end-socket.ts";
import type { ExchangeLink } from "./exchange-link.ts";
import type { Finding } from "./finding.ts";
import { revoked } from "./greeting.ts";
import type { LanAddress } from "./lan.ts";
import type { LanLimits } from "./limits.ts";
import type { Listener } from "./listener.ts";
import { createJudge, expired, type Judge } from "./secure-channel.ts";
import { isSharedText } from "./sharing.ts";
import type { GatedClientAdapter, GatedServerAdapter, SyncGate } from "./sync-adapters.ts";

/** Mutable: owned by one replica's network. */
export interface Net {
  readonly parts: ReplicaParts;
  readonly limits: LanLimits;
  readonly judge: Judge;
  readonly links: Map<ExchangeLink, LinkInfo>;
  /** By address. */
  readonly dialers: Map<string, Dialer>;
  readonly gate: SyncGate;
  readonly refusedUntilMs: Map<string, number>;
  /** The device that answered at an address that this replica dials. */
  readonly devices: Map<string, string>;
  /** Why an address that this replica dials would not have it, the last time. */
  readonly refusals: Map<string, string>;
  readonly turnedAway: (address: string, reason: string) => void;
  listener: Listener | undefined;
  finding: Finding | undefined;
  sync: GatedServerAdapter | undefined;
  announcing: ReturnType<typeof setTimeout> | undefined;
  reaching: ReturnType<typeof setTimeout> | undefined;
}

export interface LinkInfo {
  readonly socket: WebSocket;
  /** As people write it: where this replica dialled, or where the peer came from. */
  readonly address: string;
  /** Whose key was proved on the channel. */
  readonly certificate: string;
  /** The socket of the live sync that belongs to this link. */
  sync: WebSocket | undefined;
  adapter: GatedClientAdapter | undefined;
  /** All that the peer has said that it holds, of what both may have. */
  heard: Summary | undefined;
  /** Documents that are to be asked for. */
  readonly wanting: Map<string, ReturnType<typeof setTimeout>>;
}

export function createNet(parts: ReplicaParts, limits: LanLimits): Net {
  const net: Net = {
    parts,
    limits,
    judge: createJudge({
      caCertificate: parts.identity.caCertificate,
      crypto: parts.state.ports.crypto,
      nowMs: () => parts.clock.nowMs(),
    }),
    links: new Map(),
    dialers: new Map(),
    refusedUntilMs: new Map(),
    devices: new Map(),
    refusals: new Map(),
    turnedAway: sparingly((fact) => {
      parts.logger({ level: "warn", event: "connection-refused", ...fact });
    }),
    listener: undefined,
    finding: undefined,
    sync: undefined,
    announcing: undefined,
    reaching: undefined,
    gate: {
      isLinked: (peer) => linkTo(net, peer) !== undefined,
      admit: (message) => admit(net, message),
      refuse: (peer, reason) => refusePeer(net, peer, reason),
      end: (peer, reason) => {
        parts.logger({ level: "error", event: "sync-failed", peer, reason });
        linkTo(net, peer)?.close(closeCodes.anew, "begin anew");
      },
    },
  };
  return net;
}

async function admit(net: Net, message: Parameters<SyncGate["admit"]>[0]): Promise<boolean> {
  const { state } = net.parts;
  const { senderId, documentId, data } = message;
  const key = documentKeyOf(documentId);
  const document = state.documents.get(key);
  const link = linkTo(net, senderId);
  const peer = link?.peer();
  if (!document || !link || !peer) return false;
  const name = formatDocumentName(documentName(document));
  // What the peer may not have it may not speak of either.
  if (!isSharedText(state, peer, name)) return false;
  const { doubts } = link;
  const verdict = await admitSyncMessage(state, { key, data, peer: senderId, doubts });
  if (verdict === "hold") link.want(name);
  if (verdict === "refuse") refusePeer(net, senderId, "refused change");
  return verdict === "pass";
}

/** Ends what this peer has open, keeps it out for a while, and tells people. */
export function refusePeer(net: Net, peer: string, reason: string): void {
  const { parts } = net;
  parts.logger({ level: "warn", event: "peer-refused", peer, reason });
  raise(parts.state, { type: "PeerRefused", peer, reason });
  net.refusedUntilMs.set(peer, parts.clock.nowMs() + net.limits.keptOutMs);
  endLinks(net, peer, reason);
}

/**
 * A device that was revoked while it is here is sent away at the next word. So is one whose certificates
 * have run out since they were shown: it may have newer ones, and is not kept out for that.
 */
export function refuseOutdated(net: Net): void {
  const { state, clock, logger } = net.parts;
  const peers = new Set([...net.links.keys()].flatMap((link) => link.peer()?.id ?? []));
  for (const peer of peers) {
    if (state.ports.trust.revocationOf?.(peer)) refusePeer(net, peer, revoked);
  }
  for (const link of net.links.keys()) {
    if (link.untilMs() >= clock.nowMs()) continue;
    logger({ level: "warn", event: "peer-refused", peer: link.peer()?.id, reason: expired });
    link.close(closeCodes.refused, expired);
  }
}

function endLinks(net: Net, peer: string, reason: string): void {
  for (const [link, { sync }] of net.links) {
    if (link.peer()?.id !== peer) continue;
    link.close(closeCodes.refused, reason);
    if (sync) endSocket(sync, closeCodes.refused, reason);
  }
}

/** One link per device: of two, the one that the device with the lower id dialled stays. */
export function keepLink(net: Net, link: ExchangeLink): boolean {
  const device = link.peer()?.id ?? "";
  const info = net.links.get(link);
  if (info && link.isDialled) {
    net.devices.set(info.address, device);
    net.refusals.delete(info.address);
  }
  if (!isWelcome(net, device)) {
    link.close(closeCodes.notNow, "not now");
    return false;
  }
  const loser = loserOf(net, link, device);
  loser?.close(closeCodes.second, "one link is enough");
  if (loser === link) return false;
  net.parts.logger({ level: "info", event: "peer-linked", peer: device });
  net.parts.notifyPeers();
  return true;
}

function loserOf(net: Net, link: ExchangeLink, device: string): ExchangeLink | undefined {
  const other = [...net.links.keys()].find((one) => one !== link && one.peer()?.id === device);
  const isOursToDial = net.parts.state.ports.device < device;
  // Two in one direction are a link that went stale, or the two copies of a cloned device: they take turns.
  const isSecond = other?.isDialled === link.isDialled;
  return other && (isSecond || link.isDialled === isOursToDial ? other : link);
}

/** Not itself, and not a peer that broke the rules a moment ago. */
function isWelcome({ parts, refusedUntilMs }: Net, device: string): boolean {
  const until = refusedUntilMs.get(device) ?? 0;
  return device !== parts.state.ports.device && until <= parts.clock.nowMs();
}

export function linkTo(net: Net, device: string): ExchangeLink | undefined {
  return [...net.links.keys()].find((link) => link.peer()?.id === device);
}

export function meterOf({ limits }: Net): FrameMeter {
  return createFrameMeter(limits, () => performance.now());
}

export function peerStatus(net: Net): readonly PeerStatus[] {
  const linked = [...net.links].map(([link, { address }]): PeerStatus => {
    const device = link.peer()?.id;
    const lastExchangeAtMs = link.lastExchangeAtMs();
    return {
      ...(device !== undefined && { device }),
      address,
      state: device === undefined ? "connecting" : "connected",
      ...(lastExchangeAtMs !== undefined && { lastExchangeAtMs }),
    };
  });
  const here = new Set(linked.map(({ address }) => address));
  const others = [...net.dialers.keys()]
    .filter((address) => !here.has(address) && !linkTo(net, net.devices.get(address) ?? ""))
    .map((address): PeerStatus => {
      const refusal = net.refusals.get(address);
      return { address, state: "connecting", ...(refusal !== undefined && { refusal }) };
    });
  return [...linked, ...others];
}

export function hostText({ host, port }: LanAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whoever knocks a thousand times a second does not fill the disk with lines about it. */
function sparingly(
  tell: (fact: {
    readonly address: string;
    readonly reason: string;
    readonly more: number;
  }) => void,
): (address: string, reason: string) => void {
  const lines = createAllowance({ burst: 50, perSecond: 0.5 }, performance.now());
  let more = 0;
  return (address, reason) => {
    if (!lines.take(1, performance.now())) {
      more += 1;
      return;
    }
    tell({ address, reason, more });
    more = 0;
  };
}

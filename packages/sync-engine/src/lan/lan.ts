/**
 * The shop's network: listens, dials, and keeps one link per peer. SPEC.md §7 (LA).
 *
 * Every connection is TLS with a device certificate at both ends; nothing is listened on or
 * dialled in clear.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { WebSocketServer, type ClientOptions, type WebSocket } from "ws";
import type { DocumentKey } from "../documents/document-name.ts";
import type { PeerStatus } from "../node/replica.ts";
import type { ReplicaParts } from "../node/run-replica.ts";
import { createDialer, openSocket, type Dialled } from "./dialer.ts";
import { closeCodes, endSocket, wasEndedHere } from "./end-socket.ts";
import { openExchangeLink, type ExchangeLink } from "./exchange-link.ts";
import { frameMaxSizeBytes } from "./exchange-message.ts";
import { startFinding } from "./finding.ts";
import { followSummary, wantParts } from "./following.ts";
import { defaultLanLimits, type LanLimits } from "./limits.ts";
import { startListener, type ListenFailed } from "./listener.ts";
import {
  createNet,
  hostText,
  keepLink,
  linkTo,
  meterOf,
  peerStatus,
  refusePeer,
  refuseOutdated,
  type LinkInfo,
  type Net,
} from "./net.ts";
import { revoked } from "./greeting.ts";
import { clientTlsOf, provedCertificate } from "./secure-channel.ts";
import { isSyncedLive } from "./sharing.ts";
import { GatedClientAdapter, GatedServerAdapter } from "./sync-adapters.ts";

export interface LanAddress {
  readonly host: string;
  readonly port: number;
}

export interface LanOptions {
  /** Where to listen. Absent: this replica only dials. */
  readonly listen?: LanAddress;
  readonly peers: readonly LanAddress[];
  /**
   * Whether to be found, and to find others, by multicast DNS on the interfaces that are listened on. Default: yes,
   * unless this replica listens on loopback only.
   */
  readonly discover?: boolean;
  /** Of multicast DNS. Default: 5353. */
  readonly discoveryPort?: number;
  /** Default: `defaultLanLimits`. */
  readonly limits?: LanLimits;
}

export type LanError = ListenFailed;

export interface Lan {
  /** The replica has something new to tell. */
  announce(): void;
  /** Entries have got further beyond the shop. */
  announceReached(): void;
  /** Ends all links at once: the disk has failed. */
  cut(): void;
  peers(): readonly PeerStatus[];
  /** Whether a live document is synced with this peer. */
  isSynced(peer: string, key: DocumentKey): boolean;
  close(): Promise<void>;
}

/** Starts listening and dialling; `parts.lan` is set before the first link opens. */
export async function startLan(
  parts: ReplicaParts,
  options: LanOptions,
): Promise<Result<void, LanError>> {
  const { listen, peers, limits = defaultLanLimits } = options;
  const net = createNet(parts, limits);
  const heartbeat = setInterval(() => {
    endSilent(net);
    tellAll(net);
  }, limits.heartbeatMs);
  parts.lan = {
    announceReached: () => {
      net.reaching ??= setTimeout(() => {
        net.reaching = undefined;
        for (const link of net.links.keys()) link.sendReached();
      }, announceDelayMs);
    },
    announce: () => {
      net.announcing ??= setTimeout(() => tellAll(net), announceDelayMs);
    },
    cut: () => cut(net),
    peers: () => peerStatus(net),
    isSynced: (device, key) => {
      const peer = linkTo(net, device)?.peer();
      return peer !== undefined && isSyncedLive(parts.state, peer, key);
    },
    close: async () => {
      clearInterval(heartbeat);
      cut(net);
      await net.listener?.close();
      await net.finding?.close();
    },
  };
  const listening = listen ? await listenOn(net, listen) : ok(undefined);
  if (!listening.ok) {
    await parts.lan.close();
    return listening;
  }
  for (const peer of peers) dialPeer(net, peer);
  if (listen) find(net, listen, options);
  return ok(undefined);
}

function find(net: Net, listen: LanAddress, options: LanOptions): void {
  const { discover = !isLoopback(listen.host), discoveryPort } = options;
  if (!discover) return;
  net.finding = startFinding(net, {
    listen: { host: listen.host, port: net.listener?.port ?? listen.port },
    ...(discoveryPort !== undefined && { discoveryPort }),
    dial: (address, device) => dialPeer(net, address, device),
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

const announceDelayMs = 50;

async function listenOn(net: Net, address: LanAddress): Promise<Result<void, LanError>> {
  const server = new WebSocketServer({ noServer: true, maxPayload: frameMaxSizeBytes });
  net.sync = new GatedServerAdapter(server, net.gate);
  net.parts.link.repo.networkSubsystem.addNetworkAdapter(net.sync);
  await net.sync.isHearing;
  const listening = await startListener(address, {
    identity: net.parts.identity,
    limits: net.limits,
    sync: server,
    onExchange: (socket, { certificate, address: from }) =>
      addLink(net, { socket, certificate, address: from, isDialled: false }),
    takeSync: (id, { certificate }) => takeSync(net, id, certificate),
    onTurnedAway: net.turnedAway,
  });
  if (!listening.ok) return err(listening.error);
  net.listener = listening.value;
  return ok(undefined);
}

/** Dials an address until the network is cut, unless the device that is there, or is said to be, is linked. */
function dialPeer(net: Net, peer: LanAddress, said = ""): void {
  const address = hostText(peer);
  const dialer = createDialer({
    url: `wss://${address}/exchange`,
    get client() {
      return clientOf(net);
    },
    isNeeded: () => linkTo(net, net.devices.get(address) ?? said) === undefined,
    onOpen: (dialled) => beginLink(net, address, dialled),
    onTurnedAway: (reason) => noteRefusal(net, address, reason),
  });
  net.dialers.set(address, dialer);
}

function clientOf({ parts }: Net): ClientOptions {
  return { ...clientTlsOf(parts.identity), maxPayload: frameMaxSizeBytes };
}

/** The listening end is judged like the one that dials; it is told too, and nothing else was said before. */
function beginLink(net: Net, address: string, { socket, channel }: Dialled): void {
  const proved = provedCertificate(channel);
  if (!proved.ok) {
    const { reason } = proved.error;
    net.refusals.set(address, reason);
    net.turnedAway(address, reason);
    endSocket(socket, closeCodes.refused, reason);
    return;
  }
  addLink(net, { socket, address, certificate: proved.value, isDialled: true });
}

interface Opened {
  readonly socket: WebSocket;
  readonly address: string;
  readonly certificate: string;
  readonly isDialled: boolean;
}

function addLink(net: Net, { socket, address, certificate, isDialled }: Opened): void {
  const { parts } = net;
  const info: LinkInfo = {
    socket,
    address,
    certificate,
    sync: undefined,
    adapter: undefined,
    heard: undefined,
    wanting: new Map(),
  };
  const link = openExchangeLink({
    state: parts.state,
    socket,
    isDialled,
    nowMs: () => parts.clock.nowMs(),
    meter: meterOf(net),
    judge: (certificates) => net.judge({ certificates, proved: certificate }),
    onHello: (one) => keepLink(net, one),
    onSummary: (one, summary) => {
      startSync(net, one);
      followSummary(net, one, summary);
    },
    onRefused: (one, reason) => {
      const peer = one.peer()?.id;
      // Who has not said who it is has no name that could be kept out.
      if (peer !== undefined) return refusePeer(net, peer, reason);
      if (isDialled) net.refusals.set(address, reason);
      net.turnedAway(address, reason);
    },
  });
  net.links.set(link, info);
  socket.on("close", (code, reason) => {
    const isRefusal = code === closeCodes.refused && !wasEndedHere(socket);
    if (isRefusal) noteRefusal(net, address, reason.toString("utf8"));
    removeLink(net, link);
  });
}

function removeLink(net: Net, link: ExchangeLink): void {
  const info = net.links.get(link);
  if (!info) return;
  net.links.delete(link);
  for (const timer of info.wanting.values()) clearTimeout(timer);
  if (info.adapter) net.parts.link.repo.networkSubsystem.removeNetworkAdapter(info.adapter);
  info.sync?.terminate();
  wakeDialers(net, link.peer()?.id);
  net.parts.notifyPeers();
}

/** Where the peer of a link that ended was dialled, it may be needed again. */
function wakeDialers({ dialers, devices }: Net, peer: string | undefined): void {
  if (peer === undefined) return;
  for (const [address, dialer] of dialers) if (devices.get(address) === peer) dialer.wake();
}

/** The other end would not have this one: a person looks for the reason here. */
function noteRefusal(net: Net, address: string, reason: string): void {
  net.refusals.set(address, reason);
  net.parts.logger({ level: "warn", event: "refused-by-peer", address, reason });
  if (reason === revoked) net.parts.membership?.noteRefusal(net.devices.get(address) ?? address);
  net.parts.notifyPeers();
}

/** The side that dialled the link dials the live sync too, once. */
function startSync(net: Net, link: ExchangeLink): void {
  const info = net.links.get(link);
  const peer = link.peer();
  if (!info || !peer || !link.isDialled || info.sync) return;
  const beginAnew = (): void => link.close(closeCodes.anew, "begin anew");
  info.sync = openSocket(
    {
      url: `wss://${info.address}/sync/${link.peerLink()}`,
      client: clientOf(net),
      onTurnedAway: beginAnew,
    },
    ({ socket, channel }) => {
      const proved = provedCertificate(channel);
      const isSame = proved.ok && proved.value === info.certificate;
      if (!isSame || !net.links.has(link)) return socket.terminate();
      info.adapter = new GatedClientAdapter(
        socket,
        { peer: peer.id, meter: meterOf(net) },
        net.gate,
      );
      net.parts.link.repo.networkSubsystem.addNetworkAdapter(info.adapter);
    },
  );
  info.sync.on("close", beginAnew);
}

/** The live sync belongs to a link, and to the device at its other end. */
function takeSync(
  net: Net,
  id: string,
  certificate: string,
): ((socket: WebSocket) => void) | undefined {
  const [link, info] = [...net.links].find(([one]) => one.id === id) ?? [];
  const peer = link?.peer();
  if (!peer || !info || link?.isDialled || info.certificate !== certificate) return undefined;
  return (socket) => {
    info.sync?.terminate();
    info.sync = socket;
    net.sync?.bind(socket, { peer: peer.id, meter: meterOf(net) });
  };
}

/** A cable that was pulled does not say so: the link would stand in the way of the next one. */
function endSilent({ links, limits }: Net): void {
  for (const [link, { socket }] of links) {
    if (link.silentForMs() > limits.silentMs) socket.terminate();
  }
}

function tellAll(net: Net): void {
  clearTimeout(net.announcing);
  net.announcing = undefined;
  refuseOutdated(net);
  for (const link of net.links.keys()) link.sendSummary();
  wantParts(net);
}

function cut(net: Net): void {
  clearTimeout(net.announcing);
  clearTimeout(net.reaching);
  net.finding?.stop();
  for (const dialer of net.dialers.values()) dialer.stop();
  for (const { socket, sync } of net.links.values()) {
    socket.terminate();
    sync?.terminate();
  }
  for (const adapter of Array.from(net.parts.link.repo.networkSubsystem.adapters))
    adapter.disconnect();
  net.listener?.cut();
}

/**
 * Where this device stands, for its pages and for whoever watches it.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";
import { deviceNamed, locationNamed, staffNamed } from "./names.ts";
import type { PeerStatus, RelayChannel, RelayStatus } from "./replica.ts";
import { businessDateOf, todayOf, type Till } from "./till.ts";

export function statusAnswer(till: Till): Json {
  const { replica, state } = till;
  const { id, name, code, roles } = replica.device;
  const { open } = state.shifts;
  const status = replica.status();
  const ledgers = replica.ledgers();
  const own = ledgers.filter(({ device }) => device === id);
  return {
    organisation: { id: replica.organisation.id, name: replica.organisation.name },
    device: { id, name, code },
    roles: [...roles],
    location: { id: replica.location.id, name: replica.location.name },
    currency: replica.location.currency,
    timeZone: replica.location.timeZone,
    businessDate: businessDateOf(till),
    today: todayOf(till),
    shift:
      open === null
        ? null
        : {
            shiftId: open.shiftId,
            staff: { ...staffNamed(till, open.staff) },
            businessDate: open.businessDate,
          },
    commit: { state: status.state, freeBytes: status.freeBytes, isSpaceLow: status.isSpaceLow },
    incarnation: replica.incarnation,
    ledgerLength: own.reduce((sum, { sequence }) => sum + sequence, 0),
    ledgers: ledgers.map(({ device, incarnation, heldFrom, sequence, at, isForked }) => ({
      device: { ...deviceNamed(till, device) },
      incarnation,
      heldFrom,
      sequence,
      at: at?.slice(0, 24) ?? null,
      isForked,
    })),
    peers: status.peers.map((peer) => peerAnswer(till, peer)),
    onlyHere: { entries: status.onlyHere.entries },
    horizon: { ...status.horizon },
    relay: status.relay === undefined ? null : relayAnswer(till, status.relay),
    enrolment: { state: enrolmentState(till) },
    links: { ...status.links },
    projection: { isComplete: till.isAllRead, behindEntries: till.projection.behindEntries },
    history: { missingEntries: till.projection.missingHistory },
  };
}

function peerAnswer(till: Till, { device, address, state, lastExchangeAtMs }: PeerStatus): Json {
  return {
    device: device === undefined ? null : { ...deviceNamed(till, device) },
    address,
    state,
    lastExchangeAt:
      lastExchangeAtMs === undefined ? null : new Date(lastExchangeAtMs).toISOString(),
  };
}

function relayAnswer(till: Till, relay: RelayStatus): Json {
  const { state, url, lastError, sentBytes, receivedBytes, channels } = relay;
  return {
    state,
    url,
    lastError:
      lastError === undefined
        ? null
        : {
            code: lastError.code,
            detail: lastError.detail,
            at: new Date(lastError.atMs).toISOString(),
          },
    sentBytes,
    receivedBytes,
    pending: lanes.map((lane) => pendingOf(channels, lane)),
    channels: channels.map(({ channel, lane, silentSinceMs, ...offsets }) => ({
      channel,
      title: channelTitle(till, channel),
      lane,
      ...offsets,
      silentSince: silentSinceMs === undefined ? null : new Date(silentSinceMs).toISOString(),
    })),
  };
}

const lanes = [0, 1, 2, 3] as const;

/** This device's standing, as it knows it itself or was told by a peer or the relay. */
function enrolmentState({ replica }: Till): string {
  const { revoked, relay } = replica.status();
  if (revoked !== undefined || relay?.state === "revoked") return "revoked";
  return replica.devices().find(({ id }) => id === replica.device.id)?.state ?? "active";
}

/** What has not been answered `stored`, over all channels. */
function pendingOf(channels: readonly RelayChannel[], lane: number): Json {
  const ofLane = channels.filter((channel) => channel.lane === lane);
  const sum = (of: (channel: RelayChannel) => number) =>
    ofLane.reduce((total, channel) => total + of(channel), 0);
  return {
    lane,
    envelopes: sum(({ pendingEnvelopes }) => pendingEnvelopes),
    bytes: sum(({ pendingBytes }) => pendingBytes),
  };
}

/** A location's channel goes by the location's name. */
function channelTitle(till: Till, channel: string): string {
  const [kind, id] = channel.split("/");
  return kind === "location" && id !== undefined ? locationNamed(till, id).name : channel;
}

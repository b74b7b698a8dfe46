/**
 * A device at the relay that costs the measuring process as little as it can.
 *
 * @module
 */

import { nodeCrypto } from "@tillmesh/kernel/node";
import { connect, type OrganisationDevice } from "@tillmesh/relay/testing";
import {
  channelId,
  createReceiving,
  decodeRelayFrame,
  encodeClientFrame,
  nextCredit,
  release,
  sealEnvelope,
  windowSizeBytes,
  type ChannelName,
  type Envelope,
  type EnvelopeHeader,
  type Lane,
  type RelayFrame,
} from "@tillmesh/sync-engine/relay-protocol";
import type { WebSocket } from "ws";

export interface RelayDevice {
  readonly socket: WebSocket;
  readonly device: OrganisationDevice;
  /** Frames but `deliver` and `credit`. */
  onFrame: (frame: RelayFrame) => void;
  /** Undefined: they are only counted, by `onPiece`. */
  onDeliver: ((frame: RelayFrame & { readonly type: "deliver" }) => void) | undefined;
  onPiece: () => void;
  onCredit: () => void;
  /** Of `publish` data. */
  creditBytes: number;
  sentBytes: number;
}

/** Connects and gives credit as bytes come, at once or 10 ms later. */
export async function connectDevice(
  port: number,
  device: OrganisationDevice,
): Promise<RelayDevice> {
  const { socket } = await connect(`ws://127.0.0.1:${port}/v1`, device);
  socket.removeAllListeners("message");
  const receiving = createReceiving(windowSizeBytes);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveCredit = (isDue: boolean): void => {
    const through = nextCredit(receiving, isDue);
    if (through !== undefined) socket.send(encodeClientFrame({ type: "credit", through }));
  };
  const self: RelayDevice = {
    socket,
    device,
    onFrame: () => undefined,
    onDeliver: undefined,
    onPiece: () => undefined,
    onCredit: () => undefined,
    creditBytes: windowSizeBytes,
    sentBytes: 0,
  };
  const taken = (sizeBytes: number): void => {
    release(receiving, sizeBytes);
    giveCredit(false);
    timer ??= setTimeout(() => {
      timer = undefined;
      giveCredit(true);
    }, 10);
  };
  socket.on("message", (data: Buffer) => {
    if (!self.onDeliver && data[0] === deliverCode) {
      taken(pieceSize(data));
      self.onPiece();
      return;
    }
    const decoded = decodeRelayFrame(data);
    if (!decoded.ok || decoded.value === "unknown")
      throw new Error("the relay's frame is malformed");
    const frame = decoded.value;
    if (frame.type === "deliver") {
      taken(frame.data.length);
      self.onDeliver?.(frame);
    } else if (frame.type === "credit") {
      self.creditBytes = frame.through;
      self.onCredit();
    } else self.onFrame(frame);
  });
  return self;
}

const deliverCode = 70;

/** One process stands for all readers, so it looks at no more of a `deliver` than it must: four counts, then the data. */
function pieceSize(frame: Uint8Array): number {
  let at = 1;
  for (let counts = 0; counts < 4; counts += 1) {
    while ((frame[at] ?? 0) >= 128) at += 1;
    at += 1;
  }
  return frame.length - at;
}

/** Resolves when the relay has answered. */
export function subscribe(
  self: RelayDevice,
  { subscription, channel, lane }: { subscription: number; channel: ChannelName; lane: Lane },
): Promise<void> {
  const id = channelId(self.device.organisation, channel, crypto);
  return new Promise((resolve) => {
    const before = self.onFrame;
    self.onFrame = (frame) => {
      if (frame.type === "subscribed" && frame.subscription === subscription) {
        self.onFrame = before;
        resolve();
      } else before(frame);
    };
    self.socket.send(
      encodeClientFrame({ type: "subscribe", subscription, channel: id, lane, after: undefined }),
    );
  });
}

export function homeOf({ location }: OrganisationDevice): ChannelName {
  return `location/${location}` as ChannelName;
}

/** Envelopes of one chain. Nobody checks their signatures here, so nobody makes them. */
export function envelopeMaker(
  device: OrganisationDevice,
  { channel, lane }: { readonly channel: ChannelName; readonly lane: Lane },
): (sizeBytes: number) => Envelope {
  const id = channelId(device.organisation, channel, crypto);
  const run = crypto.randomBytes(8);
  const signer = { ...device.signer, sign: () => noSignature };
  let sequence = 0;
  return (sizeBytes) => {
    sequence += 1;
    const header: EnvelopeHeader = {
      version: 1,
      channel: id,
      lane,
      publisher: device.id,
      run,
      sequence,
      previous: new Uint8Array(32),
      epoch: 0,
      nonce: new Uint8Array(24),
    };
    return sealEnvelope(header, crypto.randomBytes(sizeBytes), { key: undefined, signer, crypto });
  };
}

/** The bytes of an envelope around its contents. */
export const envelopeOverheadBytes = 196;

const crypto = nodeCrypto();
const noSignature = new Uint8Array(64);

/**
 * The bundles that a relay holds of a shop, in clear, and a bare server that hands them out without any protocol.
 *
 * @module
 */

import type { AddressInfo } from "node:net";
import { assert, hex } from "@tillmesh/kernel";
import { nodeCrypto, nodeSigner } from "@tillmesh/kernel/node";
import { fromPem } from "@tillmesh/sync-engine/identity";
import { nodeCompression, readDeviceIdentity } from "@tillmesh/sync-engine/node";
import {
  channelId,
  decodeBundle,
  encodeClientFrame,
  openEnvelope,
  readEnvelope,
  type Bundle,
  type Lane,
} from "@tillmesh/sync-engine/relay-protocol";
import { nodeFiles } from "@tillmesh/sync-engine/storage";
import { openChannelKeys } from "@tillmesh/sync-engine/testing";
import { WebSocketServer } from "ws";
import { connectDevice, homeOf, type RelayDevice } from "./relay-device.ts";
import { placeAt, value } from "./sample-shop.ts";

/** As an envelope's plaintext. */
export interface PlainBundle {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** All that stands in the shop's channel, in the order in which the relay delivers it. */
export async function takeBundles(port: number, hq: string): Promise<readonly PlainBundle[]> {
  const crypto = nodeCrypto();
  const place = placeAt(hq);
  const identity = value(await readDeviceIdentity(place));
  const keys = value(openChannelKeys({ ...place, files: nodeFiles() }, identity));
  const { id, location, roles } = identity.device;
  const self = await connectDevice(port, {
    organisation: identity.organisation.id,
    id,
    location: location.id,
    roles,
    signer: nodeSigner(identity.privateKeyPem),
    certificates: identity.chain.map((pem) => fromPem("CERTIFICATE", pem) ?? new Uint8Array()),
  });
  const envelopes = [...(await readLane(self, 1)), ...(await readLane(self, 3))];
  self.socket.terminate();
  const unproved = { sha256: (bytes: Uint8Array) => crypto.sha256(bytes), verify: () => true };
  return envelopes.map((bytes) => {
    const envelope = value(readEnvelope(bytes, crypto));
    const key = keys.keyOf(homeOf(self.device), envelope.header.epoch);
    const options = { key, publicKey: new Uint8Array(32), crypto: unproved };
    const plaintext = value(openEnvelope(envelope, options));
    return { bytes: plaintext, sha256: hex(crypto.sha256(plaintext)) };
  });
}

/** Every envelope that stands there now. */
function readLane(self: RelayDevice, lane: Lane): Promise<readonly Uint8Array[]> {
  const channel = channelId(self.device.organisation, homeOf(self.device), nodeCrypto());
  const frame = { type: "subscribe", subscription: lane, channel, lane, after: undefined } as const;
  const envelopes: Uint8Array[] = [];
  let whole = new Uint8Array(0);
  let end = Number.POSITIVE_INFINITY;
  return new Promise((resolve) => {
    self.onFrame = (answer) => {
      if (answer.type === "subscribed") end = answer.next;
    };
    self.onDeliver = ({ at, offset, size, data, subscription }) => {
      if (subscription !== lane) return;
      if (offset === 0) whole = new Uint8Array(size);
      whole.set(data, offset);
      if (offset + data.length < size) return;
      envelopes.push(whole);
      if (at + 1 === end) resolve(envelopes);
    };
    self.socket.send(encodeClientFrame(frame));
  });
}

export async function openBundle(bytes: Uint8Array): Promise<Bundle> {
  return value(await decodeBundle(bytes, ports));
}

const ports = { compression: nodeCompression(), crypto: nodeCrypto() };

/** Sends all bundles to whoever comes, as fast as the socket takes them. */
export async function serveBundles(
  bundles: readonly PlainBundle[],
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => {
    for (const { bytes } of bundles) socket.send(bytes);
  });
  const address = server.address();
  assert(address !== null && typeof address === "object", "a listening server has a port");
  return {
    port: (address satisfies AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

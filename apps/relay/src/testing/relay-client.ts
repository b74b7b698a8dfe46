/**
 * A device as a relay sees it, for tests and measurements: speaks the protocol, and can break each rule of it.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { nodeCrypto } from "@tillmesh/kernel/node";
import {
  channelId,
  decodeRelayFrame,
  encodeClientFrame,
  fragmentMaxSizeBytes,
  proofBytes,
  sealEnvelope,
  signStatement,
  welcomeBytes,
  windowSizeBytes,
  type ChannelName,
  type ClientFrame,
  type Envelope,
  type Lane,
  type LogPosition,
  type RelayFrame,
  type StatementBody,
  type StoredItem,
} from "@tillmesh/sync-engine/relay-protocol";
import { WebSocket, type ClientOptions } from "ws";
import type { OrganisationDevice } from "./sample-organisation.ts";

type FrameType = RelayFrame["type"];
export type FrameOfType<Type extends FrameType> = RelayFrame & { readonly type: Type };

export interface RelayClient {
  readonly socket: WebSocket;
  /** As it came. */
  readonly challenge: () => { readonly bytes: Uint8Array; readonly relayKey: Uint8Array };
  /** Numbers for streams and statements, from 0. */
  readonly nextStream: () => number;
  /** The next frame of this type that nobody took yet; fails when the connection ends before. */
  readonly next: <Type extends FrameType>(type: Type) => Promise<FrameOfType<Type>>;
  /** All frames so far that nobody took. */
  readonly waiting: () => readonly RelayFrame[];
  readonly send: (frame: ClientFrame) => void;
  readonly sendRaw: (bytes: Uint8Array) => void;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<Closing>;
  readonly close: () => Promise<void>;
}

export interface Closing {
  /** Of the WebSocket: 4400 and more are byes. */
  readonly code: number;
  readonly bye: FrameOfType<"bye"> | undefined;
}

/** An open socket; nothing was said yet. */
export async function dial(url: string, options: ClientOptions = {}): Promise<RelayClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  const client = listenOn(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return client;
}

/** Shakes hands. */
export async function connect(
  url: string,
  device: OrganisationDevice,
  options: ClientOptions = {},
): Promise<RelayClient> {
  const client = await dial(url, options);
  await shakeHands(client, device);
  return client;
}

/** Hello, challenge, proof, welcome, with the relay's signature checked. */
export async function shakeHands(client: RelayClient, device: OrganisationDevice): Promise<void> {
  const hello = helloOf(device);
  client.sendRaw(hello);
  const challenge = await client.next("challenge");
  const first = { hello, challenge: client.challenge().bytes };
  client.send({ type: "proof", signature: device.signer.sign(proofBytes(first, crypto)) });
  const welcome = await client.next("welcome");
  if (!crypto.verify(challenge.relayKey, welcomeBytes(first, crypto), welcome.signature)) {
    throw new Error("the relay did not sign its welcome");
  }
}

export function helloOf({ organisation, certificates }: OrganisationDevice): Uint8Array {
  const nonce = crypto.randomBytes(32);
  return encodeClientFrame({ type: "hello", version: 1, nonce, organisation, certificates });
}

export interface Chain {
  readonly device: OrganisationDevice;
  readonly channel: ChannelName;
  readonly lane: Lane;
  readonly run: Uint8Array;
  previous: Uint8Array;
  sequence: number;
}

export function startChain(
  device: OrganisationDevice,
  channel: ChannelName,
  lane: Lane = 1,
): Chain {
  const run = crypto.randomBytes(8);
  return { device, channel, lane, run, previous: new Uint8Array(32), sequence: 0 };
}

/** The next envelope of a chain, in clear: a relay does not care. */
export function nextEnvelope(chain: Chain, content: Uint8Array): Envelope {
  chain.sequence += 1;
  const { device, channel, lane, run, sequence, previous } = chain;
  const envelope = sealEnvelope(
    {
      version: 1,
      channel: channelId(device.organisation, channel, crypto),
      lane,
      publisher: device.id,
      run,
      sequence,
      previous,
      epoch: 0,
      nonce: new Uint8Array(24),
    },
    content,
    { key: undefined, signer: device.signer, crypto },
  );
  chain.previous = envelope.hash;
  return envelope;
}

/** In fragments, without regard to credit; answers the number of the stream. */
export function publish(client: RelayClient, { bytes }: Pick<Envelope, "bytes">): number {
  const stream = client.nextStream();
  for (let offset = 0; offset < bytes.length; offset += fragmentMaxSizeBytes) {
    const data = bytes.subarray(offset, offset + fragmentMaxSizeBytes);
    client.send({ type: "publish", stream, offset, size: bytes.length, data });
  }
  return stream;
}

/** Publishes the next envelope of a chain, and waits until it is stored. */
export async function store(client: RelayClient, chain: Chain, text: string): Promise<StoredItem> {
  publish(client, nextEnvelope(chain, utf8(text)));
  const [item] = (await client.next("stored")).items;
  if (!item) throw new Error("nothing was stored");
  return item;
}

/** Has an HQ device sign, and waits until the relay has accepted. */
export async function say(
  client: RelayClient,
  body: StatementBody,
  by: OrganisationDevice,
): Promise<void> {
  const { signer, certificates } = by;
  const number = client.nextStream();
  client.send({ type: "statement", number, bytes: signStatement(body, { signer, certificates }) });
  await client.next("accepted");
}

export interface Reading {
  readonly subscribed: FrameOfType<"subscribed">;
  /** The next envelope's place and bytes; credit is given as they come. */
  readonly next: () => Promise<{ readonly at: number; readonly bytes: Uint8Array }>;
}

/** The only subscription of a connection that is read with this. */
export async function read(
  client: RelayClient,
  device: OrganisationDevice,
  { channel, lane = 1, after }: { channel: ChannelName; lane?: Lane; after?: LogPosition },
): Promise<Reading> {
  const id = channelId(device.organisation, channel, crypto);
  client.send({ type: "subscribe", subscription: 1, channel: id, lane, after });
  const subscribed = await client.next("subscribed");
  let takenBytes = 0;
  return {
    subscribed,
    next: async () => {
      const pieces: Uint8Array[] = [];
      for (;;) {
        const { at, offset, size, data } = await client.next("deliver");
        pieces.push(data);
        takenBytes += data.length;
        client.send({ type: "credit", through: takenBytes + windowSizeBytes });
        if (offset + data.length === size)
          return { at, bytes: new Uint8Array(Buffer.concat(pieces)) };
      }
    },
  };
}

const crypto = nodeCrypto();

interface Waiting {
  readonly type: FrameType;
  readonly resolve: (frame: RelayFrame) => void;
  readonly reject: (error: Error) => void;
}

function listenOn(socket: WebSocket): RelayClient {
  const frames: RelayFrame[] = [];
  let waiting: Waiting[] = [];
  let challenge: ReturnType<RelayClient["challenge"]> = {
    bytes: new Uint8Array(),
    relayKey: new Uint8Array(32),
  };
  let streams = 0;
  let bye: FrameOfType<"bye"> | undefined;
  const closed = new Promise<Closing>((resolve) => {
    socket.once("close", (code) => {
      for (const { type, reject } of waiting) reject(new Error(`closed (${code}) before ${type}`));
      waiting = [];
      resolve({ code, bye });
    });
  });
  socket.on("error", () => undefined);
  const next = (type: FrameType): Promise<RelayFrame> => {
    const index = frames.findIndex((frame) => frame.type === type);
    const [frame] = index < 0 ? [] : frames.splice(index, 1);
    if (frame) return Promise.resolve(frame);
    if (socket.readyState === socket.CLOSED)
      return Promise.reject(new Error(`closed before ${type}`));
    return new Promise((resolve, reject) => waiting.push({ type, resolve, reject }));
  };
  const client: RelayClient = {
    socket,
    challenge: () => challenge,
    nextStream: () => {
      streams += 1;
      return streams - 1;
    },
    next: next as RelayClient["next"],
    waiting: () => frames,
    send: (frame) => socket.send(encodeClientFrame(frame)),
    sendRaw: (bytes) => socket.send(bytes),
    closed,
    close: async () => {
      socket.close();
      await closed;
    },
  };
  socket.on("message", (data: Buffer) => {
    const bytes = new Uint8Array(data);
    const frame = decodeRelayFrame(bytes);
    if (!frame.ok || frame.value === "unknown") throw new Error("the relay sent no frame");
    const { value } = frame;
    if (value.type === "challenge") challenge = { bytes, relayKey: value.relayKey };
    if (value.type === "bye") bye = value;
    const index = waiting.findIndex(({ type }) => type === value.type);
    const [waiter] = index < 0 ? [] : waiting.splice(index, 1);
    if (waiter) waiter.resolve(value);
    else frames.push(value);
  });
  return client;
}

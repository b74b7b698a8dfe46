/**
 * One of everything that the relay protocol writes, the same each time. For vectors, and as seeds for damaged frames.
 *
 * @module
 */

import { utf8 } from "@tillmesh/kernel";
import { testCrypto, testSigner } from "@tillmesh/kernel/testing";
import { sealEnvelope, type Envelope } from "../envelope.ts";
import {
  encodeClientFrame,
  encodeRelayFrame,
  type ClientFrame,
  type RelayFrame,
} from "../frame.ts";
import { proofBytes, storedBytes, welcomeBytes } from "../handshake.ts";
import { signStatement } from "../statement.ts";

export const sampleCrypto: ReturnType<typeof testCrypto> = testCrypto(7);
export const sampleDevice: ReturnType<typeof testSigner> = testSigner(11);
export const sampleRelay: ReturnType<typeof testSigner> = testSigner(12);
export const sampleKey: Uint8Array = filled(32, 5);

function filled(sizeBytes: number, from: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => (from + index) % 256);
}

const channel = filled(16, 1);
const log = filled(16, 2);
const hash = filled(32, 3);

/** Two of a chain, and one in clear. */
export function sampleEnvelopes(): readonly Envelope[] {
  const header = {
    version: 1,
    channel,
    lane: 1 as const,
    publisher: "dev_00000000000000000000000004",
    run: filled(8, 4),
    sequence: 1,
    previous: new Uint8Array(32),
    epoch: 3,
    nonce: filled(24, 6),
  };
  const keys = { key: sampleKey, signer: sampleDevice, crypto: sampleCrypto };
  const first = sealEnvelope(header, utf8("first"), keys);
  const second = { ...header, sequence: 2, previous: first.hash, nonce: filled(24, 7) };
  const clear = { ...header, lane: 0 as const, epoch: 0 };
  return [
    first,
    sealEnvelope(second, utf8("second"), keys),
    sealEnvelope(clear, utf8("for all"), { ...keys, key: undefined }),
  ];
}

export function sampleStatements(): readonly Uint8Array[] {
  const options = { signer: sampleDevice, certificates: [filled(300, 8), filled(310, 9)] };
  const organisation = "org_00000000000000000000000004";
  return [
    signStatement(
      { type: "revocation", organisation, device: "dev_00000000000000000000000008" },
      options,
    ),
    signStatement(
      { type: "release", organisation, channel, lane: 3, log, offset: 70_000 },
      options,
    ),
  ];
}

const hello: ClientFrame = {
  type: "hello",
  version: 1,
  nonce: filled(32, 10),
  organisation: "org_00000000000000000000000004",
  certificates: [filled(300, 8), filled(310, 9)],
};
const challenge: RelayFrame = {
  type: "challenge",
  version: 1,
  nonce: filled(32, 11),
  relayKey: sampleRelay.publicKey,
};

function transcript() {
  return { hello: encodeClientFrame(hello), challenge: encodeRelayFrame(challenge) };
}

/** Every type, and the border cases of those that have some. */
export function sampleClientFrames(): readonly ClientFrame[] {
  const [revocation = new Uint8Array()] = sampleStatements();
  return [
    hello,
    { type: "proof", signature: sampleDevice.sign(proofBytes(transcript(), sampleCrypto)) },
    { type: "publish", stream: 1, offset: 0, size: 600, data: filled(600, 12) },
    { type: "publish", stream: 300, offset: 4_190_208, size: 4_194_304, data: filled(4_096, 13) },
    { type: "subscribe", subscription: 1, channel, lane: 0, after: undefined },
    { type: "subscribe", subscription: 2, channel, lane: 3, after: { log, offset: 9, hash } },
    { type: "unsubscribe", subscription: 2 },
    { type: "credit", through: 9_007_199_254_740_991 },
    { type: "statement", number: 1, bytes: revocation },
    { type: "list", number: 2 },
  ];
}

export function sampleRelayFrames(): readonly RelayFrame[] {
  const [revocation = new Uint8Array()] = sampleStatements();
  const stored = [
    { stream: 1, log, offset: 0 },
    { stream: 300, log, offset: 16_384 },
  ];
  const places = stored.map((one) => ({ ...one, hash }));
  return [
    challenge,
    {
      type: "welcome",
      signature: sampleRelay.sign(welcomeBytes(transcript(), sampleCrypto)),
      credit: 262_144,
      envelopeMaxSizeBytes: 4_194_304,
    },
    { type: "stored", signature: sampleRelay.sign(storedBytes(places)), items: stored },
    { type: "refused", number: 1, what: 1, code: 4 },
    { type: "subscribed", subscription: 1, log, first: 0, next: 200, from: 127 },
    { type: "deliver", subscription: 1, at: 128, offset: 0, size: 5, data: filled(5, 14) },
    { type: "credit", through: 128 },
    { type: "accepted", number: 1 },
    { type: "channels", number: 2, isLast: true, channels: [channel, log] },
    { type: "bye", code: 3, statement: revocation },
    { type: "bye", code: 53, statement: new Uint8Array() },
  ];
}

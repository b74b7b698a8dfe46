/** Golden vectors of version 1, kept for ever. */

import { base64url, fromBase64url, hex, ok, utf8 } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import vectors from "../../test-vectors/relay-protocol.v1.json" with { type: "json" };
import { bundleDictionary } from "./bundle-dictionary.ts";
import { decodeBundle } from "./bundle.ts";
import { channelId } from "./channel.ts";
import { openEnvelope, readEnvelope } from "./envelope.ts";
import {
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
} from "./frame.ts";
import { nodeCompression } from "./node/node-compression.ts";
import { isStatementSignedBy, readStatement } from "./statement.ts";
import {
  sampleClientFrames,
  sampleCrypto as crypto,
  sampleDevice,
  sampleEnvelopes,
  sampleKey,
  sampleRelayFrames,
  sampleStatements,
} from "./testing/sample-frames.ts";

function bytes(text: string): Uint8Array {
  const read = fromBase64url(text);
  if (!read.ok) throw new Error(text);
  return read.value;
}

describe("version 1, kept for ever", () => {
  test("[WF7] frames are written and read as ever", () => {
    expect(sampleClientFrames().map((one) => base64url(encodeClientFrame(one)))).toEqual(
      vectors.clientFrames,
    );
    expect(sampleRelayFrames().map((one) => base64url(encodeRelayFrame(one)))).toEqual(
      vectors.relayFrames,
    );
    expect(vectors.clientFrames.map((one) => decodeClientFrame(bytes(one)))).toEqual(
      sampleClientFrames().map(ok),
    );
    expect(vectors.relayFrames.map((one) => decodeRelayFrame(bytes(one)))).toEqual(
      sampleRelayFrames().map(ok),
    );
  });

  test("[WE8] envelopes are sealed and opened as ever", () => {
    expect(sampleEnvelopes().map((one) => base64url(one.bytes))).toEqual(vectors.envelopes);
    const [first = ""] = vectors.envelopes;
    const read = readEnvelope(bytes(first), crypto);
    if (!read.ok) throw new Error(first);
    const { publicKey } = sampleDevice;
    expect(openEnvelope(read.value, { key: sampleKey, publicKey, crypto })).toEqual(
      ok(utf8("first")),
    );
  });

  test("[WS5] statements and channel ids are as ever", () => {
    expect(sampleStatements().map(base64url)).toEqual(vectors.statements);
    for (const one of vectors.statements) {
      const read = readStatement(bytes(one));
      expect(read.ok && isStatementSignedBy(read.value, sampleDevice.publicKey, crypto)).toBe(true);
    }
    expect(hex(channelId("org_1", "org", crypto))).toBe(vectors.channel);
  });

  test("[BN5] bundles of every packing are read as ever", async () => {
    expect(hex(crypto.sha256(bundleDictionary))).toBe(vectors.dictionary);
    const ports = { compression: nodeCompression(), crypto };
    expect(vectors.bundles.length).toBe(3);
    for (const one of vectors.bundles) {
      expect(await decodeBundle(bytes(one), ports)).toEqual(ok(vectors.bundle));
    }
  });
});

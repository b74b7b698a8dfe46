import { ok, utf8 } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openEnvelope, readEnvelope, sealEnvelope, type Envelope } from "./envelope.ts";
import {
  sampleCrypto,
  sampleDevice,
  sampleEnvelopes,
  sampleKey,
  sampleRelay,
} from "./testing/sample-frames.ts";

const crypto = sampleCrypto;
const [first, second, clear] = sampleEnvelopes() as readonly [Envelope, Envelope, Envelope];
const opening = { key: sampleKey, publicKey: sampleDevice.publicKey, crypto };
const sealing = { key: sampleKey, signer: sampleDevice, crypto };

/** Read and opened, as a device does. */
function opened(bytes: Uint8Array, options: Parameters<typeof openEnvelope>[1] = opening) {
  const read = readEnvelope(bytes, crypto);
  return read.ok ? openEnvelope(read.value, options) : read;
}

describe("envelopes (WE)", () => {
  test("[WE1] a device that has the key and knows the publisher reads what was sealed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (plaintext) => {
        const { bytes } = sealEnvelope(first.header, plaintext, sealing);
        expect(opened(bytes)).toEqual(ok(plaintext));
      }),
      { numRuns: 50 },
    );
  });

  test("[WE2] a relay sees the header, the size and the hash, and nothing of the contents", () => {
    const secret = "Flat white, 3.20";
    const { bytes } = sealEnvelope(first.header, utf8(secret), sealing);
    const read = readEnvelope(bytes, crypto);
    expect(read).toMatchObject({ ok: true, value: { header: first.header } });
    expect(Buffer.from(bytes).includes(secret)).toBe(false);
    expect(second.header.previous).toEqual(first.hash);
  });

  test("[WE3] one changed bit anywhere is refused", () => {
    for (let at = 0; at < first.bytes.length; at += 1) {
      const changed = first.bytes.with(at, first.bytes[at]! ^ (1 << (at % 8)));
      expect(opened(changed).ok).toBe(false);
    }
    expect(opened(first.bytes.subarray(0, -1)).ok).toBe(false);
    expect(opened(Uint8Array.from([...first.bytes, 0])).ok).toBe(false);
  });

  test("[WE4] another signer, another key, no key: each is told", () => {
    const { publisher, epoch } = first.header;
    const other = { ...opening, publicKey: sampleRelay.publicKey };
    expect(opened(first.bytes, other)).toEqual({
      ok: false,
      error: { type: "BadSignature", publisher },
    });
    expect(opened(first.bytes, { ...opening, key: new Uint8Array(32) })).toEqual({
      ok: false,
      error: { type: "Undecipherable", publisher, epoch },
    });
    expect(opened(first.bytes, { ...opening, key: undefined })).toEqual({
      ok: false,
      error: { type: "NoKey", epoch },
    });
  });

  test("[WE5] an envelope in clear is opened only where that is asked for, and only such", () => {
    const inClear = { ...opening, key: "clear" } as const;
    expect(opened(clear.bytes, inClear)).toEqual(ok(utf8("for all")));
    expect(opened(clear.bytes)).toMatchObject({ error: { type: "NoKey", epoch: 0 } });
    expect(opened(clear.bytes, { ...opening, key: undefined })).toMatchObject({
      error: { type: "NoKey" },
    });
    expect(opened(first.bytes, inClear)).toMatchObject({ error: { type: "NoKey", epoch: 3 } });
    expect(() => sealEnvelope(clear.header, utf8(""), sealing)).toThrow("epoch 0");
    expect(() => sealEnvelope(first.header, utf8(""), { ...sealing, key: undefined })).toThrow(
      "epoch 3",
    );
  });

  test("[WE6] no bytes make reading throw, and each envelope has one spelling", () => {
    const nearly = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.nat(first.bytes.length - 1), fc.nat(255))
        .map(([at, value]) => first.bytes.with(at, value)),
    );
    fc.assert(
      fc.property(nearly, (bytes) => {
        const read = readEnvelope(bytes, crypto);
        if (!read.ok) return;
        const { epoch } = read.value.header;
        const again = sealEnvelope(read.value.header, new Uint8Array(), {
          ...sealing,
          key: epoch === 0 ? undefined : sampleKey,
        });
        const head = again.bytes.length - 64 - again.ciphertext.length;
        expect(bytes.subarray(0, head)).toEqual(again.bytes.subarray(0, head));
      }),
      { numRuns: 1_000 },
    );
  });

  test("[WE7] a later version, sequence 0 and no publisher are malformed", () => {
    for (const wrong of [{ version: 2 }, { sequence: 0 }, { publisher: "" }]) {
      const { bytes } = sealEnvelope({ ...first.header, ...wrong }, utf8("x"), sealing);
      expect(readEnvelope(bytes, testCrypto(1))).toMatchObject({ error: { type: "Malformed" } });
    }
  });
});

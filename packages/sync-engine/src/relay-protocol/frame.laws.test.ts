import { ok } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeClientFrame,
  decodeRelayFrame,
  encodeClientFrame,
  encodeRelayFrame,
  envelopeMaxSizeBytes,
  fragmentMaxSizeBytes,
  frameMaxSizeBytes,
  helloVersion,
  lanes,
  statementMaxSizeBytes,
  type ClientFrame,
  type RelayFrame,
} from "./frame.ts";
import { sampleClientFrames, sampleRelayFrames } from "./testing/sample-frames.ts";

const count = fc.oneof(fc.nat(300), fc.maxSafeNat());
const byte = fc.nat(255);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const upTo = (maxLength: number) => fc.uint8Array({ maxLength });
const constant = <const Type extends string>(type: Type) => fc.constant(type);
const fragment = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 700 }), fc.nat(900_000), fc.nat(900_000))
  .map(([data, offset, more]) => ({ data, offset, size: offset + data.length + more }));

const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record({
    type: constant("hello"),
    version: byte,
    nonce: bytes(32),
    organisation: fc.string({ maxLength: 40 }),
    certificates: fc.array(upTo(600), { maxLength: 2 }),
  }),
  fc.record({ type: constant("proof"), signature: bytes(64) }),
  fc
    .tuple(count, fragment)
    .map(([stream, piece]) => ({ type: "publish" as const, stream, ...piece })),
  fc.record({
    type: constant("subscribe"),
    subscription: count,
    channel: bytes(16),
    lane: fc.constantFrom(...lanes),
    after: fc.option(fc.record({ log: bytes(16), offset: count, hash: bytes(32) }), {
      nil: undefined,
    }),
  }),
  fc.record({ type: constant("unsubscribe"), subscription: count }),
  fc.record({ type: constant("credit"), through: count }),
  fc.record({ type: constant("statement"), number: count, bytes: upTo(2_000) }),
  fc.record({ type: constant("list"), number: count }),
);

const relayFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  fc.record({ type: constant("challenge"), version: byte, nonce: bytes(32), relayKey: bytes(32) }),
  fc.record({
    type: constant("welcome"),
    signature: bytes(64),
    credit: count,
    envelopeMaxSizeBytes: count,
  }),
  fc.record({
    type: constant("stored"),
    signature: bytes(64),
    items: fc.array(fc.record({ stream: count, log: bytes(16), offset: count }), {
      maxLength: 256,
    }),
  }),
  fc.record({ type: constant("refused"), number: count, what: byte, code: byte }),
  fc.record({
    type: constant("subscribed"),
    subscription: count,
    log: bytes(16),
    first: count,
    next: count,
    from: count,
  }),
  fc
    .tuple(count, count, fragment)
    .map(([subscription, at, piece]) => ({ type: "deliver" as const, subscription, at, ...piece })),
  fc.record({ type: constant("credit"), through: count }),
  fc.record({ type: constant("accepted"), number: count }),
  fc.record({
    type: constant("channels"),
    number: count,
    isLast: fc.boolean(),
    channels: fc.array(bytes(16), { maxLength: 30 }),
  }),
  fc.record({ type: constant("bye"), code: byte, statement: upTo(2_000) }),
);

/** Nearly frames: a known code, or a good frame with something else in one place. */
const nearly = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 65, 66, 67, 68, 69, 70, 71, 74), upTo(200))
    .map(([code, rest]) => Uint8Array.from([code, ...rest])),
  fc
    .tuple(
      fc.constantFrom(
        ...sampleClientFrames().map(encodeClientFrame),
        ...sampleRelayFrames().map(encodeRelayFrame),
      ),
      fc.nat(),
      byte,
    )
    .map(([frame, at, value]) => frame.with(at % frame.length, value)),
);

describe("frames (WF)", () => {
  test("[WF1] what a device writes a relay reads, and the other way round", () => {
    fc.assert(
      fc.property(clientFrame, (frame) => {
        expect(decodeClientFrame(encodeClientFrame(frame))).toEqual(ok(frame));
      }),
    );
    fc.assert(
      fc.property(relayFrame, (frame) => {
        expect(decodeRelayFrame(encodeRelayFrame(frame))).toEqual(ok(frame));
      }),
    );
  });

  test("[WF2] no bytes make reading throw, and each frame has one spelling", () => {
    fc.assert(
      fc.property(nearly, (given) => {
        const client = decodeClientFrame(given);
        if (client.ok && client.value !== "unknown") {
          expect(encodeClientFrame(client.value)).toEqual(given);
        }
        const relay = decodeRelayFrame(given);
        if (relay.ok && relay.value !== "unknown") {
          expect(encodeRelayFrame(relay.value)).toEqual(given);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("[WF2] every frame cut short or with a byte behind it is malformed", () => {
    for (const frame of sampleClientFrames()) {
      if (frame.type === "publish") continue;
      const whole = encodeClientFrame(frame);
      for (let end = 1; end < whole.length; end += 1) {
        expect(decodeClientFrame(whole.subarray(0, end)).ok).toBe(false);
      }
      expect(decodeClientFrame(Uint8Array.from([...whole, 0])).ok).toBe(false);
    }
  });

  test("[WF3] a type of a later version is told from a malformed frame", () => {
    expect(decodeClientFrame(Uint8Array.of(200, 1, 2))).toEqual(ok("unknown"));
    expect(decodeRelayFrame(Uint8Array.of(1))).toEqual(ok("unknown"));
    expect(decodeClientFrame(new Uint8Array())).toMatchObject({ error: { type: "Malformed" } });
  });

  test("[WF4] nothing beyond its bound is read", () => {
    expect(decodeClientFrame(publish(10, 10)).ok).toBe(true);
    for (const wrong of [
      publish(0, 10),
      publish(11, 10),
      publish(10, 19, 10),
      publish(fragmentMaxSizeBytes + 1, 9_000),
      publish(10, envelopeMaxSizeBytes + 1),
      new Uint8Array(frameMaxSizeBytes + 1).fill(3),
      Uint8Array.from([4, 1, ...new Uint8Array(16), 4, 0]),
      Uint8Array.from([4, 1, ...new Uint8Array(16), 0, 2]),
      Uint8Array.from([7, 1, ...leb(statementMaxSizeBytes + 1), ...new Uint8Array(11_000)]),
    ]) {
      expect(decodeClientFrame(wrong)).toMatchObject({ error: { type: "Malformed" } });
    }
  });

  test("[WF5] what could not be read is not written", () => {
    const piece = { type: "publish", stream: 1, offset: 0, size: 5 } as const;
    expect(() => encodeClientFrame({ ...piece, data: new Uint8Array(5_000) })).toThrow("4096");
    expect(() => encodeClientFrame({ type: "credit", through: -1 })).toThrow("count");
    expect(() => encodeClientFrame({ type: "proof", signature: new Uint8Array(63) })).toThrow("63");
  });

  test("[WF6] a hello tells its version in any version", () => {
    expect(helloVersion(Uint8Array.of(1, 2, 99))).toBe(2);
    expect(helloVersion(Uint8Array.of(2, 2))).toBeUndefined();
    expect(helloVersion(new Uint8Array())).toBeUndefined();
  });
});

function publish(data: number, size: number, offset = 0): Uint8Array {
  return Uint8Array.from([3, 1, ...leb(offset), ...leb(size), ...new Uint8Array(data)]);
}

function leb(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}

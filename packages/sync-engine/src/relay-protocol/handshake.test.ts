import { utf8 } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { proofBytes, storedBytes, welcomeBytes } from "./handshake.ts";
import { sampleCrypto as crypto, sampleDevice, sampleRelay } from "./testing/sample-frames.ts";

const first = { hello: utf8("hello"), challenge: utf8("challenge") };
const log = new Uint8Array(16).fill(1);
const hash = new Uint8Array(32).fill(2);

describe("handshake (WH)", () => {
  test("[WH1] a proof holds for these two frames and this direction only", () => {
    const signature = sampleDevice.sign(proofBytes(first, crypto));
    const holdsFor = (bytes: Uint8Array) => crypto.verify(sampleDevice.publicKey, bytes, signature);
    expect(holdsFor(proofBytes(first, crypto))).toBe(true);
    expect(holdsFor(proofBytes({ ...first, hello: utf8("hellp") }, crypto))).toBe(false);
    expect(holdsFor(proofBytes({ ...first, challenge: utf8("other") }, crypto))).toBe(false);
    expect(holdsFor(proofBytes({ hello: first.challenge, challenge: first.hello }, crypto))).toBe(
      false,
    );
    expect(holdsFor(welcomeBytes(first, crypto))).toBe(false);
  });

  test("[WH2] `stored` holds for these envelopes at these places only", () => {
    const place = { log, offset: 300, hash };
    const signature = sampleRelay.sign(storedBytes([place, { ...place, offset: 301 }]));
    const holdsFor = (...places: Parameters<typeof storedBytes>[0]) =>
      crypto.verify(sampleRelay.publicKey, storedBytes(places), signature);
    expect(holdsFor(place, { ...place, offset: 301 })).toBe(true);
    expect(holdsFor(place)).toBe(false);
    expect(holdsFor({ ...place, offset: 301 }, place)).toBe(false);
    expect(holdsFor(place, { ...place, offset: 302 })).toBe(false);
    expect(holdsFor(place, { ...place, offset: 301, hash: log })).toBe(false);
    expect(holdsFor({ ...place, log: new Uint8Array(16) }, { ...place, offset: 301 })).toBe(false);
  });
});

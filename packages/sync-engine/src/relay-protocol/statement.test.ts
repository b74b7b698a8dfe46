import { ok } from "@tillmesh/kernel";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isStatementSignedBy,
  readStatement,
  signStatement,
  type StatementBody,
} from "./statement.ts";
import {
  sampleCrypto as crypto,
  sampleDevice,
  sampleRelay,
  sampleStatements,
} from "./testing/sample-frames.ts";
import { counted, encode, fixed, listOf, record } from "./wire.ts";

const options = { signer: sampleDevice, certificates: [new Uint8Array(300)] };
const revocation: StatementBody = { type: "revocation", organisation: "org_1", device: "dev_1" };
const release: StatementBody = {
  type: "release",
  organisation: "org_1",
  channel: new Uint8Array(16).fill(1),
  lane: 1,
  log: new Uint8Array(16).fill(2),
  offset: 900,
};

describe("statements (WS)", () => {
  test("[WS1] what HQ said is read, and holds under its key only", () => {
    for (const body of [revocation, release]) {
      const read = readStatement(signStatement(body, options));
      if (!read.ok) throw new Error(JSON.stringify(read));
      expect(read.value.says).toEqual(body);
      expect(isStatementSignedBy(read.value, sampleDevice.publicKey, crypto)).toBe(true);
      expect(isStatementSignedBy(read.value, sampleRelay.publicKey, crypto)).toBe(false);
    }
  });

  test("[WS2] one changed bit is malformed, other certificates, or does not hold", () => {
    const bytes = signStatement(revocation, { ...options, certificates: [] });
    for (let at = 0; at < bytes.length; at += 1) {
      const read = readStatement(bytes.with(at, bytes[at]! ^ 1));
      if (!read.ok || read.value.certificates.length > 0) continue;
      expect(isStatementSignedBy(read.value, sampleDevice.publicKey, crypto)).toBe(false);
    }
  });

  test("[WS3] a kind of a later version is told from a malformed one", () => {
    const wrap = record<{
      body: Uint8Array;
      certificates: readonly Uint8Array[];
      signature: Uint8Array;
    }>({
      body: counted(1_024),
      certificates: listOf(counted(4_096), 2),
      signature: fixed(64),
    });
    const later = { body: Uint8Array.of(9, 1), certificates: [], signature: new Uint8Array(64) };
    expect(readStatement(encode(wrap, later))).toMatchObject(ok({ says: "unknown" }));
    const empty = { ...later, body: Uint8Array.of(1) };
    expect(readStatement(encode(wrap, empty))).toMatchObject({ error: { type: "Malformed" } });
  });

  test("[WS4] no bytes make reading throw", () => {
    const nearly = fc
      .tuple(fc.constantFrom(...sampleStatements()), fc.nat(), fc.nat(255))
      .map(([bytes, at, value]) => bytes.with(at % 200, value));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), nearly), (bytes) => {
        expect(typeof readStatement(bytes).ok).toBe("boolean");
      }),
      { numRuns: 1_000 },
    );
  });
});

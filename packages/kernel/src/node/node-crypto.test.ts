import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromHex, hex, utf8 } from "../crypto.ts";
import { testRandom, testSigner } from "../testing/index.ts";
import { nodeCrypto, nodeSigner, systemClock } from "./index.ts";

function bytes(text: string): Uint8Array {
  const parsed = fromHex(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}

describe("Node's cryptography (BY)", () => {
  test("[BY4] SHA-256 of FIPS 180-4's example", () => {
    expect(hex(nodeCrypto().sha256(utf8("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("[BY5] verifies RFC 8032, 7.1, test 2, and nothing near it", () => {
    const crypto = nodeCrypto();
    const key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const data = bytes("72");
    const signature = bytes(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    expect(crypto.verify(key, data, signature)).toBe(true);
    expect(crypto.verify(key, bytes("73"), signature)).toBe(false);
    expect(crypto.verify(key, data, signature.with(0, 0))).toBe(false);
    expect(crypto.verify(testSigner(1).publicKey, data, signature)).toBe(false);
  });

  test("[BY5] malformed keys and signatures are false, not thrown", () => {
    const crypto = nodeCrypto();
    const signer = testSigner(1);
    const signature = signer.sign(utf8("x"));
    expect(crypto.verify(signer.publicKey.slice(1), utf8("x"), signature)).toBe(false);
    expect(crypto.verify(signer.publicKey, utf8("x"), signature.slice(1))).toBe(false);
    expect(crypto.verify(new Uint8Array(32).fill(255), utf8("x"), signature)).toBe(false);
    expect(crypto.verify(new Uint8Array(0), utf8("x"), new Uint8Array(0))).toBe(false);
  });

  test("[BY6] a signer from PEM signs what its public key verifies", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const signer = nodeSigner(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    expect(nodeCrypto().verify(signer.publicKey, utf8("x"), signer.sign(utf8("x")))).toBe(true);
  });

  test("[BY6] another kind of key is refused", () => {
    const { privateKey } = generateKeyPairSync("x25519");
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(() => nodeSigner(pem)).toThrow("Ed25519");
  });

  test("[BY7] the same seed gives the same bytes and keys, another seed others", () => {
    expect(testRandom(1)(8)).toEqual(testRandom(1)(8));
    expect(testRandom(1)(8)).not.toEqual(testRandom(2)(8));
    expect(testSigner(1).publicKey).toEqual(testSigner(1).publicKey);
    expect(testSigner(1).publicKey).not.toEqual(testSigner(2).publicKey);
  });

  test("[BY8] the system's clock is the system's", () => {
    const beforeMs = Date.now();
    const nowMs = systemClock().nowMs();
    expect(nowMs >= beforeMs && nowMs <= Date.now()).toBe(true);
  });
});

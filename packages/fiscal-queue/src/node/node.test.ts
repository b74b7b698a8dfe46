import {
  createHash,
  createPublicKey,
  createSecretKey,
  createSign,
  createVerify,
  generateKeyPairSync,
} from "node:crypto";
import { assert, base64url, hex, utf8 } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import type { SignatureAlgorithm } from "../ports.ts";
import { createFiscalCrypto, createSoftwareSigner, createSystemTimer } from "./index.ts";

const crypto = createFiscalCrypto();
const p256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const secp256k1 = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const secret = utf8("a shared secret");
const signer = createSoftwareSigner({
  P: p256.privateKey,
  K: secp256k1.privateKey,
  R: rsa.privateKey,
  S: createSecretKey(secret),
});
const spki = ({ publicKey }: typeof p256) =>
  new Uint8Array(
    createPublicKey(publicKey.export({ type: "spki", format: "pem" })).export({
      type: "spki",
      format: "der",
    }),
  );
const data = utf8("what is signed");

const cases: readonly (readonly [SignatureAlgorithm, string, Uint8Array])[] = [
  ["ES256", "P", spki(p256)],
  ["ecdsa-secp256k1-sha256-der", "K", spki(secp256k1)],
  ["rsa-sha1", "R", spki(rsa)],
  ["rsa-sha256", "R", spki(rsa)],
  ["hmac-sha1", "S", secret],
];

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe("[FPO1] signatures", () => {
  test.each(cases)(
    "%s verifies, and nothing that was changed does",
    async (algorithm, keyId, publicKey) => {
      const signed = await signer.sign({ algorithm, keyId, data });
      assert(signed.ok, JSON.stringify(signed));
      const { value: signature } = signed;
      expect(crypto.verify(algorithm, publicKey, data, signature)).toBe(true);
      expect(crypto.verify(algorithm, publicKey, flipped(data, 0), signature)).toBe(false);
      const last = signature.length - 1;
      expect(crypto.verify(algorithm, publicKey, data, flipped(signature, last))).toBe(false);
      expect(crypto.verify(algorithm, publicKey, data, signature.subarray(1))).toBe(false);
      expect(crypto.verify(algorithm, flipped(publicKey, 3), data, signature)).toBe(false);
      expect(crypto.verify(algorithm, new Uint8Array(), data, signature)).toBe(false);
    },
  );

  test("ES256 is R and S of 32 bytes each, the other curve DER", async () => {
    const es = await signer.sign({ algorithm: "ES256", keyId: "P", data });
    const der = await signer.sign({ algorithm: "ecdsa-secp256k1-sha256-der", keyId: "K", data });
    assert(es.ok && der.ok, "both sign");
    expect(es.value).toHaveLength(64);
    expect(der.value[0]).toBe(0x30);
    const classic = createVerify("sha256").update(data);
    expect(classic.verify({ key: secp256k1.publicKey, dsaEncoding: "der" }, der.value)).toBe(true);
  });

  test("what another way of signing made verifies here", () => {
    const made = createSign("sha1").update(data).sign(rsa.privateKey);
    expect(crypto.verify("rsa-sha1", spki(rsa), data, new Uint8Array(made))).toBe(true);
  });
});

describe("[FPO2] primitives", () => {
  const key = new Uint8Array(Buffer.from("WQRtiiya3hYh/Uz44Bv3x8ETl1nrH6nCdErn69g5/lU=", "base64"));

  test.each([
    ["CASHBOX-DEMO-1-Receipt-ID-1", 0n, "4r1iIdZGeAQ="],
    ["CASHBOX-DEMO-1-Receipt-ID-6", 50_501n, "k8wUAJDJ+Ro="],
    ["CASHBOX-DEMO-1-Receipt-ID-1", -1n, "HUKd3im5h/s="],
  ])("AES-256-CTR of %s at %d", (number, cents, expected) => {
    const iv = crypto.sha256(utf8(`CASHBOX-DEMO-1${number}`)).subarray(0, 16);
    const plain = Buffer.alloc(8);
    plain.writeBigInt64BE(cents);
    const sealed = crypto.aes256Ctr(key, iv, plain);
    expect(Buffer.from(sealed).toString("base64")).toBe(expected);
    expect(Buffer.from(crypto.aes256Ctr(key, iv, sealed))).toEqual(plain);
  });

  test("hashes of the standards", () => {
    expect(hex(crypto.sha1(utf8("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(hex(crypto.sha256(utf8("abc")))).toBe(createHash("sha256").update("abc").digest("hex"));
    const [what, jefe] = [utf8("what do ya want for nothing?"), utf8("Jefe")];
    expect(hex(crypto.hmacSha1(jefe, what))).toBe("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    expect(base64url(crypto.randomBytes(9))).toHaveLength(12);
  });
});

describe("[FPO3] a software signer", () => {
  test.each([
    ["ES256", "nobody", 'no key "nobody"'],
    ["ES256", "K", "ES256 takes a key of type ec prime256v1"],
    ["hmac-sha1", "R", "hmac-sha1 takes a key of type secret"],
    ["rsa-sha1", "S", "rsa-sha1 takes a key of type rsa"],
  ] as const)("%s with %s fails, surely unsigned", async (algorithm, keyId, reason) => {
    const failed = await signer.sign({ algorithm, keyId, data });
    expect(failed).toEqual({ ok: false, error: { type: "SignFailed", reason, isUnknown: false } });
  });
});

test("[FOU1] a deadline passes by itself, and not once it is cancelled", async () => {
  const timer = createSystemTimer();
  await timer.after(1).passed;
  const cancelled = timer.after(1);
  cancelled.cancel();
  const first = await Promise.race([
    cancelled.passed.then(() => "cancelled"),
    timer.after(20).passed.then(() => "other"),
  ]);
  expect(first).toBe("other");
});

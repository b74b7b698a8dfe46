import { createHmac, createPublicKey, sign, verify } from "node:crypto";
import { utf8 } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { base64, fromBase64 } from "../../base64.ts";
import { createFiscalCrypto, createSoftwareSigner } from "../../node/index.ts";
import { conformanceJson, isConformanceAbsent } from "../../testing/conformance.ts";
import {
  goldenSignature1024,
  goldenSignature2048,
  goldenText,
  norwayKey1024,
  norwayKey2048,
  publicKeyText,
} from "../../testing/norway-keys.ts";
import { hmacKeyOf, hmacSecret, rsaModulusBits } from "./keys.ts";
import { amountText, noSignature, signedText } from "./signed-text.ts";

const fields = {
  previousSignature: noSignature,
  date: "2016-11-24",
  time: "10:39:00",
  nr: "2",
  inMinor: 100,
  exMinor: 96,
};

const isAbsent = isConformanceAbsent("Norwegian HMAC vector", 1);

describe("what is signed in Norway (RNR)", () => {
  test.skipIf(isAbsent)("[RNR1] the authority's vector is made again", () => {
    const { hmacSha1, firstPreviousSignature } = conformanceJson("no-saft-cr/vectors.json") as {
      hmacSha1: { text: string; key: string; sig: string };
      firstPreviousSignature: string;
    };
    const key = hmacKeyOf(hmacSha1.key);
    expect(firstPreviousSignature).toBe(noSignature);
    expect(signedText(fields)).toBe(hmacSha1.text);
    expect(key.ok && base64(createFiscalCrypto().hmacSha1(key.value, utf8(hmacSha1.text)))).toBe(
      hmacSha1.sig,
    );
  });

  test("[RNR1] the same vector by the key in either form, against node's own HMAC", () => {
    const expected = "iHh68DWCU3G42eL/7vOGUMSkvMM=";
    const encoded = base64(utf8("SkatteetatenSign"));
    expect(encoded).toHaveLength(24);
    for (const text of ["SkatteetatenSign", encoded]) {
      const key = hmacKeyOf(text);
      expect(key.ok && createHmac("sha1", key.value).update(goldenText).digest("base64")).toBe(
        expected,
      );
      expect(hmacSecret({ "no-saft:k": utf8(text) }, "k")).toEqual(utf8("SkatteetatenSign"));
    }
    expect(hmacSecret({}, "k")).toBeUndefined();
    expect(hmacSecret({ "no-saft:k": utf8("short") }, "k")).toBeUndefined();
  });

  test("[RNR1] a shared key of another length is refused", () => {
    const wrong = ["", "Skatteetaten", "SkatteetatenSign!", "=".repeat(24), "ø".repeat(16)];
    for (const text of wrong) expect(hmacKeyOf(text).ok, text).toBe(false);
  });

  test.each([
    { bits: 1024, key: norwayKey1024, golden: goldenSignature1024, length: 172 },
    { bits: 2048, key: norwayKey2048, golden: goldenSignature2048, length: 344 },
  ])(
    "[RNR1] an RSA key of $bits bits signs as openssl does",
    async ({ bits, key, golden, length }) => {
      expect(signedText(fields)).toBe(goldenText);
      const signer = createSoftwareSigner({ k: key });
      const data = utf8(goldenText);
      const signed = await signer.sign({ keyId: "k", algorithm: "rsa-sha1", data });
      expect(signed.ok && base64(signed.value)).toBe(golden);
      expect(sign("sha1", data, key).toString("base64")).toBe(golden);
      expect(golden).toHaveLength(length);
      const publicKey = fromBase64(publicKeyText(key)) ?? new Uint8Array();
      expect(rsaModulusBits(publicKey)).toBe(bits);
      const signature = Buffer.from(golden, "base64");
      expect(createFiscalCrypto().verify("rsa-sha1", publicKey, data, signature)).toBe(true);
      const changed = Buffer.from(goldenText.replace("1.00", "1.01"));
      expect(verify("sha1", changed, createPublicKey(key), signature)).toBe(false);
      expect(createFiscalCrypto().verify("rsa-sha1", publicKey, changed, signature)).toBe(false);
    },
  );

  test("[RNR1] amounts have a point and two digits", () => {
    const texts = [0, 5, -5, 100, -1640, 123_456_789].map(amountText);
    expect(texts).toEqual(["0.00", "0.05", "-0.05", "1.00", "-16.40", "1234567.89"]);
    expect(amountText(-0)).toBe("0.00");
  });

  test("[RNR4] what is no RSA key has no size", () => {
    const whole = fromBase64(publicKeyText(norwayKey1024)) ?? new Uint8Array();
    for (const size of [0, 1, 10, 30, 100]) {
      expect(rsaModulusBits(whole.subarray(0, size))).toBeUndefined();
    }
    const other = whole.slice();
    other[10] = 0;
    expect(rsaModulusBits(other)).toBeUndefined();
  });
});

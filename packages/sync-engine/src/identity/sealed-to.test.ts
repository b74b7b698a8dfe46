import { utf8 } from "@tillmesh/kernel";
import { testCrypto } from "@tillmesh/kernel/testing";
import { describe, expect, test } from "vitest";
import { newPrivateKeyPem, publicKeyOf } from "./keys.ts";
import { openSealedTo, sealTo } from "./sealed-to.ts";
import { valueOf } from "./testing/sample-identity.ts";

const { randomBytes: random } = testCrypto(41);

async function someDevice() {
  const privateKeyPem = newPrivateKeyPem(random);
  return { privateKeyPem, publicKey: (await publicKeyOf(privateKeyPem))! };
}

describe("sealed to one device (BX)", () => {
  test("[BX1] the device opens it, another does not, and it is another box each time", async () => {
    const device = await someDevice();
    const other = await someDevice();
    const secret = utf8("keys of an epoch");
    const box = valueOf(sealTo(device.publicKey, secret, { context: "grant", random }));
    expect(openSealedTo(device.privateKeyPem, box, "grant")).toEqual({ ok: true, value: secret });
    const refused = { ok: false, error: { type: "NotForThisKey" } };
    expect(openSealedTo(other.privateKeyPem, box, "grant")).toEqual(refused);
    const again = valueOf(sealTo(device.publicKey, secret, { context: "grant", random }));
    expect(Buffer.from(again).equals(box)).toBe(false);
    expect(Buffer.from(box).includes(Buffer.from(secret))).toBe(false);
  });

  test("[BX2] it opens for its context only", async () => {
    const { privateKeyPem, publicKey } = await someDevice();
    const box = valueOf(sealTo(publicKey, utf8("x"), { context: "org_1/dev_1", random }));
    expect(openSealedTo(privateKeyPem, box, "org_1/dev_2").ok).toBe(false);
  });

  test("[BX3] any changed, missing or added byte is refused, and nothing throws", async () => {
    const { privateKeyPem, publicKey } = await someDevice();
    const box = valueOf(sealTo(publicKey, utf8("secret"), { context: "c", random }));
    for (let at = 0; at < box.length; at += 1) {
      const changed = box.with(at, box[at]! ^ 1);
      expect(openSealedTo(privateKeyPem, changed, "c").ok).toBe(false);
      expect(openSealedTo(privateKeyPem, box.slice(0, at), "c").ok).toBe(false);
    }
    expect(openSealedTo(privateKeyPem, Uint8Array.of(...box, 0), "c").ok).toBe(false);
    // Points of small order agree on nothing secret.
    const smallOrder = Uint8Array.of(1, ...new Uint8Array(32), ...new Uint8Array(20));
    expect(openSealedTo(privateKeyPem, smallOrder, "c").ok).toBe(false);
    expect(openSealedTo("no key", box, "c")).toEqual({ ok: false, error: { type: "BoxKey" } });
    const noPoint = new Uint8Array(32).fill(255);
    expect(sealTo(noPoint, utf8("x"), { context: "c", random }).ok).toBe(false);
    expect(sealTo(new Uint8Array(5), utf8("x"), { context: "c", random }).ok).toBe(false);
  });
});

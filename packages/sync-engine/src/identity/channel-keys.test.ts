import { hkdfSync } from "node:crypto";
import { fromHex, hex, type LocationId } from "@tillmesh/kernel";
import { testCrypto, testSigner } from "@tillmesh/kernel/testing";
import { describe, expect, test } from "vitest";
import { channelsOf, deriveChannelKey, isChannelMaster, newChannelMaster } from "./channel-keys.ts";
import { boxOf, coverOf, isGrant, keysFor, makeGrant, openGrant } from "./grants.ts";
import {
  addKeys,
  emptyKeyRing,
  keyIn,
  keyRingToText,
  newestEpoch,
  noteEpoch,
  parseKeyRing,
} from "./key-ring.ts";
import { newPrivateKeyPem, publicKeyOf } from "./keys.ts";
import { encodeBase64 } from "./pem.ts";
import { valueOf } from "./testing/sample-identity.ts";

const crypto = testCrypto(43);
const organisation = "org_1";
const loc = (id: string) => `location/${id as LocationId}` as const;

describe("channel keys (KY)", () => {
  test("[KY1] keys of format 1 stay as they are", () => {
    const master = encodeBase64(valueOf(fromHex("00112233445566778899aabbccddeeff".repeat(2))));
    const key = deriveChannelKey(master, { organisation, channel: "org", epoch: 1 });
    expect(hex(key)).toBe("bb698e83cde1e9b9420152de9c0b2d9a44ee292e01ff3fd203e5d27057efd70c");
    // RFC 5869 by another implementation.
    const info = "tillmesh/channel-key/1\norg_1\norg\n1";
    const theirs = hkdfSync("sha256", Buffer.from(master, "base64"), "", info, 32);
    expect(hex(new Uint8Array(theirs))).toBe(hex(key));
  });

  test("[KY2] another master, organisation, channel or epoch has another key", () => {
    const master = newChannelMaster(crypto.randomBytes);
    const keys = [
      deriveChannelKey(master, { organisation, channel: "org", epoch: 1 }),
      deriveChannelKey(master, { organisation, channel: "org", epoch: 2 }),
      deriveChannelKey(master, { organisation, channel: "hq", epoch: 1 }),
      deriveChannelKey(master, { organisation, channel: loc("loc_1"), epoch: 1 }),
      deriveChannelKey(master, { organisation: "org_2", channel: "org", epoch: 1 }),
      deriveChannelKey(newChannelMaster(crypto.randomBytes), {
        organisation,
        channel: "org",
        epoch: 1,
      }),
    ].map(hex);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("[KY3] a till is given org, hq and its own location; HQ all locations", () => {
    const locations = ["loc_2", "loc_1"];
    expect(channelsOf({ location: "loc_1", roles: ["till"] }, locations)).toEqual([
      "hq",
      "org",
      loc("loc_1"),
    ]);
    expect(channelsOf({ location: "loc_3", roles: ["hq"] }, locations)).toEqual([
      "hq",
      "org",
      loc("loc_1"),
      loc("loc_2"),
      loc("loc_3"),
    ]);
  });

  test("[KY4] a master is 32 bytes of base64, and nothing else is one", () => {
    expect(isChannelMaster(newChannelMaster(crypto.randomBytes))).toBe(true);
    expect(isChannelMaster(encodeBase64(new Uint8Array(31)))).toBe(false);
    expect(isChannelMaster("x")).toBe(false);
  });

  test("[KY5] a ring keeps every epoch it was given, and the first key of each", () => {
    const keys = { org: { "1": "A".repeat(43) } };
    const ring = addKeys(emptyKeyRing, keys);
    const more = addKeys(ring, { org: { "1": "B".repeat(43), "3": `${"C".repeat(42)}A` } });
    expect(more.keys["org"]).toEqual({ "1": "A".repeat(43), "3": `${"C".repeat(42)}A` });
    expect(more.epoch).toBe(3);
    expect(newestEpoch(more, "org")).toBe(3);
    expect(newestEpoch(more, "hq")).toBeUndefined();
    expect(keyIn(more, "org", 1)?.length).toBe(32);
    expect(keyIn(more, "org", 2)).toBeUndefined();
    expect(addKeys(more, keys)).toBe(more);
    expect([noteEpoch(more, 7).epoch, noteEpoch(more, 2).epoch]).toEqual([7, 3]);
    expect(noteEpoch(more, Number.NaN)).toBe(more);
  });

  test("[KY6] a ring comes back from its text; a changed text does not", () => {
    const ring = addKeys(emptyKeyRing, { org: { "1": "A".repeat(43) } });
    const text = keyRingToText(ring, crypto);
    expect(parseKeyRing(text, crypto)).toEqual({ ok: true, value: ring });
    expect(parseKeyRing(text.replace("AAAA", "AABA"), crypto)).toMatchObject({
      error: { type: "Checksum" },
    });
  });
});

describe("grants (GR)", () => {
  const master = newChannelMaster(crypto.randomBytes);
  const ca = testSigner(61);
  const granter = { crypto, master, signByCa: (data: Uint8Array) => ca.sign(data) };
  const check = {
    organisation,
    epoch: 2,
    isSignedByCa: (data: Uint8Array, signature: Uint8Array) =>
      crypto.verify(ca.publicKey, data, signature),
  };
  const keys = keysFor(["org", "hq"], { from: 1, through: 2 }, (channel, epoch) =>
    deriveChannelKey(master, { organisation, channel, epoch }),
  );
  const someDevice = async (id: string) => {
    const privateKeyPem = newPrivateKeyPem(crypto.randomBytes);
    return { id, privateKeyPem, publicKey: (await publicKeyOf(privateKeyPem))! };
  };
  type Device = Awaited<ReturnType<typeof someDevice>>;
  const grantTo = (device: Device, given = keys) =>
    valueOf(makeGrant({ organisation, device, epoch: 2, keys: given }, granter));
  const as = ({ id, privateKeyPem }: Device) => ({ ...check, device: id, privateKeyPem });

  test("[GR1] the device it is for opens it and nobody else", async () => {
    const [device, other] = [await someDevice("dev_1"), await someDevice("dev_2")];
    const grant = grantTo(device);
    expect(openGrant(grant, as(device))).toEqual({ ok: true, value: keys });
    const stolen = { ...as(device), privateKeyPem: other.privateKeyPem };
    expect(openGrant(grant, stolen)).toMatchObject({ error: { type: "NotForThisKey" } });
    expect(openGrant(grant, as(other))).toMatchObject({ error: { type: "NotForThisKey" } });
    expect(openGrant({ ...grant, device: other.id }, as(other)).ok).toBe(false);
    expect(openGrant(grant, { ...as(device), organisation: "org_2" }).ok).toBe(false);
  });

  test("[GR2] what it covers is told without opening it, and no channel's name is", async () => {
    const device = await someDevice("dev_1");
    const grant = grantTo(device);
    expect(grant.covers).toBe(coverOf(keys, crypto));
    expect(coverOf({ org: keys["org"]! }, crypto)).not.toBe(grant.covers);
    const { box, ...shown } = grant;
    expect(JSON.stringify(shown)).toMatch(/^\{"device":"dev_1","covers":"[0-9a-f]{16}"\}$/);
    expect(Buffer.from(box, "base64url").includes('"org"')).toBe(false);
    expect([isGrant(grant), isGrant(null), isGrant({ device: 1 })]).toEqual([true, false, false]);
  });

  test("[GR3] the same keys for the same device make the same grant; other keys another box", async () => {
    const [device, other] = [await someDevice("dev_1"), await someDevice("dev_2")];
    expect(grantTo(device)).toEqual(grantTo(device));
    const boxes = [grantTo(device), grantTo(other), grantTo(device, { org: keys["org"]! })];
    // The ephemeral key stands first in each, behind the signature.
    const ephemeral = boxes.map((one) => hex(boxOf(one, check)!.slice(0, 33)));
    expect(new Set(ephemeral).size).toBe(3);
  });

  test("[GR4] what the CA did not sign, for this epoch, gives nothing: no other HQ device plants keys", async () => {
    const device = await someDevice("dev_1");
    const rogue = testSigner(62);
    const request = { organisation, device, epoch: 2, keys };
    const planted = makeGrant(request, { ...granter, signByCa: (data) => rogue.sign(data) });
    const unsigned = { ok: false, error: { type: "GrantNotSigned" } };
    expect(openGrant(valueOf(planted), as(device))).toEqual(unsigned);
    const grant = grantTo(device);
    expect(openGrant(grant, { ...as(device), epoch: 3 })).toEqual(unsigned);
    expect(openGrant({ ...grant, covers: "0".repeat(16) }, as(device))).toEqual(unsigned);
    for (const box of ["", "!", "A".repeat(40), `${grant.box}AAAA`]) {
      expect(openGrant({ ...grant, box }, as(device))).toEqual(unsigned);
    }
  });
});

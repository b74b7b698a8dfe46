import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64url, hex } from "@tillmesh/kernel";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeFiles } from "../storage/node/node-files.ts";
import { must } from "../testing/crash-life.ts";
import { faultFiles } from "../testing/fault-files.ts";
import { restoreDevice } from "./backup-device.ts";
import { openChannelKeys, type ChannelKeys } from "./channel-keys.ts";
import {
  createOrganisation,
  inviteDevice,
  joinOrganisation,
  readDeviceIdentity,
} from "./create-device.ts";
import { openReplica } from "./open-replica.ts";
import { makeKit, organisationCa, recoverOrganisation } from "./recover-organisation.ts";

let root: string;
const place = (name: string) => ({
  directory: join(root, name),
  clock: systemClock(),
  crypto: nodeCrypto(),
  files: nodeFiles(),
});
const names = {
  organisationName: "Corner Café",
  locationName: "Corner",
  deviceName: "Till a",
  currency: "GBP",
  timeZone: "Europe/London",
};

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "tillmesh-keys-"));
  must(await createOrganisation(place("hq"), names));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function open(name: string): Promise<ChannelKeys> {
  return must(openChannelKeys(place(name), must(await readDeviceIdentity(place(name)))));
}

async function addTill(name: string): Promise<void> {
  const { device } = must(await readDeviceIdentity(place("hq")));
  const request = { name, roles: ["till"] as const, location: device.location };
  const invited = must(await inviteDevice(place("hq"), { ...request, takenCodes: new Set() }));
  must(await joinOrganisation(place(name), invited.text));
}

const key = (byte: number) => base64url(new Uint8Array(32).fill(byte));
const text = (bytes: Uint8Array | undefined) => bytes && hex(bytes);

describe("channel keys on a disk (KF)", () => {
  test("[KF1] what was given is there after a restart, in a file of its own, private", async () => {
    await addTill("till");
    const keys = await open("till");
    expect(keys.add({ "location/loc_9": { "1": key(1), "2": key(2) } })).toBe(true);
    expect(keys.add({ "location/loc_9": { "2": key(3) } })).toBe(false);
    keys.note(7);
    const again = await open("till");
    expect(text(again.keyOf("location/loc_9" as "org", 2))).toBe("02".repeat(32));
    expect(again.epoch).toBe(7);
    expect(again.keyOf("org", 7)).toBeUndefined();
    const file = join(root, "till", "identity", "channel-keys.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const left = readdirSync(join(root, "till", "identity")).filter((one) => one.endsWith(".tmp"));
    expect(left).toEqual([]);
  });

  test("[KF1] a power cut at any operation leaves the old or the new ring", async () => {
    await addTill("till");
    const identity = must(await readDeviceIdentity(place("till")));
    for (let cutAt = 1; cutAt < 40; cutAt += 1) {
      const files = faultFiles();
      const here = { files, directory: `${files.root}/till`, crypto: nodeCrypto() };
      const keys = must(openChannelKeys(here, identity));
      keys.add({ org: { "1": key(1) } });
      files.cutAt(cutAt);
      let isDone = true;
      try {
        keys.add({ org: { "2": key(2) } });
      } catch {
        isDone = false;
      }
      const after = files.crash(cutAt);
      const there = { ...here, files: after, directory: `${after.root}/till` };
      const again = must(openChannelKeys(there, identity));
      expect(text(again.keyOf("org", 1))).toBe("01".repeat(32));
      if (isDone) expect(text(again.keyOf("org", 2))).toBe("02".repeat(32));
      after.dispose();
      files.dispose();
      if (isDone) return;
    }
    throw new Error("no cut came after the write");
  });

  test("[KF2] HQ derives keys of the epochs so far; one without the secret makes it once", async () => {
    const keys = await open("hq");
    expect(keys.master).toBeDefined();
    expect(keys.keyOf("org", 1)?.length).toBe(32);
    expect(keys.keyOf("org", 2)).toBeUndefined();
    expect(keys.keyOf("org", 0)).toBeUndefined();
    keys.begin(2, ["dev_x"]);
    const again = await open("hq");
    expect([again.epoch, again.excluded]).toEqual([2, ["dev_x"]]);
    expect(again.epochOf("org")).toBe(2);
    expect(text(again.keyOf("org", 1))).toBe(text(keys.keyOf("org", 1)));
    // As an organisation of the first release has it.
    rmSync(join(root, "hq", "ca", "channels.key"));
    rmSync(join(root, "hq", "identity", "channel-keys.json"));
    const made = text((await open("hq")).keyOf("org", 1));
    expect(made).not.toBe(text(keys.keyOf("org", 1)));
    expect(text((await open("hq")).keyOf("org", 1))).toBe(made);
    expect(statSync(join(root, "hq", "ca", "channels.key")).mode & 0o777).toBe(0o600);
  });

  test("[KF3] a secret that is gone, and a damaged ring, refuse the start", async () => {
    await open("hq");
    const ring = join(root, "hq", "identity", "channel-keys.json");
    const whole = readFileSync(ring, "utf8");
    writeFileSync(ring, whole.replace('"epoch": 1', '"epoch": 9'));
    expect(await openReplica(place("hq"))).toMatchObject({ error: { type: "ChannelKeysFile" } });
    writeFileSync(ring, whole);
    rmSync(join(root, "hq", "ca", "channels.key"));
    expect(await openReplica(place("hq"))).toMatchObject({
      error: { type: "IdentityFileMissing", missing: ["ca/channels.key"] },
    });
    expect(existsSync(join(root, "hq", "ca", "channels.key"))).toBe(false);
  });

  test("[KF4] a backup of a till brings its keys back; one of HQ the secret", async () => {
    await addTill("till");
    (await open("till")).add({ "location/loc_9": { "1": key(1) } });
    const before = (await open("hq")).keyOf("hq", 1);
    for (const name of ["till", "hq"]) {
      const replica = must(await openReplica(place(name)));
      const pieces: Uint8Array[] = [];
      for await (const piece of replica.backup()) pieces.push(piece);
      await replica.close();
      const source = (async function* () {
        yield* pieces;
      })();
      must(await restoreDevice(place(`${name}-again`), source));
    }
    const till = await open("till-again");
    expect(text(till.keyOf("location/loc_9" as "org", 1))).toBe("01".repeat(32));
    expect(text((await open("hq-again")).keyOf("hq", 1))).toBe(text(before));
    const [invited, again] = ["hq", "hq-again"].map((name) =>
      readFileSync(join(root, name, "ca", "devices.json"), "utf8"),
    );
    expect(again).toBe(invited);
  });

  test("[KF4] a kit brings back the keys of all epochs, also of later ones", async () => {
    const passphrase = "correct horse battery";
    const kit = must(await makeKit(place("hq"), passphrase));
    const keys = await open("hq");
    keys.begin(3, ["dev_x"]);
    must(await recoverOrganisation(place("new"), { text: kit, passphrase }, names));
    const rebuilt = await open("new");
    expect(text(rebuilt.keyOf("org", 1))).toBe(text(keys.keyOf("org", 1)));
    rebuilt.note(3);
    expect(text(rebuilt.keyOf("org", 3))).toBe(text(keys.keyOf("org", 3)));
    expect(await organisationCa(place("new"))).toEqual(await organisationCa(place("hq")));
    expect(must(await organisationCa(place("hq")))).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  });
});

import { generateKeyPairSync } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { nodeCrypto, systemClock } from "@tillmesh/kernel/node";
import { createOrganisation, makeKit, recoverOrganisation } from "@tillmesh/sync-engine/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  activationOn,
  readActivations,
  readKeyRing,
  writeActivation,
  type Activation,
} from "./key-files.ts";
import { fiscalSections, restoreFiscal } from "./kit-sections.ts";

let root: string;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "tillmesh-kit-"));
});

afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const place = (name: string) => ({
  directory: path.join(root, name),
  clock: systemClock(),
  crypto: nodeCrypto(),
});
const names = {
  organisationName: "Corner Café",
  locationName: "Corner",
  deviceName: "Office",
  currency: "EUR",
  timeZone: "Europe/Vienna",
};
const passphrase = "seven green tills in a row";

const activation: Activation = {
  v: 1,
  regime: "at-rksv",
  taxpayer: "ATU00000000",
  till: "Kasse/1 ..",
  isTest: false,
  keys: [],
  settings: {},
  from: "2026-01-01",
  address: "https://authority.example",
};

function pem(): string {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** One till with real keys, and test keys beside. */
function keep(keys: number) {
  const { directory } = place("hq");
  const privateKeys = Object.fromEntries(
    Array.from({ length: keys }, (_, at) => [`K/${at}`, pem()] as const),
  );
  const secrets = { turnover: new Uint8Array(32).fill(7) };
  const headers = { authorization: "Bearer of the shop" };
  writeActivation(directory, activation, { privateKeys, secrets, headers });
  const forTrial = { ...activation, isTest: true };
  writeActivation(directory, forTrial, { privateKeys: { T: pem() }, secrets });
}

describe("fiscal keys in a recovery kit", () => {
  test("come back on a new headquarters, private to its user, and seal nothing by themselves", async () => {
    await createOrganisation(place("hq"), names);
    keep(2);
    const sections = fiscalSections(place("hq").directory);
    const kit = await makeKit(place("hq"), passphrase, sections);
    if (!kit.ok) throw new Error(JSON.stringify(kit.error));
    const made = await recoverOrganisation(place("new"), { text: kit.value, passphrase }, names);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const { directory } = place("new");
    const restored = restoreFiscal(directory, made.value.sections);
    expect(restored).toEqual([{ ...activation, isRestored: true }]);
    expect(readActivations(directory)).toEqual(restored);
    expect(activationOn(readActivations(directory), "2026-11-23")).toBeUndefined();
    const [before, after] = ["hq", "new"].map((one) =>
      readKeyRing(place(one).directory, activation),
    );
    expect(after?.publicKeys).toEqual(before?.publicKeys);
    expect(after?.publicKeys.size).toBe(2);
    expect(after).toMatchObject({ secrets: before?.secrets, headers: before?.headers });
    const files = fs.readdirSync(path.join(directory, "fiscal"), { recursive: true });
    for (const name of files.map(String)) {
      const { mode } = fs.statSync(path.join(directory, "fiscal", name));
      expect(mode & 0o077, name).toBe(0);
    }
    expect(files.some((name) => String(name).includes("-test"))).toBe(false);
  });

  test("nothing where there are test keys only, or none", () => {
    const { directory } = place("hq");
    expect(fiscalSections(directory)).toEqual({});
    const { regime, till } = activation;
    fs.mkdirSync(path.join(directory, "fiscal"), { recursive: true });
    writeActivation(directory, { ...activation, isTest: true }, { privateKeys: {}, secrets: {} });
    expect(readActivations(directory)).toMatchObject([{ regime, till }]);
    expect(fiscalSections(directory)).toEqual({});
    expect(restoreFiscal(directory, {})).toEqual([]);
  });

  test("too many for paper are told as such", async () => {
    await createOrganisation(place("hq"), names);
    keep(24);
    const sections = fiscalSections(place("hq").directory);
    const kit = await makeKit(place("hq"), passphrase, sections);
    expect(kit).toMatchObject({ ok: false, error: { type: "KitTooLarge" } });
  }, 60_000);
});

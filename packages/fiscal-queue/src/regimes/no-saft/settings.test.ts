import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { StreamConfig } from "../../document.ts";
import { norwayConfig, norwayKeys } from "../../testing/norway-shop.ts";
import { norwaySaft } from "./norway-saft.ts";
import { isOrganisationNumber } from "./settings.ts";

describe("setting up a Norwegian stream (RNR)", () => {
  test("[RNR4] a stream opens with its company and a key", () => {
    const opened = norwaySaft.open(norwayConfig());
    expect(opened.ok && opened.value.start).toBeUndefined();
    expect(opened.ok && opened.value.state).toMatchObject({ signature: "0", grand: [0, 0] });
  });

  test.each<readonly [string, Partial<StreamConfig>, string]>([
    ["no organisation number", { taxpayer: "999999998" }, "/taxpayer"],
    ["no name of the till", { till: "" }, "/till"],
    ["a series that breaks the signed text", { series: "A;1" }, "/series"],
    ["a series too long for 35 characters", { series: "A".repeat(21) }, "/series"],
    ["another currency", { currency: "EUR" }, "/currency"],
    ["no key at all", { keys: [] }, "/settings/keyVersion"],
    ["a key that is not RSA", { keys: [{ keyId: "1", publicKey: ecKey() }] }, "/keys/0/publicKey"],
    [
      "an RSA key of 3072 bits",
      { keys: [{ keyId: "1", publicKey: rsaKey(3072) }] },
      "/keys/0/publicKey",
    ],
    ["no company", { settings: { keyVersion: "1" } }, "/settings/company"],
    ["a key that is not there", norwayConfig("9"), "/settings/keyVersion"],
    [
      "an article group that no list has",
      norwayConfig("1", { articleGroups: { food: "04100" } }),
      "/settings/articleGroups/food",
    ],
    [
      "a means of payment that no list has",
      norwayConfig("1", { payments: { barter: "cash" } }),
      "/settings/payments/barter",
    ],
    [
      "a VAT code of letters",
      norwayConfig("1", { vatCodes: { food: "x" } }),
      "/settings/vatCodes/food",
    ],
    [
      "software without a version",
      norwayConfig("1", { software: { name: "x", vendor: "y" } }),
      "/settings/software/version",
    ],
    [
      "a location without a city",
      norwayConfig("1", { location: { name: "x", postalCode: "1" } }),
      "/settings/location/city",
    ],
  ])("[RNR4] refused: %s", (_, change, pointer) => {
    const opened = norwaySaft.open({ ...norwayConfig(), ...change });
    expect(!opened.ok && opened.error.faults.map((fault) => fault.pointer)).toContain(pointer);
  });

  test("[RNR4] organisation numbers have a control digit", () => {
    expect(["999999999", "974760673", "974761076"].every(isOrganisationNumber)).toBe(true);
    expect(["974760674", "97476067", "9747606730", "x"].some(isOrganisationNumber)).toBe(false);
  });

  test("[RNR4] without a key version the last key signs", () => {
    const { keyVersion: _, ...settings } = norwayConfig().settings;
    const config = { ...norwayConfig(), settings, keys: norwayKeys.slice(0, 2) };
    expect(norwaySaft.open(config).ok).toBe(true);
  });
});

function ecKey(): string {
  return spki(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey);
}

function rsaKey(modulusLength: number): string {
  return spki(generateKeyPairSync("rsa", { modulusLength }).publicKey);
}

function spki(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

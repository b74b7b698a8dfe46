/**
 * Test keys, made on the spot: enough to try a regime for real, and worth nothing to an authority.
 *
 * @module
 */

import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import type { JsonObject } from "@tillmesh/kernel";
import type { StreamKey } from "@tillmesh/fiscal-queue";
import { createSpanishTestKey, createZatcaTestKey } from "@tillmesh/fiscal-queue/node";
import type { Activation, KeyMaterial } from "./key-files.ts";
import type { LocationRegime } from "./location-regime.ts";

export interface TestTaxpayer {
  readonly taxpayer: string;
  readonly settings: JsonObject;
}

/** What a location is told where nothing is known of the taxpayer but a name. */
export function testTaxpayer(regime: string, name: string): TestTaxpayer {
  return testTaxpayers[regime]?.(name) ?? { taxpayer: "", settings: {} };
}

export interface TestDevice {
  readonly code: string;
  readonly today: string;
  readonly nowMs: number;
}

export interface MadeActivation {
  readonly activation: Activation;
  readonly material: KeyMaterial;
}

/** Keys of this device for what headquarters says of the location. Those that it made before for the same till stay: documents were sealed with them. */
export function makeActivation(
  location: LocationRegime,
  device: TestDevice,
  before?: Activation,
): MadeActivation {
  const { regime, taxpayer, isTest, settings, address } = location;
  const till = device.code.toUpperCase();
  const isKept = before?.regime === regime && before.till === till && before.isTest === isTest;
  const made = isKept ? { ...noKeys, keys: before.keys } : testKeys[regime]?.(device, location);
  const { keys, privateKeys, secrets } = made ?? noKeys;
  const activation: Activation = {
    v: 1,
    regime,
    taxpayer,
    till,
    isTest,
    keys,
    settings,
    from: device.today,
    ...(address === undefined ? {} : { address }),
  };
  return { activation, material: { privateKeys, secrets } };
}

const spain = (name: string): TestTaxpayer => ({
  taxpayer: "89890001K",
  settings: {
    sellerName: name,
    environment: "test",
    software: {
      producerName: "Tillmesh",
      producerNif: "89890001K",
      name: "Tillmesh",
      id: "TM",
      version: "0.1.0",
    },
  },
});

const testTaxpayers: Readonly<Record<string, (name: string) => TestTaxpayer>> = {
  "at-rksv": () => ({
    taxpayer: "ATU00000000",
    settings: { system: "closed", companyId: "U:ATU00000000" },
  }),
  "es-verifactu": spain,
  "es-no-verifactu": spain,
  "sa-zatca": (name) => ({
    taxpayer: "399999999900003",
    settings: {
      sellerName: name,
      street: "Test Street",
      buildingNumber: "1234",
      district: "Test District",
      city: "Riyadh",
      postalCode: "12345",
      registrationScheme: "CRN",
      registration: "1010010000",
      // Why nothing is charged is the shop's to say, by tax code; these are to try it with.
      exemptions: {
        Z: { code: "VATEX-SA-35", text: "Medicines and medical equipment" },
        E: { code: "VATEX-SA-30", text: "Real estate transactions" },
        O: { code: "VATEX-SA-OOS", text: "Not subject to VAT" },
      },
    },
  }),
  "no-saft": (name) => ({
    taxpayer: "999999999",
    settings: { company: { name, postalCode: "0001", city: "Oslo" } },
  }),
};

interface TestKeys {
  readonly keys: readonly StreamKey[];
  readonly privateKeys: KeyMaterial["privateKeys"];
  readonly secrets: KeyMaterial["secrets"];
}

const noKeys: TestKeys = { keys: [], privateKeys: {}, secrets: {} };

const testKeys: Readonly<
  Record<string, (device: TestDevice, location: LocationRegime) => TestKeys>
> = {
  "at-rksv": () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const secrets = { turnover: new Uint8Array(randomBytes(32)) };
    return { ...keysOf("U:ATU00000000-TEST1", privateKey), secrets };
  },
  "es-no-verifactu": ({ nowMs }, location) => {
    const taxpayer = { name: sellerOf(location), nif: location.taxpayer };
    const { key, privateKey } = createSpanishTestKey(taxpayer, { nowMs, days: 5 * 365 });
    const { keyId, ...more } = key;
    return keysOf(keyId, privateKey, more);
  },
  "sa-zatca": ({ code, nowMs }, location) => {
    const { taxpayer } = location;
    const name = sellerOf(location);
    const facts = {
      commonName: `TEST-${code}`,
      serialNumber: `1-Tillmesh|2-TEST|3-${code}`,
      organizationIdentifier: taxpayer,
      organizationUnit: "TEST",
      organizationName: name,
      country: "SA",
      invoiceType: "0100",
      location: "TEST",
      category: "Retail",
    };
    const { key, privateKey } = createZatcaTestKey(facts, { nowMs, days: 5 * 365 });
    const { keyId, ...more } = key;
    return keysOf(keyId, privateKey, more);
  },
  "no-saft": () => keysOf("1", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey),
};

function sellerOf({ settings: { sellerName } }: LocationRegime): string {
  return typeof sellerName === "string" && sellerName !== "" ? sellerName : "Test";
}

function keysOf(keyId: string, privateKey: KeyObject, more: Partial<StreamKey> = {}): TestKeys {
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return {
    keys: [{ keyId, publicKey: spki.toString("base64"), ...more }],
    privateKeys: { [keyId]: pem },
    secrets: {},
  };
}

/**
 * An Austrian shop with keys made on the spot, for tests.
 *
 * @module
 */

import { generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import type { SealedDocument, StreamConfig } from "../document.ts";
import { createFiscalCrypto, createSoftwareSigner } from "../node/index.ts";
import type { FiscalSigner } from "../ports.ts";
import type { Receipt } from "../receipt.ts";
import { dep7 } from "../regimes/at-rksv/dep7.ts";
import { rksv } from "../regimes/at-rksv/rksv.ts";
import type { RksvMaterial } from "../regimes/at-rksv/verify-dep7.ts";
import { sealAll, type SealAllOptions, type SealedRun } from "./seal-all.ts";

export interface RksvShop {
  readonly config: StreamConfig;
  readonly signer: FiscalSigner;
  readonly secrets: { readonly turnover: Uint8Array };
  readonly privateKeys: Readonly<Record<string, KeyObject>>;
  /** Public keys for a second opinion, by key id. */
  readonly jwks: ReadonlyMap<string, JsonWebKey>;
}

export interface RksvShopOptions {
  readonly system?: "open" | "closed";
  readonly keyIds?: readonly string[];
  readonly counterBytes?: number;
  readonly change?: Partial<StreamConfig>;
}

export const rksvAesKey: Uint8Array = Buffer.from(
  "WQRtiiya3hYh/Uz44Bv3x8ETl1nrH6nCdErn69g5/lU=",
  "base64",
);

export function rksvShop(options: RksvShopOptions = {}): RksvShop {
  const { change = {}, counterBytes = 8, system = "open" } = options;
  const { keyIds = system === "open" ? ["1a2b3c"] : ["U:ATU12345678-K1"] } = options;
  const pairs = keyIds.map(
    (keyId) => [keyId, generateKeyPairSync("ec", { namedCurve: "prime256v1" })] as const,
  );
  const privateKeys = Object.fromEntries(pairs.map(([keyId, pair]) => [keyId, pair.privateKey]));
  const ofSystem = system === "open" ? { trustProvider: "AT100" } : { companyId: "U:ATU12345678" };
  return {
    config: {
      regime: "at-rksv",
      taxpayer: "ATU12345678",
      till: "CASHBOX-DEMO-1",
      series: "B1-1",
      epoch: 1,
      numbersFrom: 0,
      timeZone: "Europe/Vienna",
      currency: "EUR",
      currencyDigits: 2,
      isTest: true,
      keys: pairs.map(([keyId, { publicKey }]) => ({
        keyId,
        publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
      })),
      settings: { system, counterBytes, ...ofSystem },
      ...change,
    },
    signer: createSoftwareSigner(privateKeys),
    secrets: { turnover: rksvAesKey },
    privateKeys,
    jwks: new Map(pairs.map(([keyId, pair]) => [keyId, pair.publicKey.export({ format: "jwk" })])),
  };
}

/** Opens the shop's stream and seals. */
export function sealInShop(
  requests: Parameters<typeof sealAll>[1],
  shop: RksvShop,
  options: Partial<SealAllOptions> = {},
): Promise<SealedRun> {
  const { config, secrets, signer } = shop;
  return sealAll(rksv, requests, { config, secrets, signer, ...options });
}

/** The export for the authority, as one text. */
export async function rksvExport(
  documents: readonly SealedDocument[],
  { config, secrets }: RksvShop,
  range: { readonly from?: string; readonly to?: string } = {},
): Promise<string> {
  const at = { epochMs: 0, offsetMinutes: 0 };
  const input = { config, secrets, crypto: createFiscalCrypto(), at, ...range };
  let text = "";
  for await (const piece of dep7.write(eachOf(documents), input)) text += piece;
  return text;
}

/** What the verifier of an export is given. */
export function rksvMaterial({ config, secrets }: RksvShop): RksvMaterial {
  const keys = config.keys.map(
    ({ keyId, publicKey = "" }) => [keyId, Buffer.from(publicKey, "base64")] as const,
  );
  return { aesKey: secrets.turnover, publicKeys: new Map(keys) };
}

/** The receipts of an export, in its order. */
export function receiptsOfDep7(text: string): readonly string[] {
  const dep = JSON.parse(text) as { "Belege-Gruppe": { "Belege-kompakt": string[] }[] };
  return dep["Belege-Gruppe"].flatMap((group) => group["Belege-kompakt"]);
}

/** Of amounts with tax: normal, reduced 1, reduced 2, zero, special. */
export function rksvReceipt(
  kind: Receipt["kind"],
  amountsMinor: readonly number[],
  reference = "B1-1-000001",
): Receipt {
  const taxes = amountsMinor.map((grossMinor, at) => taxOf(grossMinor, rates[at] ?? 0));
  return {
    kind,
    currency: "EUR",
    lines: [],
    taxes,
    totalMinor: amountsMinor.reduce((sum, amount) => sum + amount, 0),
    payments: [],
    ...(kind === "void" ? { refersTo: { number: reference, issuedOn: "2026-11-22" } } : {}),
  };
}

async function* eachOf(documents: readonly SealedDocument[]): AsyncIterable<SealedDocument> {
  for (const document of documents) yield await Promise.resolve(document);
}

const rates = [2000, 1000, 1300, 0, 1900];

function taxOf(grossMinor: number, rateBp: number): Receipt["taxes"][number] {
  const taxMinor = Math.trunc((grossMinor * rateBp) / (10_000 + rateBp));
  const category = rateBp === 0 ? "Z" : "S";
  return { taxCode: `V${rateBp}`, category, rateBp, netMinor: grossMinor - taxMinor, taxMinor };
}

/**
 * POS-F2: a till gets new keys under way, is cut off, and its chain stays one.
 *
 * @module
 */

import { generateKeyPairSync } from "node:crypto";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Sale } from "./harness/answers.ts";
import { must } from "./harness/api.ts";
import { catalogueCsv, priceMap } from "./harness/corner-shop.ts";
import { createDice } from "./harness/dice.ts";
import { pause } from "./harness/eventually.ts";
import { tellOnFailure } from "./harness/failure-log.ts";
import { makeFolder, writeText } from "./harness/folders.ts";
import { sealing } from "./harness/kill-loop.ts";
import { startLoad } from "./harness/load.ts";
import { tillmesh, tillmeshDone } from "./harness/programs.ts";
import { moneyOf, regimeShops, type RegimeShop } from "./harness/regimes.ts";
import { serve, type Device, type Serving } from "./harness/serving.ts";
import { foundShop } from "./harness/shop.ts";

beforeEach(tellOnFailure);

interface Country {
  readonly shop: RegimeShop;
  readonly taxpayer: string;
  readonly settings: object;
  readonly keyIds: readonly [string, string, string];
  /** PEM, or a shared key. */
  readonly makeKey: () => string;
  /** Keys that the export names, in its order. */
  readonly keysIn: (exported: string) => readonly string[];
}

const austria: Country = {
  shop: regimeShops["at-rksv"],
  taxpayer: "ATU00000000",
  settings: { system: "closed", companyId: "U:ATU00000000" },
  keyIds: ["U:ATU00000000-TEST1", "U:ATU00000000-K2", "U:ATU00000000-K3"],
  makeKey: () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  },
  keysIn: (text) => {
    const file = JSON.parse(text) as {
      readonly "Belege-Gruppe": readonly { readonly "Belege-kompakt": readonly string[] }[];
    };
    return file["Belege-Gruppe"].map((group) => {
      const [jws = ""] = group["Belege-kompakt"];
      const payload = Buffer.from(jws.split(".")[1] ?? "", "base64url").toString("utf8");
      return payload.split("_").at(-2) ?? "";
    });
  },
};

const norway: Country = {
  shop: regimeShops["no-saft"],
  taxpayer: "999999999",
  settings: { company: { name: "Corner Shops", postalCode: "0001", city: "Oslo" } },
  keyIds: ["1", "2", "3"],
  makeKey: () => "Kassesystemlov26",
  keysIn: (text) => {
    const all = [...text.matchAll(/keyVersion>([^<]+)</g)].map(([, version = ""]) => version);
    return all.filter((version, at) => version !== all[at - 1]);
  },
};

describe.each([austria, norway])("$shop.regime", (country) => {
  test("POS-F2: new keys while it sells, and while it is off, killed right after: one chain, every key in the export", async () => {
    const { shop, keyIds } = country;
    const device = await found(shop);
    let serving = await serve(device);
    must(await serving.api.post("/shifts", { float: moneyOf(shop)(0) }), 201);
    await sell(serving, shop);
    const load = startLoad(serving.api, {
      dice: createDice(1),
      workers: 2,
      keyPrefix: "fiscal-keys",
      money: moneyOf(shop),
    });
    await activate(device, country, { keyId: keyIds[1], till: await tillName(serving) });
    await pause(60);
    await serving.kill();
    const { unanswered, faults } = await load.stop();
    expect(faults).toEqual([]);
    serving = await serve(device);
    for (const { key, body } of unanswered)
      must(await serving.api.post<Sale>("/sales", body, { key }), 200, 201);
    await sell(serving, shop);
    const till = await tillName(serving);
    await serving.kill();
    await activate(device, country, { keyId: keyIds[2], till });
    serving = await serve(device);
    await sell(serving, shop);
    await expectOneChain(serving, device, country);
    await serving.stop();
  }, 180_000);
});

async function found(shop: RegimeShop): Promise<Device> {
  const folder = makeFolder(`fiscal-keys-${shop.regime}`);
  const taxes = writeText(folder, "taxes.csv", shop.taxesCsv);
  const catalogue = writeText(folder, "catalogue.csv", catalogueCsv);
  return foundShop(folder, { taxes, catalogue, map: priceMap, regime: shop });
}

async function sell({ api }: Serving, shop: RegimeShop): Promise<void> {
  const total = moneyOf(shop)(290);
  const tenders = [{ kind: "cash", amount: total }];
  const body = { lines: [{ sku: "COF" }], tenders, expectedTotal: total };
  const sale = must(await api.post<Sale>("/sales", body), 201);
  expect(sale.fiscal).toMatchObject({ regime: shop.regime, isDegraded: false });
}

interface Status {
  readonly stream: { readonly till: string; readonly epoch: number };
}

async function tillName({ api }: Serving): Promise<string> {
  return must(await api.get<Status>("/fiscal"), 200).stream.till;
}

async function activate(
  { directory }: Device,
  { shop, taxpayer, settings, makeKey }: Country,
  { keyId, till }: { readonly keyId: string; readonly till: string },
): Promise<void> {
  const folder = path.dirname(directory);
  const key = writeText(folder, `key-${encodeURIComponent(keyId)}`, makeKey());
  const said = writeText(folder, "settings.json", JSON.stringify(settings));
  const from = new Intl.DateTimeFormat("sv-SE", { timeZone: shop.timeZone }).format();
  const who = ["--regime", shop.regime, "--taxpayer", taxpayer, "--till", till, "--test"];
  const what = ["--from", from, "--settings", said, "--key", `${keyId}=${key}`];
  await tillmeshDone("fiscal", "activate", "--data", directory, ...who, ...what);
}

async function expectOneChain(
  { api }: Serving,
  { directory }: Device,
  { shop, keyIds, keysIn }: Country,
): Promise<void> {
  expect(sealing(await api.all<Sale>("/sales"))).toEqual([]);
  for (const args of [["fiscal", "verify"], ["verify"]]) {
    const { code, stdout, stderr } = await tillmesh(...args, "--data", directory);
    expect(code, `${args.join(" ")}: ${stdout}${stderr}`).toBe(0);
  }
  expect(must(await api.get<Status>("/fiscal"), 200).stream.epoch).toBe(1);
  const kind = ["--kind", shop.exportKind, "--data", directory];
  expect(keysIn(await tillmeshDone("fiscal", "export", ...kind))).toEqual(keyIds);
}

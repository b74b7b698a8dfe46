import { generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { verifyDep7 } from "@tillmesh/fiscal-queue";
import { createSpanishTestKey } from "@tillmesh/fiscal-queue/node";
import { rksvCertificate } from "@tillmesh/fiscal-queue/testing";
import { startRegimeShop, type RegimeName, type RegimeShop } from "../testing/regime-shop.ts";
import { verifyTill } from "../till/verify.ts";
import { activateFiscal, type ActivateRequest, type KeyFile } from "./activate.ts";
import { exportFiscal } from "./export.ts";
import { regimeItem } from "./location-regime.ts";
import { takeUpActivation } from "./rekeying.ts";
import { verifyFiscal } from "./verify-fiscal.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

const turnover = randomBytes(32).toString("base64");
const today = "2026-11-23";

function ecKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
}

function pemOf(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}

function rsaKey(keyId: string): KeyFile {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { keyId, privateKey: pemOf(privateKey) };
}

function refusedWith(request: ActivateRequest): unknown {
  const done = activateFiscal(shop.service.till, request);
  return done.ok ? "activated" : (done.error as { readonly faults?: readonly object[] }).faults;
}

function pemOfCertificate(der: string): string {
  const lines = der.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----"].join("\n");
}

/** A signature card with its certificate; its serial number has its first bit set. */
function card(serial: string): KeyFile {
  const key = ecKey();
  const der = rksvCertificate(key, serial);
  const certificate = pemOfCertificate(der);
  return { keyId: serial, privateKey: pemOf(key), certificate };
}

function austrian(keys: readonly KeyFile[], more: Partial<ActivateRequest> = {}): ActivateRequest {
  return {
    regime: "at-rksv",
    taxpayer: "ATU12345675",
    till: "KASSA-1",
    settings: { system: "open", trustProvider: "AT1" },
    keys,
    secrets: { turnover },
    from: today,
    isTest: false,
    ...more,
  };
}

function norwegian(keys: readonly KeyFile[], more: Partial<ActivateRequest> = {}): ActivateRequest {
  return {
    regime: "no-saft",
    taxpayer: "999999999",
    till: "KASSE-1",
    settings: { company: { name: "Kaffe AS", postalCode: "0001", city: "Oslo" } },
    keys,
    secrets: {},
    from: today,
    isTest: false,
    ...more,
  };
}

/** As the command does it while the till serves. */
async function activate(request: ActivateRequest): Promise<void> {
  const done = activateFiscal(shop.service.till, request);
  expect(done.ok, JSON.stringify(done)).toBe(true);
  expect(await takeUpActivation(shop.service.till)).toMatchObject({ ok: true });
}

async function open(regime: RegimeName, request: ActivateRequest): Promise<void> {
  shop = await startRegimeShop(regime);
  const { taxpayer, settings } = request;
  await shop.replica.publish("fiscal", [
    regimeItem("*", { regime, isTest: false, taxpayer, settings }),
  ]);
  await activate(request);
  expect((await shop.api.post("/shifts", { float: shop.money(0) })).status).toBe(201);
}

async function sold(): Promise<number> {
  const { status, body } = await shop.sell();
  expect([status, body.fiscal?.isDegraded], JSON.stringify(body)).toEqual([201, false]);
  return body.fiscal.sequence;
}

async function exported(kind: string): Promise<string> {
  const found = exportFiscal(shop.service.till, { kind });
  if (!found.ok) throw new Error(JSON.stringify(found.error));
  let text = "";
  for await (const piece of found.value.pieces) text += piece;
  return text;
}

async function expectSound(): Promise<void> {
  expect(await verifyFiscal(shop.service.till)).toMatchObject({
    ok: true,
    streams: 1,
    findings: [],
  });
  expect((await verifyTill(shop.service.till)).differences).toEqual([]);
}

interface Group {
  readonly Signaturzertifikat: string;
  readonly "Belege-kompakt": readonly string[];
}

function groupsOf(dep7: string): readonly Group[] {
  return (JSON.parse(dep7) as { readonly "Belege-Gruppe": readonly Group[] })["Belege-Gruppe"];
}

describe("new keys within an open stream", () => {
  test("at-rksv: the chain goes on under the second card, and the export names both", async () => {
    const [first, second] = [card("9a11"), card("9b22")];
    await open("at-rksv", austrian([first]));
    expect(await sold()).toBe(2);
    await activate(austrian([second], { secrets: {} }));
    expect(await sold()).toBe(3);
    shop = await shop.restart();
    expect(await sold()).toBe(4);
    await expectSound();
    const text = await exported("dep7");
    const groups = groupsOf(text);
    expect(groups.map((group) => group["Belege-kompakt"].length)).toEqual([2, 2]);
    expect(groups.map(({ Signaturzertifikat }) => Signaturzertifikat)).toEqual(
      [first, second].map(({ certificate = "" }) => certificate.split("\n").slice(1, -1).join("")),
    );
    const material = { aesKey: Buffer.from(turnover, "base64"), publicKeys: new Map() };
    const { crypto } = shop.service.till.fiscal;
    const read = verifyDep7(text, material, { crypto, trustsCertificates: true });
    expect(read).toMatchObject({ ok: true, value: { findings: [], receiptCount: 4 } });
    expect(shop.service.till.fiscal.state.stream?.config).toMatchObject({ epoch: 1, change: 1 });
  });

  test("no-saft: from an RSA key to a shared one and on, verified with all of them", async () => {
    const shared = { keyId: "2", privateKey: "Kassesystemlov26" };
    await open("no-saft", norwegian([rsaKey("1")]));
    await sold();
    await activate(norwegian([shared]));
    await sold();
    await activate(norwegian([shared, rsaKey("3")]));
    await sold();
    await expectSound();
    const xml = await exported("saft-cr");
    for (const version of ["1", "2", "3"])
      expect(xml).toMatch(new RegExp(`keyVersion>${version}</`));
    expect(shop.service.till.fiscal.state.stream?.config).toMatchObject({ epoch: 1, change: 2 });
  });

  test("es-no-verifactu: a till that signs goes on under its next certificate", async () => {
    shop = await startRegimeShop("es-no-verifactu");
    await shop.api.post("/shifts", { float: shop.money(0) });
    expect(await sold()).toBe(2);
    const { config } = shop.service.till.fiscal.state.stream ?? {};
    if (config === undefined) throw new Error("open");
    const { taxpayer, till, settings } = config;
    const nowMs = shop.clock.nowMs();
    const { key, privateKey } = createSpanishTestKey({ name: "Café", nif: taxpayer }, { nowMs });
    const certificate = pemOfCertificate(key.certificate);
    const keys = [{ keyId: key.keyId, privateKey: pemOf(privateKey), certificate }];
    const more = { secrets: {}, from: today, isTest: true };
    await activate({ regime: "es-no-verifactu", taxpayer, till, settings, keys, ...more });
    expect(await sold()).toBe(3);
    await expectSound();
    const xml = await exported("verifactu-xml");
    expect(xml).toContain(key.certificate.slice(0, 60));
    expect(xml).toContain(config.keys[0]?.certificate?.slice(0, 60));
  });

  test("a crash behind the activation, before it was recorded: the next receipt takes it up", async () => {
    await open("at-rksv", austrian([card("9a11")]));
    await sold();
    expect(activateFiscal(shop.service.till, austrian([card("9b22")])).ok).toBe(true);
    shop = await shop.restart();
    expect(await sold()).toBe(3);
    const { stream } = shop.service.till.fiscal.state;
    expect(stream?.config.keys.map(({ keyId, isRetired }) => [keyId, isRetired])).toEqual([
      ["9a11", true],
      ["9b22", undefined],
    ]);
    await expectSound();
  });

  test("what begins on a later day leaves the keys of today until then; warnings are of those that sign", async () => {
    await open("at-rksv", austrian([card("9a11")]));
    await sold();
    await activate(austrian([card("9b22")], { from: "2026-11-24" }));
    await sold();
    const keysNow = () => shop.service.till.fiscal.state.stream?.config.keys.length;
    expect(keysNow()).toBe(1);
    shop.clock.advance(86_400_000);
    await sold();
    expect(keysNow()).toBe(2);
    // The certificates end with 2030.
    shop.clock.advance(Date.parse("2030-12-20T09:00:00Z") - shop.clock.nowMs());
    const { body } = await shop.api.get("/fiscal");
    expect(body.keys).toMatchObject([{ keyId: "9b22", level: "30-days" }]);
    await expectSound();
  });

  test("an activation counts from its date on, whatever else was to begin after", async () => {
    await open("at-rksv", austrian([card("9a11")]));
    await activate(austrian([card("9b22")], { from: "2026-12-24" }));
    await activate(austrian([card("9c33")], { from: "2026-11-20" }));
    await sold();
    shop.clock.advance(40 * 86_400_000);
    await sold();
    const { stream } = shop.service.till.fiscal.state;
    expect(stream?.config.keys.map(({ keyId }) => keyId)).toEqual(["9a11", "9c33"]);
    await expectSound();
  });

  test("what headquarters changes of a test location keeps the keys that were made on the spot", async () => {
    shop = await startRegimeShop("at-rksv");
    await shop.api.post("/shifts", { float: shop.money(0) });
    await sold();
    const { stream } = shop.service.till.fiscal.state;
    const { taxpayer, settings } = stream?.config ?? { taxpayer: "", settings: {} };
    const say = (more: object) =>
      shop.replica.publish("fiscal", [
        regimeItem("*", {
          regime: "at-rksv",
          isTest: true,
          taxpayer,
          settings: { ...settings, ...more },
        }),
      ]);
    await say({ dailyZero: true });
    expect(await sold()).toBe(3);
    const { config } = shop.service.till.fiscal.state.stream ?? {};
    expect(config).toMatchObject({ epoch: 1, change: 1, settings: { dailyZero: true } });
    expect(config?.keys).toEqual(stream?.config.keys);
    // What holds for the life of a stream makes a new one.
    await say({ counterBytes: 6 });
    expect(await sold()).toBe(2);
    expect((await verifyFiscal(shop.service.till)).findings).toEqual([]);
    expect(shop.service.till.fiscal.state.stream?.config.epoch).toBe(2);
  });
});

describe("what an activation may not change", () => {
  test("at-rksv: the AES key of a cash box, its system, and which key a name means", async () => {
    const [first, second] = [card("9a11"), card("9b22")];
    await open("at-rksv", austrian([first]));
    await sold();
    const other = { turnover: randomBytes(32).toString("base64") };
    expect(refusedWith(austrian([second], { secrets: other }))).toMatchObject([
      { pointer: "/secrets/turnover", code: "lifelong", detail: expect.stringContaining("life") },
    ]);
    const short = { turnover: randomBytes(16).toString("base64") };
    expect(refusedWith(austrian([second], { secrets: short }))).toMatchObject([
      { pointer: "/secrets/turnover", code: "key-size" },
    ]);
    expect(refusedWith(austrian([second], { till: "KASSA-2", secrets: {} }))).toMatchObject([
      { pointer: "/secrets/turnover", code: "missing" },
    ]);
    const settings = { system: "open", trustProvider: "AT1", counterBytes: 5 };
    expect(refusedWith(austrian([second], { settings }))).toMatchObject([
      { pointer: "/settings/counterBytes", code: "lifelong" },
    ]);
    expect(refusedWith(austrian([card("9a11")]))).toMatchObject([
      { pointer: "/keys/0/keyId", code: "key-id" },
    ]);
    expect(shop.service.till.fiscal.activation?.keys).toHaveLength(1);
    await sold();
    await expectSound();
  });

  test("no-saft: a shared key under the version of another; and its files are this user's alone", async () => {
    await open("no-saft", norwegian([{ keyId: "1", privateKey: "Kassesystemlov26" }]));
    await sold();
    expect(refusedWith(norwegian([{ keyId: "1", privateKey: "kassesystemlov27" }]))).toMatchObject([
      { pointer: "/keys/0/privateKey", code: "key-id" },
    ]);
    expect(refusedWith(norwegian([{ keyId: "2", privateKey: "short" }]))).toMatchObject([
      { pointer: "/keys/0/privateKey", code: "key-size" },
    ]);
    const folder = path.join(shop.directory, "fiscal", "no-saft-KASSE-1");
    const names = fs.readdirSync(folder);
    expect(names.toSorted()).toEqual(["key-1", "secret-no-saft%3A1"]);
    expect(names.map((name) => fs.statSync(path.join(folder, name)).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    await expectSound();
  });
});

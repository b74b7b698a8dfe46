import { generateKeyPairSync, randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { testClock, type TestClock } from "@tillmesh/kernel/testing";
import { startAustrianShop, type AustrianShop } from "../testing/austrian-shop.ts";
import { verifyTill } from "../till/verify.ts";
import { activateFiscal, type ActivateRequest } from "./activate.ts";
import { regimeItem } from "./location-regime.ts";

let shop: AustrianShop;
let clock: TestClock;

afterEach(() => shop.stop());

function realRequest(from: string): ActivateRequest {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return {
    regime: "at-rksv",
    taxpayer: "ATU12345675",
    till: "KASSA-1",
    settings: { system: "closed", companyId: "U:ATU12345675" },
    keys: [{ keyId: "U:ATU12345675-K1", privateKey: pem }],
    secrets: { turnover: randomBytes(32).toString("base64") },
    from,
    isTest: false,
  };
}

test("real keys hold from their date on: the test stream is closed, the new one begins, numbers go on", async () => {
  clock = testClock(Date.parse("2026-11-23T09:00:00Z"));
  shop = await startAustrianShop(clock);
  await shop.openShift();
  const { body: before } = await shop.sell();
  const activated = activateFiscal(shop.service.till, realRequest("2026-11-24"));
  expect(activated).toMatchObject({ ok: true });
  expect((await shop.sell()).body.fiscal.isTest).toBe(true);
  clock.advance(86_400_000);
  const { body: after } = await shop.sell();
  expect(after.fiscal).toMatchObject({ isTest: false, regime: "at-rksv", sequence: 2 });
  expect(after.fiscal.lines).toEqual(["Kassen-ID: KASSA-1"]);
  expect(Number(after.receiptNumber.slice(-6))).toBe(Number(before.receiptNumber.slice(-6)) + 2);
  const { body: status } = await shop.api.get("/fiscal");
  expect(status).toMatchObject({
    isTest: false,
    stream: { till: "KASSA-1", epoch: 1, closed: null },
    activation: { from: "2026-11-24", isTest: false },
  });
  expect((await verifyTill(shop.service.till)).differences).toEqual([]);
});

test("what the regime does not take is refused as a whole, and nothing is written", async () => {
  clock = testClock(Date.parse("2026-11-23T09:00:00Z"));
  shop = await startAustrianShop(clock);
  const { till } = shop.service;
  const request = realRequest("2026-11-23");
  const wrong = { ...request, settings: { system: "closed", companyId: "nobody" } };
  expect(activateFiscal(till, wrong)).toMatchObject({ error: { type: "FiscalSettings" } });
  const noKey = { ...request, keys: [{ keyId: "K", privateKey: "-----BEGIN nonsense" }] };
  expect(activateFiscal(till, noKey)).toMatchObject({
    error: { faults: [{ pointer: "/keys/0/privateKey" }] },
  });
  expect(activateFiscal(till, { ...request, from: "tomorrow" })).toMatchObject({ ok: false });
  expect(till.fiscal.activation).toBeUndefined();
});

test("where the location's keys are real, a till without any sells nothing", async () => {
  clock = testClock(Date.parse("2026-11-23T09:00:00Z"));
  shop = await startAustrianShop(clock);
  const { taxpayer, settings } = realRequest("2026-11-23");
  const regime = { regime: "at-rksv", isTest: false, taxpayer, settings };
  await shop.replica.publish("fiscal", [regimeItem("loc_a", regime)]);
  const opened = await shop.openShift();
  expect(opened).toMatchObject({ status: 409, body: { code: "FiscalNotActivated" } });
  expect(shop.replica.held).toEqual([]);
  expect(activateFiscal(shop.service.till, realRequest("2026-11-23")).ok).toBe(true);
  expect((await shop.openShift()).status).toBe(201);
  expect((await shop.sell()).body.fiscal.isTest).toBe(false);
});

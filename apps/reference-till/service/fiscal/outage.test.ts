import fs from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import type { FiscalRecord } from "@tillmesh/fiscal-queue";
import { testClock } from "@tillmesh/kernel/testing";
import { startAustrianShop, type AustrianShop } from "../testing/austrian-shop.ts";
import { verifyTill } from "../till/verify.ts";

let shop: AustrianShop;

afterEach(() => shop.stop());

/** Kinds of the regime's own documents, in their order. */
function ownDocuments(): readonly string[] {
  return shop.replica.held.flatMap(({ entry }) => {
    const record = entry.body as unknown as FiscalRecord;
    return entry.kind === "fiscal" && record.type === "sealed" ? [record.document.kind] : [];
  });
}

function keyFile(): string {
  const folder = path.join(shop.directory, "fiscal", "at-rksv-AAAA-test");
  const name = fs.readdirSync(folder).find((one) => one.startsWith("key-"));
  return path.join(folder, name ?? "");
}

test("without its signer the till sells on, says so on each receipt, and settles it once the signer is back", async () => {
  const clock = testClock(Date.parse("2026-11-23T09:00:00Z"));
  shop = await startAustrianShop(clock);
  await shop.openShift();
  expect((await shop.sell()).body.fiscal.isDegraded).toBe(false);
  const [file, key] = [keyFile(), fs.readFileSync(keyFile())];
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  fs.rmSync(file);
  shop = await shop.restart();
  for (let i = 0; i < 2; i += 1) {
    const { status, body } = await shop.sell();
    expect([status, body.fiscal.isDegraded]).toEqual([201, true]);
    expect(body.fiscal.lines).toContain("Sicherheitseinrichtung ausgefallen");
  }
  expect((await shop.api.get("/fiscal")).body.outage).toMatchObject({ ended: null });
  fs.writeFileSync(file, key, { mode: 0o600 });
  shop = await shop.restart();
  clock.advance(120_000);
  await shop.service.delivery.deliver();
  expect(ownDocuments()).toEqual(["start", "collective"]);
  expect((await shop.api.get("/fiscal")).body.outage).toBeNull();
  expect((await shop.sell()).body.fiscal.isDegraded).toBe(false);
  expect((await verifyTill(shop.service.till)).differences).toEqual([]);
});

test("the Z closes the month on its last day; a month that nobody closed is closed before the next shift", async () => {
  const clock = testClock(Date.parse("2026-11-30T09:00:00Z"));
  shop = await startAustrianShop(clock);
  await shop.openShift();
  await shop.sell();
  const z = await shop.closeDay();
  expect(z.status, JSON.stringify(z.body)).toBe(200);
  expect(ownDocuments()).toEqual(["start", "month"]);
  clock.advance(86_400_000);
  await shop.openShift();
  await shop.sell();
  await shop.closeDay();
  expect(ownDocuments()).toEqual(["start", "month"]);
  clock.advance(40 * 86_400_000);
  await shop.openShift();
  expect(ownDocuments()).toEqual(["start", "month", "year"]);
  expect((await verifyTill(shop.service.till)).differences).toEqual([]);
});

test("a clock that went back seals nothing", async () => {
  const clock = testClock(Date.parse("2026-11-23T09:00:00Z"));
  shop = await startAustrianShop(clock);
  await shop.openShift();
  await shop.sell();
  clock.advance(-3_600_000);
  expect(await shop.sell()).toMatchObject({ status: 409, body: { code: "FiscalClock" } });
  clock.advance(3_600_000);
  expect((await shop.sell()).status).toBe(201);
});

import { afterEach, describe, expect, test } from "vitest";
import { startRegimeShop, type RegimeName, type RegimeShop } from "../testing/regime-shop.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

async function closeShiftAndDay(): Promise<readonly number[]> {
  const shift = await shop.api.post("/shifts/close", { counted: shop.money(0) });
  return [shift.status, (await shop.api.post("/days/close")).status];
}

async function openShift(): Promise<number> {
  return (await shop.api.post("/shifts", { float: shop.money(0) })).status;
}

/** Open, with one receipt sealed, and from now on without a signer. */
async function openWithoutSigner(regime: RegimeName, startsAt: string): Promise<void> {
  shop = await startRegimeShop(regime, startsAt);
  expect(await openShift()).toBe(201);
  expect((await shop.sell()).status).toBe(201);
  shop = await shop.restart({ isSignerOut: true });
}

const kinds = () => shop.ownDocuments().map(({ kind }) => kind);
const closingsDue = async () => (await shop.api.get("/fiscal")).body.closings;

const dayMs = 86_400_000;

describe("a closing that cannot be sealed now", () => {
  test("Austria's yearly one stops neither the Z, nor the new year's shift and sales, and is sealed once the signer is back", async () => {
    await openWithoutSigner("at-rksv", "2026-12-31T10:00:00Z");
    expect(await closeShiftAndDay()).toEqual([200, 200]);
    expect(await closingsDue()).toMatchObject([{ period: "year", reason: expect.any(String) }]);
    shop.clock.advance(2 * dayMs);
    expect(await openShift()).toBe(201);
    const sold = await shop.sell();
    expect([sold.status, sold.body.fiscal.isDegraded]).toEqual([201, true]);
    expect(await closingsDue()).toMatchObject([{ period: "year" }]);
    expect(kinds()).toEqual(["start"]);
    shop = await shop.restart();
    shop.clock.advance(120_000);
    await shop.service.delivery.deliver();
    expect(kinds()).toEqual(["start", "collective", "year"]);
    expect(await closingsDue()).toEqual([]);
    expect((await shop.sell()).body.fiscal.isDegraded).toBe(false);
  });

  test("it is sealed by itself where nothing was sold meanwhile", async () => {
    await openWithoutSigner("at-rksv", "2026-12-31T10:00:00Z");
    expect(await closeShiftAndDay()).toEqual([200, 200]);
    shop.clock.advance(2 * dayMs);
    await shop.service.delivery.deliver();
    expect(kinds()).toEqual(["start"]);
    shop = await shop.restart();
    await shop.service.delivery.deliver();
    expect(kinds()).toEqual(["start", "year"]);
    expect(await closingsDue()).toEqual([]);
  });

  test("a Norwegian Z of a day whose signer went is made up before the next shift", async () => {
    await openWithoutSigner("no-saft", "2026-11-23T09:00:00Z");
    expect(await closeShiftAndDay()).toEqual([200, 200]);
    expect(await closingsDue()).toMatchObject([{ period: "day" }]);
    shop = await shop.restart();
    shop.clock.advance(dayMs);
    expect(await openShift()).toBe(201);
    const events = shop.ownDocuments().map(({ text }) => /"event":"([^"]+)"/.exec(text)?.[1]);
    expect(events.filter((event) => event === "z-report")).toHaveLength(1);
    expect(await closingsDue()).toEqual([]);
  });

  test("a disk that fails is no closing that waits", async () => {
    shop = await startRegimeShop("at-rksv", "2026-12-31T10:00:00Z");
    await openShift();
    await shop.sell();
    await shop.api.post("/shifts/close", { counted: shop.money(0) });
    shop.replica.refusal = { type: "Failed", operation: "append", code: "EIO" };
    expect((await shop.api.post("/days/close")).status).toBeGreaterThanOrEqual(500);
    expect((await shop.api.post("/days/close")).status).toBe(200);
    expect(kinds()).toEqual(["start", "year"]);
  });
});

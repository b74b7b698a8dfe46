import { afterEach, describe, expect, test } from "vitest";
import { startRegimeShop, type RegimeShop } from "../testing/regime-shop.ts";
import { verifyTill } from "../till/verify.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

async function startSelling(startsAt?: string): Promise<void> {
  shop = await startRegimeShop("at-rksv", startsAt);
  await shop.api.post("/shifts", { float: shop.money(0) });
  expect((await shop.sell()).status).toBe(201);
}

function setClock(text: string): void {
  shop.clock.advance(Date.parse(text) - shop.clock.nowMs());
}

const confirm = () => shop.api.post("/fiscal/clock/confirm");
const clock = async () => (await shop.api.get("/fiscal")).body.clock;

describe("a clock that cannot be right", () => {
  test("of 2002 stops sealing, cannot be confirmed, and once it is put right all goes on", async () => {
    await startSelling();
    setClock("2002-01-01T00:00:00Z");
    const refused = await shop.sell();
    expect([refused.status, refused.body.code]).toEqual([409, "FiscalClock"]);
    expect(refused.body.detail).toContain("2002-01-01T01:00:00+01:00");
    expect(refused.body.detail).toContain("2026-11-23T10:00:00+01:00");
    expect((await confirm()).status).toBe(409);
    setClock("2026-11-23T09:10:00Z");
    expect((await shop.sell()).status).toBe(201);
    expect(await clock()).toBeNull();
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });

  test("is refused at the opening too, and keys are not made anew by it", async () => {
    shop = await startRegimeShop("at-rksv", "2002-01-01T00:00:00Z");
    const refused = await shop.api.post("/shifts", { float: shop.money(0) });
    expect([refused.status, refused.body.code]).toEqual([409, "FiscalClock"]);
    expect(shop.replica.held).toEqual([]);
    setClock("2026-11-23T09:00:00Z");
    expect((await shop.api.post("/shifts", { float: shop.money(0) })).status).toBe(201);
  });

  test("that went ahead and was put right is confirmed by a manager, for the next document only", async () => {
    await startSelling();
    shop.clock.advance(30 * 86_400_000);
    expect((await shop.sell()).status).toBe(201);
    setClock("2026-11-23T09:30:00Z");
    const refused = await shop.sell();
    expect([refused.status, refused.body.clock.code]).toEqual([409, "back"]);
    expect(refused.body.detail).toContain("confirm-clock");
    expect((await shop.as(["read", "sell"]).post("/fiscal/clock/confirm")).status).toBe(403);
    const confirmed = await confirm();
    expect(confirmed).toMatchObject({ status: 200, body: { clock: { isConfirmed: true } } });
    expect((await confirm()).status).toBe(200);
    const records = shop.replica.held.filter(({ entry }) => entry.kind === "fiscal");
    const [by] = records.slice(-1).map(({ entry }) => entry.by);
    expect(by).toHaveProperty("token");
    shop = await shop.restart();
    const sold = await shop.sell();
    expect([sold.status, sold.body.fiscal.at]).toEqual([201, "2026-11-23T10:30:00+01:00"]);
    expect(await clock()).toBeNull();
    expect((await shop.sell()).status).toBe(201);
    setClock("2026-11-23T09:00:00Z");
    expect((await shop.sell()).status).toBe(409);
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });

  test("is not one that is set back by minutes, nor the hour that autumn repeats", async () => {
    await startSelling("2026-10-25T00:30:00Z");
    shop.clock.advance(-4 * 60_000);
    expect((await shop.sell()).status).toBe(201);
    setClock("2026-10-25T01:20:00Z");
    const repeated = await shop.sell();
    expect([repeated.status, repeated.body.fiscal.at]).toEqual([201, "2026-10-25T02:20:00+01:00"]);
    expect((await confirm()).body).toEqual({ clock: null });
  });
});

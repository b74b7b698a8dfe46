import { afterEach, describe, expect, test } from "vitest";
import { startRegimeShop, type RegimeShop } from "../testing/regime-shop.ts";
import { verifyTill } from "../till/verify.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

interface Event {
  readonly event?: string;
  readonly amountMinor?: number;
  readonly cashier?: string;
  readonly transaction?: string;
}

function events(): readonly Event[] {
  return shop
    .ownDocuments()
    .map(({ text }) => JSON.parse(text) as Event)
    .filter(({ event }) => event !== undefined);
}

const names = () => events().map(({ event }) => event);

async function openShift(): Promise<void> {
  const opened = await shop.api.post("/shifts", { float: shop.money(50_000) });
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
}

describe("what Norway wants noted of a till", () => {
  test("float, drawer and cash are sealed right before the entries that they are about", async () => {
    shop = await startRegimeShop("no-saft");
    expect((await shop.api.post("/drawer", { reason: "change" })).status).toBe(201);
    await openShift();
    for (const [kind, minor] of [
      ["in", 1000],
      ["out", 700],
      ["drop", 300],
    ] as const) {
      const body = { kind, amount: shop.money(minor), reason: "till" };
      expect((await shop.api.post("/cash", body)).status).toBe(201);
    }
    expect(events().map(({ event, amountMinor }) => [event, amountMinor])).toEqual([
      ["drawer-opened", undefined],
      ["float-set", 50_000],
      ["cash-added", 1000],
      ["cash-withdrawn", 700],
      ["cash-withdrawn", 300],
    ]);
    const kinds = shop.replica.held.map(({ entry }) => entry.kind);
    expect(kinds).toEqual(
      ["fiscal", "drawer-opened", "shift-opened", "cash", "cash", "cash"].flatMap((kind) =>
        kind === "fiscal" ? [kind] : ["fiscal", kind],
      ),
    );
    expect(events()[0]?.cashier).toMatch(/^token:/);
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });

  test("a repeated request notes nothing more", async () => {
    shop = await startRegimeShop("no-saft");
    await openShift();
    const ask = (key: string) => shop.api.post("/drawer", {}, key);
    const answers = [await ask("once"), await ask("once")];
    expect(answers.map(({ status }) => status)).toEqual([201, 200]);
    expect(names()).toEqual(["float-set", "drawer-opened"]);
  });

  test("an X report on paper is sealed once a request, one that is looked at is not", async () => {
    shop = await startRegimeShop("no-saft");
    await openShift();
    await shop.sell();
    expect((await shop.api.get("/reports/x")).status).toBe(200);
    const asked = [
      await shop.api.post("/reports/x", {}, "x-1"),
      await shop.api.post("/reports/x", {}, "x-1"),
    ];
    expect(asked.map(({ status }) => status)).toEqual([200, 200]);
    const [first, again] = asked.map(({ body }) => body);
    expect(first.sales.count).toBe(1);
    expect(first.fiscal.lines).toContain("X-RAPPORT");
    expect(again.fiscal).toEqual(first.fiscal);
    expect(names()).toEqual(["float-set", "x-report"]);
  });

  test("a receipt is copied once, marked as a copy, and never again, not after a Z either", async () => {
    shop = await startRegimeShop("no-saft");
    await openShift();
    const { saleId, receiptNumber } = (await shop.sell()).body;
    const copied = await shop.api.post(`/sales/${saleId}/copies`, {}, "copy-1");
    expect(copied.status).toBe(200);
    expect(copied.body.fiscal.lines).toContain("KOPI");
    const again = await shop.api.post(`/sales/${saleId}/copies`, {}, "copy-1");
    expect(again.body).toEqual(copied.body);
    expect((await shop.api.post(`/sales/${saleId}/copies`)).body.code).toBe("FiscalRefused");
    await shop.api.post("/shifts/close", { counted: shop.money(50_290) });
    expect((await shop.api.post("/days/close")).status).toBe(200);
    shop = await shop.restart();
    expect((await shop.api.post(`/sales/${saleId}/copies`)).body.code).toBe("FiscalRefused");
    expect(events().filter(({ event }) => event === "copy")).toMatchObject([
      { transaction: receiptNumber, amountMinor: 290 },
    ]);
    expect((await shop.api.post("/sales/sale_none/copies")).status).toBe(404);
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });

  test("without its signer nothing of it is recorded", async () => {
    shop = await startRegimeShop("no-saft");
    await openShift();
    shop = await shop.restart({ isSignerOut: true });
    const before = shop.replica.held.length;
    const refused = await shop.api.post("/drawer");
    expect([refused.status, refused.body.code]).toEqual([503, "FiscalSignerOut"]);
    expect(shop.replica.held).toHaveLength(before);
  });

  test("elsewhere nothing is noted", async () => {
    shop = await startRegimeShop("at-rksv");
    expect((await shop.api.post("/drawer")).status).toBe(201);
    await openShift();
    await shop.api.post("/cash", { kind: "in", amount: shop.money(100), reason: "till" });
    const { saleId } = (await shop.sell()).body;
    expect((await shop.api.post(`/sales/${saleId}/copies`)).body).toEqual({ fiscal: null });
    expect((await shop.api.post("/reports/x")).body.fiscal).toBeNull();
    expect(shop.ownDocuments().map(({ kind }) => kind)).toEqual(["start"]);
  });
});

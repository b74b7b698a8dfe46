import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cash,
  gbp,
  startSellingService,
  startTestService,
  type TestService,
} from "../testing/test-service.ts";

const sale = { lines: [{ sku: "C1" }], tenders: cash(300) };

describe("a key makes a request once", () => {
  let shop: TestService;
  beforeAll(async () => {
    shop = await startSellingService();
  });
  afterAll(() => shop.stop());

  test("asked again: the first answer with 200, and nothing new", async () => {
    const first = await shop.api.post("/sales", sale, "again");
    const held = shop.replica.held.length;
    const second = await shop.api.post("/sales", sale, "again");
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect(shop.replica.held.length).toBe(held);
  });

  test("the order of members and white space do not make another body", async () => {
    await shop.api.post("/cash", { kind: "in", amount: gbp(100), reason: "float" }, "order");
    const again = await shop.api.post(
      "/cash",
      { reason: "float", amount: gbp(100), kind: "in" },
      "order",
    );
    expect(again.status).toBe(200);
  });

  test("another body, or another call, under a key that was used: 409, and nothing new", async () => {
    await shop.api.post("/sales", sale, "used");
    const held = shop.replica.held.length;
    const other = await shop.api.post("/sales", { ...sale, tenders: cash(400) }, "used");
    const elsewhere = await shop.api.post("/drawer", {}, "used");
    expect([other.status, other.body.code]).toEqual([409, "IdempotencyKeyReused"]);
    expect([elsewhere.status, elsewhere.body.code]).toEqual([409, "IdempotencyKeyReused"]);
    expect(shop.replica.held.length).toBe(held);
  });

  test("at once from twenty sides: one entry, one receipt", async () => {
    const held = shop.replica.held.length;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => shop.api.post("/sales", sale, "at-once")),
    );
    expect(answers.filter(({ status }) => status === 201).length).toBe(1);
    expect(answers.every(({ status }) => status < 300)).toBe(true);
    expect(new Set(answers.map(({ body }) => body.receiptNumber)).size).toBe(1);
    expect(shop.replica.held.length).toBe(held + 1);
  });

  test("a refusal uses no key up: the same key may succeed later", async () => {
    const refused = await shop.api.post("/sales", { ...sale, expectedTotal: gbp(1) }, "later");
    expect([refused.status, refused.body.code]).toEqual([409, "PriceChanged"]);
    expect((await shop.api.post("/sales", sale, "later")).status).toBe(201);
  });

  test("quotes record nothing and are given again", async () => {
    const held = shop.replica.held.length;
    const body = { lines: [{ sku: "C1", quantity: "2" }] };
    const first = await shop.api.post("/quotes", body, "quote");
    const second = await shop.api.post("/quotes", body, "quote");
    const other = await shop.api.post("/quotes", { lines: [{ sku: "T1" }] }, "quote");
    expect([first.status, second.status, other.status]).toEqual([200, 200, 409]);
    expect(second.body).toEqual(first.body);
    expect(shop.replica.held.length).toBe(held);
  });

  test("a publication is made once, also after a restart", async () => {
    const body = { prices: [{ sku: "C1", price: gbp(300) }] };
    const first = await shop.api.post("/hq/publications/prices", body, "prices");
    const said = shop.replica.said.length;
    const again = await shop.api.post("/hq/publications/prices", body, "prices");
    const restarted = await startTestService({ replica: shop.replica });
    const later = await restarted.api.post("/hq/publications/prices", body, "prices");
    const other = await restarted.api.post(
      "/hq/publications/taxes",
      { taxes: [{ taxCode: "x", name: "X", ratePercent: "1" }] },
      "prices",
    );
    await restarted.stop();
    expect([first.status, again.status, later.status, other.status]).toEqual([201, 200, 200, 409]);
    expect(later.body).toEqual(first.body);
    expect(shop.replica.said.length).toBe(said);
  });

  test("a large publication that was cut short is completed by asking again", async () => {
    const products = Array.from({ length: 1200 }, (_, i) => ({
      sku: `P${i}`,
      name: `Product ${i}`,
      taxCode: "zero",
    }));
    const whole = await startTestService();
    await whole.api.post("/hq/publications/catalogue", { products }, "large");
    expect(whole.replica.said.length).toBe(3);
    await whole.stop();

    // The first life ended after one part.
    const cut = await startTestService({ publications: whole.replica.said.slice(0, 1) });
    const done = await cut.api.post("/hq/publications/catalogue", { products }, "large");
    expect(done.status).toBe(201);
    expect(cut.replica.said.length).toBe(3);
    expect((await cut.api.get("/stock/P1199")).status).toBe(200);
    await cut.stop();
  });

  test("keys survive a restart and the loss of the projection", async () => {
    const first = await shop.api.post("/sales", sale, "survives");
    const restarted = await startTestService({ replica: shop.replica });
    const again = await restarted.api.post("/sales", sale, "survives");
    await restarted.stop();
    expect(again.status).toBe(200);
    expect(again.body).toEqual(first.body);
  });
});

describe("a key must be there and be one", () => {
  test("missing, empty, too long or not ASCII: 400", async () => {
    const shop = await startSellingService();
    const held = shop.replica.held.length;
    const codes = [];
    for (const key of [undefined, "", "x".repeat(201), "schlüssel", "a b"]) {
      const response = await fetch(`${shop.url}/api/v1/sales`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${shop.api.token}`,
          "content-type": "application/json",
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        body: JSON.stringify(sale),
      });
      codes.push([response.status, ((await response.json()) as { code: string }).code]);
    }
    expect(codes).toEqual([
      [400, "IdempotencyKeyMissing"],
      [400, "IdempotencyKeyInvalid"],
      [400, "IdempotencyKeyInvalid"],
      [400, "IdempotencyKeyInvalid"],
      [400, "IdempotencyKeyInvalid"],
    ]);
    expect(shop.replica.held.length).toBe(held);
    await shop.stop();
  });
});

describe("when the disk fails", () => {
  test("503 CommitFailed, retryable, and health says so; after a restart the same key sells once", async () => {
    const shop = await startSellingService();
    shop.replica.isBroken = true;
    const failed = await shop.api.post("/sales", sale, "unknown");
    expect([failed.status, failed.body.code, failed.body.retryable]).toEqual([
      503,
      "CommitFailed",
      true,
    ]);
    expect((await shop.api.get("/health")).status).toBe(503);
    await shop.stop();
    shop.replica.isBroken = false;
    const restarted = await startTestService({ replica: shop.replica });
    expect((await restarted.api.post("/sales", sale, "unknown")).status).toBe(201);
    expect((await restarted.api.post("/sales", sale, "unknown")).status).toBe(200);
    await restarted.stop();
  });
});

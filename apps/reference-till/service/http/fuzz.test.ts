import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSellingService, type TestService } from "../testing/test-service.ts";

let shop: TestService;
let sale: string;
let count: string;
beforeAll(async () => {
  shop = await startSellingService();
  const sold = await shop.api.post("/sales", {
    lines: [{ sku: "C1" }],
    tenders: [{ kind: "cash", amount: { minor: 290, currency: "GBP" } }],
  });
  sale = sold.body.saleId;
  count = (await shop.api.post("/stock/counts", {})).body.countId;
});
afterAll(() => shop.stop());

const paths = () => [
  "/sales",
  "/quotes",
  "/shifts",
  "/shifts/close",
  "/days/close",
  `/sales/${sale}/refunds`,
  `/sales/${sale}/refunds/quote`,
  `/sales/${sale}/reversal`,
  "/cash",
  "/drawer",
  "/stock/movements",
  "/stock/counts",
  `/stock/counts/${count}/lines`,
  "/stock/counts/none/close",
  "/hq/publications/catalogue",
  "/hq/publications/prices",
  "/hq/publications/taxes",
  "/hq/publications/staff",
  "/hq/publications/promotions",
  "/hq/publications/lists",
  "/hq/publications/policy",
];

// Values that are nearly right, so that some get past the schemas into the till.
const text = fc.oneof(
  fc.constantFrom(
    "C1",
    "T1",
    "2000",
    "1",
    "-1",
    "0",
    "1.5",
    "999999999999",
    "cash",
    "receipt",
    "transfer-in",
    "restock",
    "in",
    "GBP",
    "EUR",
    "2026-02-30",
    "standard",
    "\u0000",
    "\ud800",
    "__proto__",
    "",
  ),
  fc.string({ unit: "binary", maxLength: 80 }),
);
const number = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 0.5, 290, 1e12, 1e15, 2 ** 53, -(2 ** 53), 1e308),
  fc.integer(),
);
const money = fc.record({ minor: number, currency: text }, { requiredKeys: [] });
const line = fc.record(
  {
    sku: text,
    barcode: text,
    quantity: fc.oneof(text, number),
    lineId: text,
    price: money,
    taxCode: text,
    name: text,
    reason: text,
    comp: fc.boolean(),
    discount: fc.oneof(fc.record({ percent: text }), fc.record({ amount: money })),
  },
  { requiredKeys: [] },
);
const promotion = fc.record(
  {
    id: text,
    name: text,
    list: text,
    coupon: fc.oneof(text, number),
    effectiveFrom: text,
    rule: fc.record({
      kind: fc.constantFrom("percent", "amount", "set", "tiers", "basket", "x"),
      items: fc.record({ everything: fc.boolean(), skus: fc.array(text, { maxLength: 2 }) }),
      percentBp: number,
      amountMinor: number,
      parts: fc.array(fc.anything({ maxDepth: 2 }), { maxLength: 2 }),
    }),
    discountLimits: fc.dictionary(text, fc.record({ lineBp: number }), { maxKeys: 2 }),
    exchangeRates: fc.dictionary(text, fc.record({ numerator: number }), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
);
const member = fc.oneof(
  { maxDepth: 2 },
  text,
  number,
  fc.boolean(),
  fc.constant(null),
  money,
  line,
  fc.array(line, { maxLength: 5 }),
);
const body = fc.oneof(
  fc.record(
    {
      lines: fc.oneof(fc.array(line, { maxLength: 5 }), member),
      tenders: fc.oneof(
        fc.array(fc.record({ kind: text, amount: money }), { maxLength: 3 }),
        member,
      ),
      kind: text,
      sku: text,
      quantity: text,
      reason: text,
      amount: money,
      counted: fc.oneof(money, text),
      float: money,
      staff: fc.oneof(text, fc.array(member, { maxLength: 2 })),
      prices: fc.array(line, { maxLength: 3 }),
      products: fc.array(line, { maxLength: 3 }),
      taxes: fc.array(line, { maxLength: 3 }),
      expectedTotal: money,
      tip: money,
      quoteId: text,
      customerGroup: text,
      coupons: fc.array(text, { maxLength: 3 }),
      discount: fc.record({ percent: text, reason: text }),
      exempt: fc.record({ reason: text }),
      at: fc.oneof(text, fc.constantFrom("2026-11-22T16:00:00Z", "0000-01-01T00:00:00Z")),
      promotions: fc.array(fc.oneof(promotion, member), { maxLength: 3 }),
      lists: fc.array(fc.oneof(promotion, member), { maxLength: 3 }),
      policy: fc.oneof(promotion, member),
      goods: text,
      transfer: text,
      counterpart: text,
    },
    { requiredKeys: [] },
  ),
  fc.dictionary(text, member, { maxKeys: 6 }),
  fc.anything({ maxDepth: 4, withNullPrototype: false }),
);

describe("bad input of every kind", () => {
  test("never a 5xx; what is refused records nothing; what was recorded is still there", async () => {
    let keys = 0;
    const before = shop.replica.held.slice();
    await fc.assert(
      fc.asyncProperty(fc.nat(), body, async (index, json) => {
        const all = paths();
        keys += 1;
        const counts = [shop.replica.held.length, shop.replica.said.length];
        const answer = await shop.api.post(
          all[index % all.length] ?? "",
          json ?? null,
          `fuzz-${keys}`,
        );
        expect(answer.status).toBeLessThan(500);
        if (answer.status < 400) return;
        expect(answer.body).toMatchObject({
          status: answer.status,
          code: expect.any(String),
          retryable: false,
        });
        expect(Array.isArray(answer.body.errors)).toBe(true);
        // A forgotten day may be closed on the way to a refusal; nothing else is recorded.
        expect([shop.replica.held.length, shop.replica.said.length]).toEqual(counts);
      }),
      { numRuns: 1500 },
    );
    expect(shop.replica.held.slice(0, before.length)).toEqual(before);
    expect((await shop.api.get("/health")).status).toBe(200);
  });

  test("bytes instead of JSON never are a 5xx", async () => {
    const port = shop.service.port;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/sales`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${shop.api.token}`,
            "content-type": "application/json",
            "idempotency-key": "bytes",
          },
          body: new Uint8Array(bytes),
        });
        await response.arrayBuffer();
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });

  test("paths and queries from anywhere never are a 5xx", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("sales", "stock", "prices", "products", "entries", "exceptions", "taxes"),
        fc.string({ maxLength: 60 }),
        fc.constantFrom("cursor", "after", "limit", "query", "businessDate", "receiptNumber", "x"),
        async (path, value, name) => {
          const encoded = encodeURIComponent(value);
          const one = await shop.api.get(`/${path}/${encoded}`);
          const list = await shop.api.get(`/${path}?${name}=${encoded}`);
          expect(one.status).toBeLessThan(500);
          expect(list.status).toBeLessThan(500);
        },
      ),
      { numRuns: 300 },
    );
  });
});

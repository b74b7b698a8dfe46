import * as fc from "fast-check";
import { testClock } from "@tillmesh/kernel/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeReplica } from "../testing/fake-replica.ts";
import {
  cash,
  gbp,
  startSellingService,
  startTestService,
  stockShop,
  type TestService,
} from "../testing/test-service.ts";

const quantity = (milli: number) => (milli / 1000).toFixed(3);
const types = (items: readonly { readonly type: string }[]) => items.map(({ type }) => type);

describe("selling", () => {
  let shop: TestService;
  beforeAll(async () => {
    shop = await startSellingService();
  });
  afterAll(() => shop.stop());

  test("a sale says what it cost, by which publications, and what is due back", async () => {
    const { status, body } = await shop.api.post("/sales", {
      lines: [
        { barcode: "2000", quantity: "3" },
        { sku: "T1", quantity: "0.125" },
      ],
      tenders: cash(2000),
      expectedTotal: gbp(1645),
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      receiptNumber: "AAAA-1-000001",
      total: gbp(1645),
      change: gbp(355),
      lines: [
        {
          lineId: "1",
          sku: "C1",
          name: "Coffee",
          quantity: "3",
          amount: gbp(870),
          tax: gbp(145),
          ratePercent: "20",
        },
        { lineId: "2", sku: "T1", quantity: "0.125", amount: gbp(775), tax: gbp(0) },
      ],
      taxes: [
        { taxCode: "standard", ratePercent: "20", gross: gbp(870), net: gbp(725), tax: gbp(145) },
        { taxCode: "zero", ratePercent: "0", gross: gbp(775), net: gbp(775), tax: gbp(0) },
      ],
    });
  });

  test("underpaid, at another price, or in other money: refused, with what is missing", async () => {
    const held = shop.replica.held.length;
    const lines = [{ sku: "C1" }];
    const under = await shop.api.post("/sales", { lines, tenders: cash(289) });
    const other = await shop.api.post("/sales", {
      lines,
      tenders: cash(290),
      expectedTotal: gbp(280),
    });
    const empty = await shop.api.post("/sales", { lines: [], tenders: cash(290) });
    expect([under.status, under.body.code, under.body.missing]).toEqual([422, "Underpaid", gbp(1)]);
    expect([other.status, other.body.code]).toEqual([409, "PriceChanged"]);
    expect([other.body.total, other.body.expectedTotal]).toEqual([gbp(290), gbp(280)]);
    expect(empty.status).toBe(400);
    expect(shop.replica.held.length).toBe(held);
  });

  test("numbers have no gap and no duplicate, refunds and reversals included", async () => {
    const numbers: string[] = [];
    const first = await shop.api.post("/sales", {
      lines: [{ sku: "C1", quantity: "2" }],
      tenders: cash(580),
    });
    const refund = await shop.api.post(`/sales/${first.body.saleId}/refunds`, {
      lines: [{ sku: "C1", quantity: "1" }],
      tenders: cash(290),
      reason: "cold",
      goods: "waste",
    });
    const reversal = await shop.api.post(`/sales/${first.body.saleId}/reversal`, {
      reason: "mistake",
    });
    for (const { body } of [first, refund, reversal]) numbers.push(body.receiptNumber);
    const after = numbers.map((number) => Number(number.slice(-6)));
    expect(after[1]).toBe((after[0] ?? 0) + 1);
    expect(after[2]).toBe((after[0] ?? 0) + 2);
  });
});

describe("giving back", () => {
  test("the parts of a refund add up to the whole, never more", async () => {
    const shop = await startSellingService();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5000 }),
        fc.array(fc.integer({ min: 1, max: 2500 }), { minLength: 1, maxLength: 4 }),
        async (soldMilli, parts) => {
          const sale = await shop.api.post("/sales", {
            lines: [{ sku: "T1", quantity: quantity(soldMilli) }],
            tenders: cash(100_000),
          });
          let [left, given] = [soldMilli, 0];
          for (const milli of parts) {
            const answer = await shop.api.post(`/sales/${sale.body.saleId}/refunds`, {
              lines: [{ lineId: "1", quantity: quantity(milli) }],
              reason: "back",
              goods: "restock",
            });
            expect(answer.status).toBe(milli <= left ? 201 : 409);
            if (answer.status === 201) {
              left -= milli;
              given += answer.body.total.minor;
            } else expect(answer.body.code).toBe(left === 0 || milli > left ? "MoreThanSold" : "");
          }
          const rest = await shop.api.post(`/sales/${sale.body.saleId}/reversal`, {
            reason: "rest",
          });
          expect(rest.status).toBe(left === 0 ? 409 : 201);
          if (rest.status === 201) given += rest.body.total.minor;
          expect(given).toBe(sale.body.total.minor);
        },
      ),
      { numRuns: 25 },
    );
    await shop.stop();
  });

  test("another till's sale can be refunded once it is here, not before; refunds made apart are kept and raised", async () => {
    const first = await startSellingService();
    const publications = first.replica.said;
    const second = await startTestService({
      device: "dev_b",
      code: "BBBB",
      roles: ["till"],
      publications,
    });
    await second.api.post("/shifts", { float: gbp(10_000) });
    const sale = await first.api.post("/sales", {
      lines: [{ sku: "C1", quantity: "2" }],
      tenders: cash(580),
    });
    const refund = {
      lines: [{ sku: "C1", quantity: "2" }],
      tenders: cash(580),
      reason: "back",
      goods: "restock",
    };
    const early = await second.api.post(`/sales/${sale.body.saleId}/refunds`, refund);
    expect([early.status, early.body.code]).toEqual([404, "NotKnownHere"]);

    second.replica.deliver(first.replica.held);
    const late = await second.api.post(`/sales/${sale.body.saleId}/refunds`, refund);
    expect([late.status, late.body.receiptNumber]).toEqual([201, "BBBB-1-000001"]);
    const same = await first.api.post(`/sales/${sale.body.saleId}/refunds`, refund);
    expect(same.status).toBe(201);

    first.replica.deliver(second.replica.held.filter(({ entry }) => entry.device === "dev_b"));
    const { body } = await first.api.get("/exceptions");
    expect(types(body.items)).toContain("OverRefund");
    const found = await first.api.get(`/sales/${sale.body.saleId}`);
    expect(found.body.refunds.length).toBe(2);
    expect(found.body.lines[0].remaining).toBe("-2");
    await first.stop();
    await second.stop();
  });
});

describe("shifts and days", () => {
  test("nothing is sold without a shift; two are not open at once; the count says the difference", async () => {
    const shop = await startTestService();
    await stockShop(shop.api);
    const sale = { lines: [{ sku: "C1" }], tenders: cash(290) };
    expect((await shop.api.post("/sales", sale)).body.code).toBe("NoOpenShift");
    const opened = await shop.api.post("/shifts", { float: gbp(5000) });
    expect([opened.status, opened.body.staff.name]).toEqual([201, "Maya"]);
    expect((await shop.api.post("/shifts", { float: gbp(5000) })).body.code).toBe(
      "ShiftAlreadyOpen",
    );
    expect((await shop.api.post("/days/close")).body.code).toBe("ShiftAlreadyOpen");
    await shop.api.post("/sales", sale);
    await shop.api.post("/cash", { kind: "drop", amount: gbp(1000), reason: "safe" });
    const closed = await shop.api.post("/shifts/close", { counted: gbp(4300) });
    expect(closed.status).toBe(200);
    expect([closed.body.expected, closed.body.difference]).toEqual([gbp(4290), gbp(10)]);
    const z = await shop.api.post("/days/close");
    expect([z.status, z.body.zNumber, z.body.report.sales.count]).toEqual([200, 1, 1]);
    expect((await shop.api.post("/days/close")).body.code).toBe("NothingToClose");
    await shop.stop();
  });

  test("a forgotten day gets its Z when the next shift opens", async () => {
    const clock = testClock(Date.parse("2026-11-22T10:00:00Z"));
    const shop = await startSellingService({ clock });
    await shop.api.post("/sales", { lines: [{ sku: "C1" }], tenders: cash(290) });
    await shop.api.post("/shifts/close", { counted: gbp(10_290) });
    clock.advance(24 * 3_600_000);
    const opened = await shop.api.post("/shifts", { float: gbp(100) }, "next-day");
    expect([opened.status, opened.body.businessDate]).toEqual([201, "2026-11-23"]);
    const kinds = shop.replica.held.slice(-2).map(({ entry }) => [entry.kind, entry.businessDate]);
    expect(kinds).toEqual([
      ["z", "2026-11-22"],
      ["shift-opened", "2026-11-23"],
    ]);
    expect((await shop.api.post("/shifts", { float: gbp(100) }, "next-day")).status).toBe(200);
    expect((await shop.api.get("/reports/x")).body.sales.count).toBe(0);
    await shop.stop();
  });

  test("a sale after midnight belongs to the shift's day", async () => {
    const clock = testClock(Date.parse("2026-11-22T23:50:00Z"));
    const shop = await startSellingService({ clock });
    clock.advance(20 * 60_000);
    const sale = await shop.api.post("/sales", { lines: [{ sku: "C1" }], tenders: cash(290) });
    expect(sale.body.businessDate).toBe("2026-11-22");
    await shop.stop();
  });
});

describe("stock", () => {
  test("sold is sold: the level goes below zero, and comes back", async () => {
    const shop = await startSellingService();
    const level = async () => (await shop.api.get("/stock/C1")).body.locations[0].onHand;
    await shop.api.post("/sales", { lines: [{ sku: "C1", quantity: "2" }], tenders: cash(580) });
    expect(await level()).toBe("-2");
    expect(types((await shop.api.get("/exceptions")).body.items)).toEqual(["OversellRaised"]);
    await shop.api.post("/stock/movements", { kind: "receipt", sku: "C1", quantity: "12" });
    expect(await level()).toBe("10");
    expect((await shop.api.get("/exceptions")).body.items).toEqual([]);
    await shop.api.post("/stock/movements", {
      kind: "waste",
      lines: [{ sku: "C1" }, { sku: "C1", quantity: "2" }],
    });
    await shop.api.post("/stock/movements", { kind: "adjustment", sku: "C1", quantity: "-1" });
    expect(await level()).toBe("6");
    await shop.stop();
  });

  test("[POS-29] a count rules over what it saw, once, however often it is repeated", async () => {
    const shop = await startSellingService();
    await shop.api.post("/stock/movements", { kind: "receipt", sku: "C1", quantity: "10" });
    const { body } = await shop.api.post("/stock/counts", { note: "evening" });
    for (let i = 0; i < 2; i += 1) {
      const line = await shop.api.post(`/stock/counts/${body.countId}/lines`, {
        sku: "C1",
        counted: "30",
      });
      expect(line.status).toBe(201);
    }
    await shop.api.post("/sales", { lines: [{ sku: "C1" }], tenders: cash(290) });
    expect((await shop.api.get("/stock/C1")).body.locations[0].onHand).toBe("29");
    expect((await shop.api.post(`/stock/counts/${body.countId}/close`)).status).toBe(201);
    const late = await shop.api.post(`/stock/counts/${body.countId}/lines`, {
      sku: "C1",
      counted: "1",
    });
    expect([late.status, late.body.code]).toEqual([409, "CountClosed"]);
    await shop.stop();
  });

  test("counts made apart: one is in force, and a recount is raised", async () => {
    const first = await startSellingService();
    const second = await startTestService({
      device: "dev_b",
      code: "BBBB",
      publications: first.replica.said,
    });
    for (const [shop, counted] of [
      [first, "7"],
      [second, "9"],
    ] as const) {
      const { body } = await shop.api.post("/stock/counts");
      await shop.api.post(`/stock/counts/${body.countId}/lines`, { sku: "C1", counted });
    }
    const [ofFirst, ofSecond] = [[...first.replica.held], [...second.replica.held]];
    first.replica.deliver(ofSecond);
    second.replica.deliver(ofFirst);
    const levels = [];
    for (const shop of [first, second]) {
      levels.push((await shop.api.get("/stock/C1")).body.locations[0].onHand);
      expect(types((await shop.api.get("/exceptions")).body.items)).toContain("RecountNeeded");
    }
    expect(levels[0]).toBe(levels[1]);
    await first.stop();
    await second.stop();
  });
});

describe("who may", () => {
  test("a till publishes nothing, headquarters alone sells nothing", async () => {
    const first = await startSellingService();
    const till = await startTestService({
      device: "dev_b",
      code: "BBBB",
      roles: ["till"],
      publications: first.replica.said,
    });
    const hq = await startTestService({
      device: "dev_c",
      code: "CCCC",
      roles: ["hq"],
      publications: first.replica.said,
    });
    const refused = await till.api.post("/hq/publications/prices", {
      prices: [{ sku: "C1", price: gbp(1) }],
    });
    expect([refused.status, refused.body.code]).toEqual([403, "NotHq"]);
    const shift = await hq.api.post("/shifts", { float: gbp(1) });
    expect([shift.status, shift.body.code]).toEqual([403, "NotTill"]);
    for (const shop of [first, till, hq]) await shop.stop();
  });

  test("a price from a day on counts from that day on", async () => {
    const clock = testClock(Date.parse("2026-11-22T10:00:00Z"));
    const shop = await startTestService({ clock });
    await stockShop(shop.api);
    const prices = [{ sku: "C1", price: gbp(350), effectiveFrom: "2026-11-23" }];
    expect((await shop.api.post("/hq/publications/prices", { prices })).status).toBe(201);
    expect((await shop.api.get("/prices/C1")).body.price).toEqual(gbp(290));
    clock.advance(24 * 3_600_000);
    const { body } = await shop.api.get("/prices/C1");
    expect([body.price, body.publication.effectiveFrom]).toEqual([gbp(350), "2026-11-23"]);
    await shop.stop();
  });
});

describe("a start", () => {
  test("knows the open shift, the next number and every key", async () => {
    const first = await startSellingService();
    const sale = { lines: [{ sku: "C1" }], tenders: cash(290) };
    await first.api.post("/sales", sale, "before");
    await first.stop();
    const { held, said } = first.replica;
    const replica = new FakeReplica({
      clock: { nowMs: () => Date.now() },
      held,
      publications: said,
    });
    for (const directory of [first.directory, undefined]) {
      const again = await startTestService({
        replica,
        ...(directory === undefined ? {} : { directory }),
      });
      expect((await again.api.post("/sales", sale, "before")).status).toBe(200);
      const number = `AAAA-1-00000${directory === undefined ? 3 : 2}`;
      expect((await again.api.post("/sales", sale)).body.receiptNumber).toBe(number);
      await again.stop();
    }
  });
});

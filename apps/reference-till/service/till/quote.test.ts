import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  happyHour,
  published,
  startPricedShop,
  threeBakes,
  welcome,
  type PricedShop,
} from "../testing/priced-shop.ts";
import { cash, gbp, startTestService } from "../testing/test-service.ts";

let shop: PricedShop;
beforeAll(async () => {
  shop = await startPricedShop();
  await published(shop.api, "promotions", { promotions: [threeBakes, happyHour, welcome] });
});
afterAll(() => shop.stop());

const buns = { sku: "BUN", quantity: "3" };
const line = (lines: readonly { readonly lineId: string }[], id: string) =>
  lines.find(({ lineId }) => lineId === id);

describe("a quote", () => {
  test("says what was taken off each line, by which promotion, and what is due", async () => {
    const { status, body } = await shop.api.post("/quotes", { lines: [buns, { sku: "COF" }] });
    expect(status).toBe(200);
    const [first, second] = body.lines;
    expect(first).toMatchObject({ listAmount: gbp(597), amount: gbp(398), tax: gbp(67) });
    expect(first.discounts).toMatchObject([
      { kind: "promotion", id: "three-bakes", name: "3 bakes for 2", amount: gbp(199) },
    ]);
    expect(first.discounts[0].publication).toMatch(/^pub_/);
    expect(second.discounts).toEqual([]);
    expect(body.discounts).toMatchObject([{ id: "three-bakes", times: 1, amount: gbp(199) }]);
    expect(body.totals).toEqual({
      list: gbp(887),
      discount: gbp(199),
      net: gbp(573),
      tax: gbp(115),
      total: gbp(688),
    });
    expect([body.total, body.isExact, body.rejectedCoupons]).toEqual([gbp(688), true, []]);
    expect(body.cashRounding).toBeUndefined();
  });

  test("for later has the promotions of then; a coupon that has no effect is told", async () => {
    const asked = { lines: [{ sku: "COF", quantity: "2" }], coupons: ["NIX"] };
    const now = await shop.api.post("/quotes", asked);
    const later = await shop.api.post("/quotes", { ...asked, at: "2026-11-23T16:00:00Z" });
    expect([now.body.total, later.body.total]).toEqual([gbp(580), gbp(522)]);
    expect(later.body.rejectedCoupons).toEqual([{ code: "NIX", reason: "unknown" }]);
    const wrong = await shop.api.post("/quotes", { ...asked, at: "tomorrow" });
    expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([422, "/at"]);
  });

  test("has deposits, typed prices, and the tax of what is taken away", async () => {
    const { body } = await shop.api.post("/quotes", {
      lines: [
        { sku: "WAT", quantity: "2" },
        { sku: "GIF", price: gbp(2500) },
        { sku: "BUN", serving: "take-away" },
        { sku: "BUN" },
      ],
    });
    expect(line(body.lines, "1.1")).toMatchObject({ sku: "DEP", amount: gbp(50), linkedTo: "1" });
    expect(line(body.lines, "2")).toMatchObject({ amount: gbp(2500), isOpenPrice: true });
    expect([line(body.lines, "3"), line(body.lines, "4")]).toMatchObject([
      { taxCode: "zero", tax: gbp(0) },
      { taxCode: "standard", tax: gbp(33) },
    ]);
    const exempt = await shop.api.post("/quotes", {
      lines: [{ sku: "COF" }],
      exempt: { reason: "embassy" },
    });
    expect(exempt.body).toMatchObject({ total: gbp(242), totals: { tax: gbp(0) } });
    const sale = await shop.api.post("/sales", {
      lines: [{ sku: "COF" }],
      exempt: { reason: "embassy" },
      tenders: cash(242),
    });
    expect(sale.body).toMatchObject({ total: gbp(242), exemption: { reason: "embassy" } });
  });

  test("a list for a group counts for the group; why a price is what it is can be asked", async () => {
    await published(shop.api, "lists", {
      lists: [
        {
          list: "members",
          name: "Members",
          basis: "inclusive",
          locations: null,
          customerGroups: ["members"],
          priority: 0,
        },
      ],
    });
    await published(shop.api, "prices", {
      prices: [
        { sku: "COF", price: gbp(250), list: "members" },
        { sku: "COF", price: gbp(270), minQuantity: "10" },
      ],
    });
    const lines = [{ sku: "COF" }];
    const { body } = await shop.api.post("/quotes", { lines, customerGroup: "members" });
    expect(body.lines[0]).toMatchObject({ list: "members", amount: gbp(250) });
    const why = await shop.api.get("/prices/COF/why?quantity=10");
    expect(why.body.price).toEqual(gbp(270));
    expect(
      why.body.candidates.map((one: { list: string; verdict: string }) => [one.list, one.verdict]),
    ).toEqual([
      ["standard", "dearer"],
      ["standard", "chosen"],
      ["members", "list-elsewhere"],
    ]);
    expect(why.body.candidates[1].publication.publisher.id).toBe("dev_a");
    const asMember = await shop.api.get("/prices/COF/why?customerGroup=members");
    expect(asMember.body.candidates[0]).toMatchObject({ list: "members", isWinner: true });
    expect((await shop.api.get("/prices/NIX/why")).status).toBe(404);
    expect((await shop.api.get("/prices/COF/why?quantity=x")).status).toBe(400);
  });
});

describe("sold as quoted", () => {
  const asked = { lines: [buns, { sku: "WAT" }] };

  test("also when prices changed meanwhile; without its lines too, and once", async () => {
    const { body: quoted } = await shop.api.post("/quotes", asked);
    await published(shop.api, "prices", { prices: [{ sku: "WAT", price: gbp(999) }] });
    const paid = { tenders: cash(1000), expectedTotal: quoted.total, quoteId: quoted.quoteId };
    const sold = await shop.api.post("/sales", { ...asked, ...paid }, "quoted");
    expect([sold.status, sold.body.total, sold.body.quoteId]).toEqual([
      201,
      gbp(573),
      quoted.quoteId,
    ]);
    expect(sold.body.discounts).toMatchObject([{ id: "three-bakes", amount: gbp(199) }]);
    expect(sold.body.totals).toEqual(quoted.totals);
    const again = await shop.api.post("/sales", { ...asked, ...paid }, "quoted");
    expect([again.status, again.body.saleId]).toEqual([200, sold.body.saleId]);
    const bare = await shop.api.post("/sales", paid);
    expect([bare.status, bare.body.total]).toEqual([201, gbp(573)]);
    await published(shop.api, "prices", { prices: [{ sku: "WAT", price: gbp(150) }] });
  });

  test("another basket, another role, another day: priced anew", async () => {
    const lines = [{ sku: "WAT", discount: { percent: "50" }, reason: "dented" }];
    const { body: quoted } = await shop.api.post("/quotes", { lines });
    expect(quoted.total).toEqual(gbp(100));
    const named = { tenders: cash(1000), quoteId: quoted.quoteId };
    const more = await shop.api.post("/sales", { ...named, lines: [...lines, { sku: "COF" }] });
    expect(more.body.total).toEqual(gbp(390));
    const cashier = await shop.cashier.post("/sales", named);
    expect([cashier.status, cashier.body.code]).toEqual([403, "DiscountAboveLimit"]);
  });

  test("not after an hour, nor of what was asked for another time", async () => {
    const later = await shop.api.post("/quotes", { ...asked, at: "2026-11-23T16:00:00Z" });
    const now = await shop.api.post("/quotes", asked);
    const sale = (quoteId: string) => shop.api.post("/sales", { tenders: cash(1000), quoteId });
    expect((await sale(later.body.quoteId)).body.code).toBe("QuoteNotKnown");
    shop.clock.advance(3_600_001);
    expect((await sale(now.body.quoteId)).body.code).toBe("QuoteNotKnown");
    const missing = await shop.api.post("/sales", { tenders: cash(1000) });
    expect(missing.status).toBe(400);
  });
});

describe("what a person takes off", () => {
  const off = { discount: { percent: "10" }, reason: "stale" };

  test("needs a reason and a role; without a policy a cashier takes nothing off", async () => {
    const lines = [{ sku: "COF", ...off }];
    const refused = await shop.cashier.post("/quotes", { lines });
    expect([refused.status, refused.body.code]).toEqual([403, "DiscountAboveLimit"]);
    expect(refused.body).toMatchObject({
      role: "cashier",
      limitPercent: "0",
      allowedRoles: ["manager"],
    });
    const { body } = await shop.api.post("/quotes", { lines });
    expect(body.lines[0].discounts).toEqual([
      { kind: "line", id: "", name: "stale", amount: gbp(29), publication: null },
    ]);
    const silent = await shop.api.post("/quotes", {
      lines: [
        { sku: "COF", comp: true },
        { sku: "COF", price: gbp(100) },
      ],
    });
    expect(silent.body.code).toBe("ReasonRequired");
    expect(silent.body.errors.map((one: { pointer: string }) => one.pointer)).toEqual([
      "/lines/0/reason",
      "/lines/1/reason",
    ]);
  });

  test("up to the limit that is published, and told to whoever asks", async () => {
    const limit = { lineBp: 1000, orderBp: 500, overrideBp: 0, canComp: false };
    const all = { lineBp: 10_000, orderBp: 10_000, overrideBp: 10_000, canComp: true };
    const policy = { name: "Shop", discountLimits: { cashier: limit, manager: all } };
    await published(shop.api, "policy", { policy });
    const lines = [{ sku: "COF", ...off }];
    expect((await shop.cashier.post("/quotes", { lines })).body.total).toEqual(gbp(261));
    const order = { lines, discount: { percent: "6", reason: "friend" } };
    const tooMuch = await shop.cashier.post("/quotes", order);
    expect([tooMuch.status, tooMuch.body.errors[0].pointer]).toEqual([403, "/discount"]);
    expect((await shop.api.post("/quotes", order)).body.total).toEqual(gbp(245));
    expect((await shop.cashier.get("/pricing")).body).toMatchObject({
      role: "cashier",
      limits: { linePercent: "10", orderPercent: "5", overridePercent: "0", canComp: false },
      mayAbove: ["manager"],
      customerGroups: ["members"],
      hasServing: true,
      cashRounding: null,
    });
    await published(shop.api, "policy", { policy: null });
  });

  test("overrides and comps are told on the receipt", async () => {
    const { body } = await shop.api.post("/sales", {
      lines: [
        { sku: "COF", price: gbp(200), reason: "cold" },
        { sku: "COF", comp: true, reason: "spilt" },
      ],
      tenders: cash(200),
    });
    expect(body.lines[0].override).toEqual({
      listPrice: gbp(290),
      reason: "cold",
      reasonCode: "",
    });
    expect(body.lines[1]).toMatchObject({ amount: gbp(0), discounts: [{ kind: "comp" }] });
    expect(body.total).toEqual(gbp(200));
  });
});

describe("at other tills", () => {
  test("a promotion that headquarters publishes counts where it arrives", async () => {
    const till = await startTestService({
      device: "dev_b",
      code: "BBBB",
      roles: ["till"],
      publications: shop.replica.said,
    });
    const { body } = await till.api.post("/quotes", { lines: [buns] });
    expect(body.total).toEqual(gbp(398));
    await till.stop();
  });
});

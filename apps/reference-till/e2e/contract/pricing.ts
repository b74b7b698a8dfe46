/**
 * Promotions, discounts, price lists, several ways of paying, and what goes back of it all.
 *
 * After the tills' days are closed: a shift of its own, in which not everything is cash.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import {
  cash,
  gbp,
  type Money,
  type Page,
  type Problem,
  type Quote,
  type Refund,
  type Report,
  type Sale,
} from "../harness/answers.ts";
import { must, type Api } from "../harness/api.ts";
import { eventually } from "../harness/eventually.ts";
import { writeText } from "../harness/folders.ts";
import { tillmesh, tillmeshDone } from "../harness/programs.ts";
import { ledgerLength, type Cases } from "./pair.ts";

const threeForTwo = {
  id: "three-for-two",
  name: "3 snacks for 2",
  rule: { kind: "x-for-y", items: { skus: ["SNK"] }, quantity: 3, payFor: 2 },
};

const welcome = {
  id: "welcome",
  name: "Welcome",
  coupon: "WELCOME",
  rule: {
    kind: "basket",
    items: { everything: true },
    fromMinor: 0,
    reduction: { kind: "percent", percentBp: 1000 },
  },
};

const policy = {
  name: "Corner Shops",
  cashRounding: { stepMinor: 5, mode: "half-up" },
  discountLimits: {
    manager: { lineBp: 10_000, orderBp: 10_000, overrideBp: 10_000, canComp: true },
    cashier: { lineBp: 1000, orderBp: 0, overrideBp: 0, canComp: false },
  },
};

const snacks = { lines: [{ sku: "SNK", quantity: "3" }] };

export const pricingCases: Cases = {
  "a promotion of headquarters changes the total at another till, and says why": async ({
    tills: [one, two],
  }) => {
    const promotions = [threeForTwo, welcome];
    for (const { api } of [one, two]) must(await api.post("/shifts", { float: gbp(10_000) }), 201);
    const path = "/hq/publications/promotions";
    expect(await two.api.post(path, { promotions })).toMatchObject({
      status: 403,
      body: { code: "NotHq" },
    });
    const before = must(await two.api.post<Quote>("/quotes", snacks), 200);
    expect([before.total, before.discounts]).toEqual([gbp(315), []]);
    const key = randomUUID();
    const published = must(await one.api.post(path, { promotions }, { key }), 201);
    expect(must(await one.api.post(path, { promotions }, { key }), 200)).toEqual(published);
    await eventually("the promotion at the Harbour", async () => {
      const { total } = must(await two.api.post<Quote>("/quotes", snacks), 200);
      return total.minor === 210 ? true : undefined;
    });
    const asked = { ...snacks, coupons: ["WELCOME", "NIX"] };
    const quote = must(await two.api.post<Quote>("/quotes", asked), 200);
    expect(quote.lines[0]).toMatchObject({ listAmount: gbp(315), amount: gbp(189) });
    expect(quote.lines[0]?.discounts).toMatchObject([
      { kind: "promotion", id: "three-for-two", name: "3 snacks for 2", amount: gbp(105) },
      { kind: "promotion", id: "welcome", amount: gbp(21), publication: expect.any(String) },
    ]);
    expect(quote.discounts).toMatchObject([
      { id: "three-for-two", times: 1 },
      { id: "welcome", times: 1 },
    ]);
    expect(quote.totals).toEqual({
      list: gbp(315),
      discount: gbp(126),
      net: gbp(180),
      tax: gbp(9),
      total: gbp(189),
    });
    expect(quote.rejectedCoupons).toEqual([{ code: "NIX", reason: "unknown" }]);
    const { items } = must(await two.api.get<Page<object>>("/promotions"), 200);
    expect(items).toMatchObject([
      {
        id: "three-for-two",
        kind: "x-for-y",
        isActive: true,
        publication: { id: expect.any(String) },
      },
      { id: "welcome", coupon: "WELCOME" },
    ]);
  },

  "a faulty promotion is refused with every fault": async ({ tills: [{ api }] }) => {
    const promotions = [
      threeForTwo,
      { ...threeForTwo, rule: { kind: "percent", items: { skus: ["NIX"] }, percentBp: 1000 } },
      {
        ...welcome,
        id: "x",
        effectiveFrom: "2026-13-01",
        rule: { ...welcome.rule, fromMinor: -1 },
      },
    ];
    const answer = await api.post<Problem>("/hq/publications/promotions", { promotions });
    expect([answer.status, answer.body.code]).toEqual([422, "InvalidPublication"]);
    expect(answer.body.errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      "/promotions/1/id",
      "/promotions/1/rule/items/skus/0",
      "/promotions/2/effectiveFrom",
      "/promotions/2/rule/fromMinor",
    ]);
    const { items } = must(await api.get<Page<object>>("/promotions"), 200);
    expect(items).toHaveLength(2);
  },

  "a quote is sold as quoted after prices changed, once": async ({ tills: [{ api }] }) => {
    const quote = must(await api.post<Quote>("/quotes", snacks), 200);
    const dearer = { prices: [{ sku: "SNK", price: gbp(200) }] };
    must(await api.post("/hq/publications/prices", dearer), 201);
    const { quoteId, total } = quote;
    const body = { quoteId, tenders: cash(500), expectedTotal: total };
    const key = randomUUID();
    const sale = must(await api.post<Sale>("/sales", body, { key }), 201);
    expect([sale.total, sale.totals, sale.change]).toEqual([gbp(210), quote.totals, gbp(290)]);
    const length = await ledgerLength(api);
    expect(must(await api.post<Sale>("/sales", body, { key }), 200)).toEqual(sale);
    expect(await ledgerLength(api)).toBe(length);
    const other = { ...snacks, tenders: cash(500), expectedTotal: total, quoteId: "quote_nobodys" };
    expect(await api.post("/sales", other)).toMatchObject({
      status: 409,
      body: { code: "PriceChanged", total: gbp(400) },
    });
    const { tenders } = body;
    expect(await api.post("/sales", { tenders, quoteId: "quote_nobodys" })).toMatchObject({
      status: 409,
      body: { code: "QuoteNotKnown" },
    });
    const again = { prices: [{ sku: "SNK", price: gbp(105) }] };
    must(await api.post("/hq/publications/prices", again), 201);
  },

  "by card and in cash with a tip; only what is paid in cash is rounded": async ({
    tills: [{ api }],
  }) => {
    must(await api.post("/hq/publications/policy", { policy }), 201);
    const lines = [{ sku: "CHE", quantity: "0.333" }];
    const quote = must(await api.post<Quote>("/quotes", { lines }), 200);
    expect(quote.cashRounding).toEqual({ total: gbp(415), rounding: gbp(-1) });
    const byCard = { kind: "card", amount: gbp(300), reference: "4242" };
    const tenders = [byCard, ...cash(500)];
    const split = must(await api.post<Sale>("/sales", { lines, tenders, tip: gbp(100) }), 201);
    expect(split).toMatchObject({
      total: gbp(416),
      rounding: gbp(-1),
      tip: gbp(100),
      change: gbp(285),
      tenders: [
        { ...byCard, tip: gbp(100) },
        { kind: "cash", amount: gbp(500) },
      ],
    });
  },

  "a refund in steps gives back exactly the whole, as it was paid": async ({
    tills: [{ api }],
  }) => {
    const lines = [
      { sku: "SNK", quantity: "3" },
      { sku: "CHE", quantity: "0.333" },
    ];
    const tenders = [{ kind: "card", amount: gbp(300) }, ...cash(1000)];
    const asked = { lines, coupons: ["WELCOME"], tenders };
    const sale = must(await api.post<Sale>("/sales", asked), 201);
    const path = `/sales/${sale.saleId}/refunds`;
    const steps = [
      [{ sku: "SNK", quantity: "1" }],
      [
        { sku: "CHE", quantity: "0.1" },
        { sku: "SNK", quantity: "1" },
      ],
      [{ sku: "CHE" }, { sku: "SNK" }],
    ];
    const refunds: Refund[] = [];
    for (const step of steps) {
      const told = must(await api.post<Refund>(`${path}/quote`, { lines: step }), 200);
      const body = { lines: step, reason: "back", goods: "restock" };
      const refund = must(await api.post<Refund>(path, body), 201);
      const { total, taxes } = told;
      expect(refund).toMatchObject({ total, taxes, tenders: told.tenders, lines: told.lines });
      refunds.push(refund);
    }
    expect(sumOf(refunds.map(({ total }) => total))).toBe(sale.total.minor);
    expect(sumOf(refunds.map(({ rounding = gbp(0) }) => rounding))).toBe(sale.rounding?.minor ?? 0);
    const back = refunds.flatMap((refund) => refund.tenders);
    const byKind = (kind: string) =>
      sumOf(back.filter((one) => one.kind === kind).map(({ amount }) => amount));
    expect(byKind("card")).toBe(300);
    expect(byKind("cash")).toBe(1000 - sale.change.minor);
    for (const id of ["three-for-two", "welcome"]) {
      expect(offBy(id, refunds)).toBe(offBy(id, [sale]));
    }
    const more = await api.post(path, { lines: [{ sku: "SNK" }], reason: "x", goods: "waste" });
    expect(more).toMatchObject({ status: 409, body: { code: "MoreThanSold" } });
  },

  "who may take off how much is published; a manager may more": async ({ tills: [{ api }] }) => {
    const cara = await signedIn(api, { pin: "482913", staff: "Cara" });
    expect(must(await cara.get("/pricing"), 200)).toMatchObject({
      role: "cashier",
      limits: { linePercent: "10", canComp: false },
      mayAbove: ["manager"],
      cashRounding: { step: gbp(5) },
    });
    const small = must(await cara.post<Quote>("/quotes", reduced("10")), 200);
    expect(small.lines[0]?.discounts).toMatchObject([{ kind: "line", name: "cold" }]);
    const tenders = [{ kind: "card", amount: gbp(214) }];
    const large = await cara.post<Problem>("/sales", { ...reduced("11"), tenders });
    expect(large).toMatchObject({
      status: 403,
      body: { code: "DiscountAboveLimit", role: "cashier", allowedRoles: ["manager"] },
    });
    must(await api.post("/sales", { ...reduced("11"), tenders }), 201);
  },

  "a price list for a group, and why a price is what it is": async ({ tills: [{ api }] }) => {
    const list = {
      list: "club",
      name: "Club",
      basis: "inclusive",
      locations: null,
      customerGroups: ["club"],
      priority: 0,
    };
    must(await api.post("/hq/publications/lists", { lists: [list] }), 201);
    const prices = [{ sku: "TEA", price: gbp(199), list: "club" }];
    must(await api.post("/hq/publications/prices", { prices }), 201);
    const asked = { lines: [{ sku: "TEA" }], customerGroup: "club" };
    expect(must(await api.post<Quote>("/quotes", asked), 200).total).toEqual(gbp(199));
    expect(must(await api.get("/prices/TEA/why?customerGroup=club"), 200)).toMatchObject({
      price: gbp(199),
      candidates: [
        { list: "club", isWinner: true, reason: expect.any(String) },
        { list: "standard", isWinner: false, verdict: "list-outranked" },
      ],
    });
  },

  "promotions are imported from a file, twice without effect, and never with a fault": async ({
    folder,
    first,
    tills: [{ api }],
  }) => {
    const place = ["--data", first.directory];
    const file = writeText(folder, "promotions.json", JSON.stringify([threeForTwo, welcome]));
    const cheaper = { ...threeForTwo, name: "Three for two" };
    const changed = writeText(folder, "changed.json", JSON.stringify({ promotions: [cheaper] }));
    expect(await tillmeshDone("import", "promotions", file, ...place)).toMatch(/promotions 0\n/);
    expect(await tillmeshDone("import", "promotions", changed, ...place)).toMatch(/promotions 1\n/);
    const { items } = must(await api.get<Page<object>>("/promotions"), 200);
    expect(items).toMatchObject([{ name: "Three for two" }, { id: "welcome" }]);
    const faulty = writeText(
      folder,
      "faulty.json",
      JSON.stringify([{ ...welcome, id: "", rule: { kind: "gift" } }]),
    );
    const { code, stderr } = await tillmesh("import", "promotions", faulty, ...place);
    expect([code, stderr]).toEqual([1, expect.stringContaining("/0/rule/kind")]);
    expect(stderr).toContain("/0/id");
  },

  "the day tells discounts, rounding and tips, and the shift's cash is right": async ({
    tills: [one, two],
  }) => {
    const x = must(await one.api.get<Report & Adjusted>("/reports/x"), 200);
    expect(x.discount.minor).toBeGreaterThan(0);
    expect(x.tip).toEqual(gbp(100));
    expect(x.rounding?.minor).toBe(-1);
    const taken = x.tenders
      .filter(({ kind }) => kind === "cash")
      .map((tender) => tender.taken.minor - tender.given.minor);
    const counted = gbp(10_000 + taken.reduce((sum, minor) => sum + minor, 0));
    expect(must(await one.api.post("/shifts/close", { counted }), 200, 201)).toMatchObject({
      difference: gbp(0),
    });
    must(await two.api.post("/shifts/close", { counted: gbp(10_000) }), 200, 201);
    const withdrawn = ["three-for-two", "welcome"];
    must(await one.api.post("/hq/publications/promotions", { withdrawn }), 201);
    must(await one.api.post("/hq/publications/policy", { policy: null }), 201);
  },
};

interface Adjusted {
  readonly discount: Money;
  readonly tip: Money;
  readonly rounding?: Money;
  readonly tenders: readonly {
    readonly kind: string;
    readonly taken: Money;
    readonly given: Money;
  }[];
}

function reduced(percent: string) {
  return { lines: [{ sku: "TEA", discount: { percent }, reason: "cold" }] };
}

async function signedIn(api: Api, who: object): Promise<Api> {
  const { token } = must(await api.post<{ readonly token: string }>("/sessions", who), 201);
  return api.as(token);
}

function sumOf(amounts: readonly Money[]): number {
  return amounts.reduce((sum, { minor }) => sum + minor, 0);
}

/** What a promotion took off, in all lines. */
function offBy(id: string, receipts: readonly Pick<Sale | Refund, "lines">[]): number {
  const discounts = receipts.flatMap(({ lines }) => lines.flatMap((line) => line.discounts));
  return sumOf(discounts.filter((one) => one.id === id).map(({ amount }) => amount));
}

import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  published,
  startPricedShop,
  threeBakes,
  welcome,
  type PricedShop,
} from "../testing/priced-shop.ts";
import { verifyTill } from "./verify.ts";

const chf = (minor: number) => ({ minor, currency: "CHF" });
const cashOf = (minor: number) => ({ kind: "cash", amount: chf(minor) });
const cardOf = (minor: number) => ({ kind: "card", amount: chf(minor) });

/** Coins of five, euros at 0.95, and 20.00 on vouchers that nobody can verify. */
const policy = {
  name: "Schweiz",
  cashRounding: { stepMinor: 5, mode: "half-up" },
  exchangeRates: { EUR: { numerator: 95, denominator: 100 } },
  riskBudgetMinor: 2000,
};

let shop: PricedShop;
beforeAll(async () => {
  shop = await startPricedShop("CHF");
  await published(shop.api, "policy", { policy });
  await published(shop.api, "promotions", { promotions: [threeBakes, welcome] });
});
afterAll(() => shop.stop());

const sell = (lines: readonly object[], tenders: readonly object[], more: object = {}) =>
  shop.api.post("/sales", { lines, tenders, ...more });
const giveBack = (sale: { readonly body: { readonly saleId: string } }, body: object) =>
  shop.api.post(`/sales/${sale.body.saleId}/refunds`, {
    reason: "back",
    goods: "restock",
    ...body,
  });

const bun = { sku: "BUN" };
const quantity = (milli: number) => (milli / 1000).toFixed(3);

describe("paying", () => {
  test("what is paid in cash is rounded to what coins can pay, and the quote says so", async () => {
    const quoted = await shop.api.post("/quotes", { lines: [{ sku: "BUN", quantity: "2" }] });
    expect(quoted.body.cashRounding).toEqual({ total: chf(400), rounding: chf(2) });
    const sale = await sell([{ sku: "BUN", quantity: "2" }], [cashOf(500)]);
    expect(sale.body).toMatchObject({ total: chf(398), rounding: chf(2), change: chf(100) });
    const exact = await sell([{ sku: "BUN", quantity: "2" }], [cardOf(398)]);
    expect([exact.status, exact.body.rounding]).toEqual([201, undefined]);
  });

  test("by card and in cash: only the part in cash is rounded; a tip is on top", async () => {
    const sale = await sell([{ sku: "BUN", quantity: "2" }], [cardOf(350), cashOf(150)], {
      tip: chf(50),
    });
    expect(sale.status).toBe(201);
    expect(sale.body).toMatchObject({
      total: chf(398),
      tip: chf(50),
      rounding: chf(2),
      change: chf(50),
      tenders: [
        { kind: "card", amount: chf(350), tip: chf(50) },
        { kind: "cash", amount: chf(150) },
      ],
    });
  });

  test("in foreign cash at the published rate, with change in coins of here", async () => {
    const euros = { kind: "foreign-cash", amount: { minor: 500, currency: "EUR" } };
    const sale = await sell([bun], [euros]);
    expect(sale.body.tenders).toEqual([
      {
        kind: "foreign-cash",
        amount: chf(475),
        foreign: {
          currency: "EUR",
          amount: { minor: 500, currency: "EUR" },
          rate: { numerator: 95, denominator: 100 },
        },
      },
    ]);
    expect(sale.body.change).toEqual(chf(275));
    const dollars = { kind: "foreign-cash", amount: { minor: 500, currency: "USD" } };
    const refused = await sell([bun], [dollars]);
    expect([refused.status, refused.body.code]).toEqual([422, "NoExchangeRate"]);
    expect(refused.body.errors[0].pointer).toBe("/tenders/0/amount/currency");
  });

  test("by vouchers up to the risk of the shop, all day together", async () => {
    const voucher = (minor: number) => ({ kind: "voucher", amount: chf(minor), reference: "V1" });
    expect(
      (await sell([{ sku: "WAT", quantity: "10" }], [voucher(1500), cardOf(250)])).status,
    ).toBe(201);
    const second = await sell([{ sku: "WAT", quantity: "10" }], [voucher(1500), cardOf(250)]);
    expect([second.status, second.body.code]).toEqual([422, "StoredValueNotCovered"]);
    const nameless = await sell([bun], [{ kind: "voucher", amount: chf(199) }]);
    expect(nameless.body.errors).toMatchObject([
      { pointer: "/tenders/0/reference", code: "ReferenceRequired" },
    ]);
  });

  test("what cannot be paid is told with all that is wrong", async () => {
    const wrong = await sell([bun], [cardOf(500), { kind: "on-account", amount: chf(0) }], {
      tip: { minor: 1, currency: "EUR" },
    });
    expect([wrong.status, wrong.body.code]).toEqual([422, "CurrencyMismatch"]);
    const beyond = await sell([bun], [cardOf(500)]);
    expect(beyond.body.errors).toMatchObject([{ pointer: "/tenders/0/amount", code: "BeyondDue" }]);
    const under = await sell([bun], [cardOf(100)]);
    expect(under.body).toMatchObject({
      code: "Underpaid",
      missing: chf(99),
      missingInCash: chf(100),
    });
    const tip = await sell([bun], [cashOf(200)], { tip: chf(500) });
    expect(tip.body.errors).toMatchObject([{ pointer: "/tip", code: "TipNotTaken" }]);
  });
});

describe("giving back", () => {
  test("mirrors how it was paid, and says so before", async () => {
    const sale = await sell([{ sku: "BUN", quantity: "2" }], [cardOf(199), cashOf(200)]);
    const lines = [{ lineId: "1" }];
    const quoted = await shop.api.post(`/sales/${sale.body.saleId}/refunds/quote`, { lines });
    const given = await giveBack(sale, { lines });
    const back = { total: chf(398), rounding: chf(1), tenders: [cardOf(199), cashOf(200)] };
    expect([quoted.status, quoted.body]).toMatchObject([200, back]);
    expect([given.status, given.body]).toMatchObject([201, back]);
    const nothing = await shop.api.post(`/sales/${sale.body.saleId}/refunds/quote`, { lines });
    expect([nothing.status, nothing.body.code]).toEqual([409, "MoreThanSold"]);
  });

  test("another way instead, when it adds up", async () => {
    const sale = await sell([{ sku: "BUN", quantity: "2" }], [cardOf(398)]);
    const lines = [{ lineId: "1", quantity: "1" }];
    const wrong = await giveBack(sale, { lines, tenders: [cashOf(199)] });
    expect([wrong.status, wrong.body.code, wrong.body.total]).toEqual([
      422,
      "TenderMismatch",
      chf(200),
    ]);
    const right = await giveBack(sale, { lines, tenders: [cashOf(200)] });
    expect(right.body).toMatchObject({ total: chf(199), rounding: chf(1) });
    const euros = { kind: "foreign-cash", amount: { minor: 1, currency: "EUR" } };
    const foreign = await giveBack(sale, {
      lines,
      tenders: [euros, { kind: "voucher", amount: chf(1) }],
    });
    expect(foreign.body.errors.map((one: { code: string }) => one.code).toSorted()).toEqual([
      "ReferenceRequired",
      "UnknownTender",
    ]);
  });

  test("takes the deposit along, and the discounts of a promotion by their shares", async () => {
    const asked = [{ sku: "BUN", quantity: "3" }, { sku: "WAT" }];
    const sale = await sell(asked, [cashOf(1000)], { coupons: ["WELCOME"] });
    expect(sale.body).toMatchObject({ coupons: ["WELCOME"] });
    const { body } = await giveBack(sale, {
      lines: [{ sku: "WAT" }, { sku: "BUN", quantity: "1" }],
    });
    expect(body.lines.map((one: { sku: string }) => one.sku)).toEqual(["BUN", "WAT", "DEP"]);
    expect(body.lines[0].discounts.map((one: { id: string }) => one.id)).toEqual([
      "three-bakes",
      "welcome",
    ]);
  });

  test("in any steps the parts are exactly the whole, rounding and discounts included", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          buns: fc.integer({ min: 1, max: 4 }),
          teaMilli: fc.integer({ min: 1, max: 900 }),
          card: fc.boolean(),
          steps: fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 3 }),
        }),
        async ({ buns, teaMilli, card, steps }) => {
          const asked = [
            { sku: "BUN", quantity: String(buns) },
            { sku: "TEA", quantity: quantity(teaMilli) },
          ];
          const paid = card ? [cardOf(1), cashOf(100_000)] : [cashOf(100_000)];
          const sale = await sell(asked, paid, { coupons: ["WELCOME"] });
          const back: Money[] = [];
          for (const milli of steps) {
            const lines = [{ lineId: "2", quantity: quantity(milli) }];
            const { status, body } = await giveBack(sale, { lines });
            if (status === 201) back.push(...sumsOf(body));
          }
          const rest = await shop.api.post(`/sales/${sale.body.saleId}/reversal`, {
            reason: "rest",
          });
          if (rest.status === 201) back.push(...sumsOf(rest.body));
          const { total, rounding, lines } = sale.body;
          expect(sums(back)).toEqual(sums(sumsOf({ total, rounding, lines })));
          const settled = total.minor + (rounding?.minor ?? 0);
          expect(await paidOut(sale.body.saleId)).toBe(settled);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("where the shop reprices, what is kept loses the discount it no longer earns", async () => {
    await published(shop.api, "policy", { policy: { ...policy, refunds: "reprice" } });
    const sale = await sell([{ sku: "BUN", quantity: "3" }], [cardOf(398)]);
    const first = await giveBack(sale, { lines: [{ sku: "BUN", quantity: "1" }] });
    // Two buns cost 3.98 without the promotion: nothing comes back for the third.
    expect([first.status, first.body.total]).toEqual([201, chf(0)]);
    const second = await giveBack(sale, { lines: [{ sku: "BUN", quantity: "1" }] });
    expect(second.body.total).toEqual(chf(199));
    const byHand = await sell(
      [{ sku: "BUN", quantity: "2", discount: { amount: chf(98) }, reason: "stale" }],
      [cardOf(300)],
    );
    const half = await giveBack(byHand, { lines: [{ sku: "BUN", quantity: "1" }] });
    expect(half.body.total).toEqual(chf(150));
    await published(shop.api, "policy", { policy });
  });
});

describe("the day", () => {
  test("its report has discounts, rounding and tips, the drawer is right, and all folds agree", async () => {
    const { body } = await shop.api.get("/reports/x");
    expect(body.discount.minor).toBeGreaterThan(0);
    expect(body.tip).toEqual(chf(50));
    expect(body.rounding.currency).toBe("CHF");
    const entries = await shop.api.get("/entries?limit=200");
    expect(entries.status).toBe(200);
    expect(await verifyTill(shop.service.till)).toMatchObject({ ok: true, differences: [] });
  });
});

interface Money {
  readonly what: string;
  readonly minor: number;
}

interface Receipt {
  readonly total: { readonly minor: number };
  readonly rounding?: { readonly minor: number };
  readonly lines: readonly {
    readonly amount: { readonly minor: number };
    readonly tax: { readonly minor: number };
    readonly discounts: readonly {
      readonly id: string;
      readonly amount: { readonly minor: number };
    }[];
  }[];
}

/** Every component of a receipt. */
function sumsOf({ total, rounding, lines }: Receipt): readonly Money[] {
  return [
    { what: "total", minor: total.minor },
    { what: "rounding", minor: rounding?.minor ?? 0 },
    ...lines.flatMap(({ amount, tax, discounts }) => [
      { what: "lines", minor: amount.minor },
      { what: "tax", minor: tax.minor },
      ...discounts.map((one) => ({ what: one.id, minor: one.amount.minor })),
    ]),
  ];
}

function sums(all: readonly Money[]): Readonly<Record<string, number>> {
  const byWhat = Map.groupBy(all, ({ what }) => what);
  const added = [...byWhat].map(
    ([what, parts]) => [what, parts.reduce((sum, one) => sum + one.minor, 0)] as const,
  );
  return Object.fromEntries(added.filter(([, minor]) => minor !== 0));
}

/** By all refunds and reversals of a sale. */
async function paidOut(saleId: string): Promise<number> {
  const { body } = await shop.api.get(`/sales/${saleId}`);
  const refunds = body.refunds as readonly Pick<Paid, "tenders">[];
  const tenders = refunds.flatMap((one) => one.tenders);
  return tenders.reduce((sum, { amount }) => sum + amount.minor, 0);
}

interface Paid {
  readonly tenders: readonly { readonly amount: { readonly minor: number } }[];
}

import { afterEach, describe, expect, test } from "vitest";
import { published } from "../testing/priced-shop.ts";
import {
  countries,
  startRegimeShop,
  type RegimeName,
  type RegimeShop,
} from "../testing/regime-shop.ts";
import type { TestAnswer } from "../testing/test-service.ts";
import { verifyTill } from "../till/verify.ts";

let shop: RegimeShop;

afterEach(() => shop.stop());

type Basket = (money: RegimeShop["money"]) => object;

const cash = (minor: number, money: RegimeShop["money"]) => ({
  kind: "cash",
  amount: money(minor),
});
const one =
  (sku: string, minor: number, more: object = {}): Basket =>
  (money) => ({
    lines: [{ sku, ...more }],
    tenders: [cash(minor, money)],
  });

/** Everything that may lie on a counter, each once. */
const baskets: Readonly<Record<string, Basket>> = {
  "standard and reduced": (money) => ({
    lines: [{ sku: "COF", quantity: "2" }, { sku: "BUN" }],
    tenders: [cash(2000, money)],
  }),
  "zero-rated": one("ZER", 1000),
  exempt: one("EXE", 1000),
  "out of scope": one("OUT", 1000),
  "three kinds without tax in one": (money) => ({
    lines: [{ sku: "ZER" }, { sku: "EXE" }, { sku: "OUT" }, { sku: "COF" }],
    tenders: [cash(5000, money)],
  }),
  "an open price": (money) => ({
    lines: [{ sku: "OPE", price: money(750) }],
    tenders: [cash(1000, money)],
  }),
  "a deposit": one("WAT", 1000),
  "a deposit given back": (money) => ({
    lines: [{ sku: "COF" }, { sku: "DEP", quantity: "1" }],
    tenders: [cash(1000, money)],
  }),
  "a tip on a card": (money) => ({
    lines: [{ sku: "COF" }],
    tenders: [{ kind: "card", amount: money(340) }],
    tip: money(50),
  }),
  "a gift card": (money) => ({
    lines: [{ sku: "COF" }],
    tenders: [{ kind: "gift-card", amount: money(290), reference: "G-1" }],
  }),
  "a voucher and cash": (money) => ({
    lines: [{ sku: "COF" }],
    tenders: [{ kind: "voucher", amount: money(200), reference: "V-1" }, cash(100, money)],
  }),
  "on account": (money) => ({
    lines: [{ sku: "COF" }],
    tenders: [{ kind: "on-account", amount: money(290), reference: "A-1" }],
  }),
  "a discount": one("COF", 1000, { discount: { percent: "10" }, reason: "friend" }),
  "a line that is given away": (money) => ({
    lines: [{ sku: "COF", comp: true, reason: "spilt" }, { sku: "BUN" }],
    tenders: [cash(1000, money)],
  }),
  "nothing to pay": () => ({
    lines: [{ sku: "COF", comp: true, reason: "spilt" }],
    tenders: [],
  }),
  "a customer who is exempt": (money) => ({
    lines: [{ sku: "COF" }],
    exempt: { reason: "embassy" },
    tenders: [cash(1000, money)],
  }),
};

const untaxed = (taxCode: string, category: string) => {
  return { taxCode, name: taxCode, ratePercent: "0", category };
};

async function startFullShop(regime: RegimeName): Promise<void> {
  shop = await startRegimeShop(regime);
  const { api, money } = shop;
  const { standard } = countries[regime];
  await published(api, "taxes", {
    taxes: [
      { taxCode: "standard", name: "Standard", ratePercent: standard },
      untaxed("exempt", "E"),
      untaxed("outside", "O"),
    ],
  });
  const limits = { min: money(100), max: money(100_000) };
  await published(api, "catalogue", {
    products: [
      { sku: "BUN", name: "Bun", taxCode: "reduced" },
      { sku: "ZER", name: "Medicine", taxCode: "zero" },
      { sku: "EXE", name: "Stamp", taxCode: "exempt" },
      { sku: "OUT", name: "Gift card", taxCode: "outside" },
      { sku: "OPE", name: "Sundry", taxCode: "standard", openPrice: limits },
      { sku: "DEP", name: "Bottle deposit", taxCode: "standard" },
      { sku: "WAT", name: "Water", taxCode: "standard", deposit: "DEP" },
    ],
  });
  const price = (sku: string, minor: number) => ({ sku, price: money(minor) });
  await published(api, "prices", {
    prices: [
      price("BUN", 199),
      price("ZER", 700),
      price("EXE", 100),
      price("OUT", 500),
      price("DEP", 25),
      price("WAT", 150),
    ],
  });
  const opened = await api.post("/shifts", { float: money(10_000) });
  expect(opened.status, JSON.stringify(opened.body)).toBe(201);
}

async function policy(more: object): Promise<void> {
  await published(shop.api, "policy", {
    policy: { name: "Shop", riskBudgetMinor: 100_000, ...more },
  });
}

const told = ({ status, body }: TestAnswer) =>
  status === 201 ? 201 : `${status} ${JSON.stringify(body)}`;

const regimes = Object.keys(countries) as RegimeName[];

describe.each(regimes)("%s", (regime) => {
  test("whatever is sold, is sealed, given back in part, and the rest reversed", async () => {
    await startFullShop(regime);
    await policy({});
    const found: Record<string, unknown> = {};
    for (const [name, basket] of Object.entries(baskets)) {
      const sold = await shop.api.post("/sales", basket(shop.money));
      found[name] = told(sold);
      if (sold.status !== 201) continue;
      const { saleId, lines } = sold.body;
      const part = {
        lines: [{ lineId: lines[0].lineId, quantity: "1" }],
        reason: "broken",
        goods: "waste",
      };
      found[`${name}: refund`] = told(await shop.api.post(`/sales/${saleId}/refunds`, part));
      // A deposit goes with its article.
      if (name !== "a deposit" && (lines.length > 1 || lines[0].quantity !== "1"))
        found[`${name}: rest`] = told(await shop.api.post(`/sales/${saleId}/reversal`, {}));
      const again = await shop.api.post("/sales", basket(shop.money));
      found[`${name}: void`] = told(
        await shop.api.post(`/sales/${again.body.saleId}/reversal`, {}),
      );
    }
    expect(Object.entries(found).filter(([, result]) => result !== 201)).toEqual([]);
    expect((await verifyTill(shop.service.till)).differences).toEqual([]);
  });

  test("a service charge is turnover", async () => {
    await startFullShop(regime);
    await policy({ serviceCharge: { name: "Service", percentBp: 1000, taxCode: "standard" } });
    const basket = baskets["standard and reduced"]?.(shop.money) ?? {};
    const sold = await shop.api.post("/sales", basket);
    expect(told(sold)).toBe(201);
    expect(JSON.stringify(sold.body.lines)).toContain("Service");
    const back = await shop.api.post(`/sales/${sold.body.saleId}/reversal`, {});
    expect(told(back)).toBe(201);
  });
});

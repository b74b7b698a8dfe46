/**
 * A shop whose prices are more than one number: promotions, deposits, take-away tax, limits.
 *
 * @module
 */

import { testClock, type TestClock } from "@tillmesh/kernel/testing";
import {
  startTestService,
  type TestAnswer,
  type TestApi,
  type TestService,
} from "./test-service.ts";

export interface PricedShop extends TestService {
  readonly clock: TestClock;
  /** With the rights and the limits of a cashier. */
  readonly cashier: TestApi;
}

export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** Monday morning in London. */
const startMs = Date.parse("2026-11-23T09:00:00Z");

/**
 * Coffee 2.90 (20 %), bun 1.99 (20 %, taken away 0 %), tea 62.00 a kilogram (0 %), bottle 1.50 with a
 * deposit of 0.25, gift with an open price from 5.00 to 100.00.
 */
export async function startPricedShop(currency = "GBP"): Promise<PricedShop> {
  const clock = testClock(startMs);
  const location = { id: "loc_a", name: "High Street", currency };
  const shop = await startTestService({ clock, location });
  const at = (minor: number): Money => ({ minor, currency });
  await published(shop.api, "taxes", {
    taxes: [
      { taxCode: "standard", name: "VAT 20 %", ratePercent: "20" },
      { taxCode: "zero", name: "VAT 0 %", ratePercent: "0" },
    ],
  });
  const products = [
    { sku: "COF", name: "Coffee", department: "Drinks", taxCode: "standard" },
    {
      sku: "BUN",
      name: "Bun",
      department: "Bakery",
      tags: ["bakes"],
      taxCode: "standard",
      takeAwayTaxCode: "zero",
    },
    { sku: "TEA", name: "Tea, loose", department: "Shop", unit: "kg", taxCode: "zero" },
    { sku: "WAT", name: "Water", department: "Drinks", taxCode: "standard", deposit: "DEP" },
    { sku: "DEP", name: "Deposit", department: "Deposits", taxCode: "zero" },
    {
      sku: "GIF",
      name: "Gift",
      department: "Shop",
      taxCode: "zero",
      openPrice: { min: at(500), max: at(10_000) },
    },
  ];
  await published(shop.api, "catalogue", { products });
  await published(shop.api, "prices", {
    prices: [
      { sku: "COF", price: at(290) },
      { sku: "BUN", price: at(199) },
      { sku: "TEA", price: at(6200) },
      { sku: "WAT", price: at(150) },
      { sku: "DEP", price: at(25) },
    ],
  });
  const staff = [{ name: "Maya", role: "manager", pin: "1234" }];
  await published(shop.api, "staff", { staff });
  await shop.api.post("/shifts", { float: at(10_000) });
  const cashier = shop.as(["read", "sell", "refund", "cash", "count"]);
  return { ...shop, clock, cashier };
}

/** What headquarters says has to be taken. */
export async function published(api: TestApi, topic: string, body: object): Promise<TestAnswer> {
  const answer = await api.post(`/hq/publications/${topic}`, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer;
}

/** A promotion as it is published. */
export interface PublishedRule {
  readonly id: string;
  readonly name: string;
  readonly rule: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

export const threeBakes: PublishedRule = {
  id: "three-bakes",
  name: "3 bakes for 2",
  rule: { kind: "x-for-y", items: { tags: ["bakes"] }, quantity: 3, payFor: 2 },
};

export const happyHour: PublishedRule = {
  id: "happy-hour",
  name: "Happy hour",
  times: [{ weekdays: [1, 2, 3, 4, 5], from: "15:00", to: "17:00" }],
  rule: { kind: "percent", items: { departments: ["Drinks"] }, percentBp: 1000 },
};

export const welcome: PublishedRule = {
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

import { describe, expect, test } from "vitest";
import type { BusinessDate } from "@tillmesh/kernel";
import { priceBasket } from "../basket.ts";
import { booksOf } from "../testing/index.ts";
import type { BasketInput } from "./basket-input.ts";

const books = booksOf({
  articles: [
    { sku: "tea" },
    { sku: "cake" },
    { sku: "mug", taxCode: "red" },
    { sku: "card", isDiscountable: false },
    { sku: "cola", deposit: "bottle" },
    { sku: "bottle" },
  ],
  prices: [
    { sku: "tea", priceMinor: 200 },
    { sku: "cake", priceMinor: 333 },
    { sku: "mug", priceMinor: 1000 },
    { sku: "card", priceMinor: 5000 },
    { sku: "cola", priceMinor: 150 },
    { sku: "bottle", priceMinor: 25 },
  ],
  rates: { std: 2000, red: 500 },
});

type Asked = Partial<BasketInput> & Pick<BasketInput, "lines">;

function price(asked: Asked) {
  const { catalogue, prices, taxes } = books;
  const businessDate = "2026-11-22" as BusinessDate;
  return priceBasket({ catalogue, prices, taxes, businessDate, currency: "GBP", ...asked });
}

function priced(asked: Asked) {
  const result = price(asked);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function faults(asked: Asked) {
  const result = price(asked);
  return result.ok ? [] : result.error.faults;
}

function one(sku: string, quantityMilli = 1000) {
  return { sku, quantityMilli };
}

const reason = "Damaged";

describe("what a person decides (MD)", () => {
  test("[MD1] a line discount is a share of the line, or an amount up to what it costs", () => {
    const lines = [
      { ...one("tea"), discount: { percentBp: 1250, reason, reasonCode: "D" } },
      { ...one("cake"), discount: { percentBp: 5000, reason } },
      { ...one("mug"), discount: { amountMinor: 5000, reason } },
    ];
    expect(priced({ lines })).toMatchObject({
      listTotalMinor: 1533,
      discountMinor: 25 + 167 + 1000,
      lines: [
        {
          listAmountMinor: 200,
          amountMinor: 175,
          discounts: [{ kind: "line", id: "D", name: reason, amountMinor: 25, publication: null }],
        },
        { amountMinor: 166, discounts: [{ id: "", amountMinor: 167 }] },
        { amountMinor: 0, taxMinor: 0 },
      ],
    });
  });

  test("[MD1] a comp gives away what is left of the line, the order discount comes after", () => {
    const comp = { reason: "Regular" };
    const discount = { amountMinor: 50, reason };
    const lines = [{ ...one("tea"), discount, comp }, one("mug")];
    const basket = priced({ lines, orderDiscount: { percentBp: 1000, reason: "Opening" } });
    expect(basket.lines[0]?.discounts?.map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual(
      [
        ["line", 50],
        ["comp", 150],
      ],
    );
    expect(basket.lines[1]).toMatchObject({ amountMinor: 900, taxMinor: 43 });
    expect(basket.totalMinor).toBe(900);
  });

  test("[MD2] an order discount is spread by what each line still costs, to the penny", () => {
    const lines = [
      one("tea"),
      one("cake"),
      { ...one("mug"), discount: { amountMinor: 800, reason } },
    ];
    const basket = priced({ lines, orderDiscount: { amountMinor: 100, reason: "Voucher" } });
    expect(basket.lines.map(({ amountMinor }) => amountMinor)).toEqual([173, 287, 173]);
    expect(basket.discountMinor).toBe(900);
  });

  test("[MD2] of an order that costs nothing nothing is taken", () => {
    const lines = [{ ...one("tea"), comp: { reason } }, one("card")];
    const basket = priced({ lines, orderDiscount: { amountMinor: 100, reason } });
    expect(basket.totalMinor).toBe(5000);
  });

  test("[MD3] another price than the list's is kept with the list's", () => {
    const lines = [{ ...one("tea", 2000), override: { unitPriceMinor: 150, reason } }];
    expect(priced({ lines }).lines).toMatchObject([
      {
        unitPriceMinor: 150,
        amountMinor: 300,
        override: { listPriceMinor: 200, reason, reasonCode: "" },
      },
    ]);
  });

  test("[MD3] what a person prices or gives away takes part in no promotion, nor helps to reach one", () => {
    const { promotions } = booksOf({
      articles: [],
      prices: [],
      promotions: [
        {
          id: "3for2",
          rule: { kind: "x-for-y", items: { skus: ["tea"] }, quantity: 3, payFor: 2 },
        },
      ],
    });
    const at = { date: "2026-11-22" as BusinessDate, time: "12:00", weekday: 7 };
    const published = { promotions: { published: promotions.index(), at } };
    const override = { unitPriceMinor: 199, reason };
    const total = (...lines: Asked["lines"]) => priced({ lines, ...published }).totalMinor;
    expect(total(one("tea", 2000), one("tea"))).toBe(400);
    expect(total(one("tea", 2000), { ...one("tea"), override })).toBe(599);
    expect(total(one("tea", 2000), { ...one("tea"), comp: { reason } })).toBe(400);
    expect(total(one("tea", 3000), { ...one("tea"), comp: { reason } })).toBe(400);
  });

  const byRole = {
    cashier: { lineBp: 1000, orderBp: 500, overrideBp: 0, canComp: false },
    manager: { lineBp: 5000, orderBp: 5000, overrideBp: 5000, canComp: true },
    owner: { lineBp: 10_000, orderBp: 10_000, overrideBp: 10_000, canComp: true },
  };

  test("[MD4] more than a role may is refused, with the roles that may", () => {
    const lines = [
      { ...one("tea"), discount: { percentBp: 1001, reason } },
      { ...one("tea"), discount: { amountMinor: 101, reason } },
      { ...one("tea"), comp: { reason } },
      { ...one("tea"), discount: { percentBp: 1000, reason } },
      { ...one("tea"), discount: { amountMinor: 20, reason } },
    ];
    const orderDiscount = { percentBp: 600, reason };
    const found = faults({ lines, orderDiscount, limits: { role: "cashier", byRole } });
    const limit = { code: "DiscountAboveLimit", role: "cashier" };
    expect(found).toEqual([
      {
        pointer: "/lines/0/discount",
        ...limit,
        limitBp: 1000,
        allowedRoles: ["manager", "owner"],
      },
      { pointer: "/lines/1/discount", ...limit, limitBp: 1000, allowedRoles: ["owner"] },
      { pointer: "/lines/2/comp", ...limit, limitBp: 0, allowedRoles: ["manager", "owner"] },
      { pointer: "/orderDiscount", ...limit, limitBp: 500, allowedRoles: ["manager", "owner"] },
    ]);
    expect(faults({ lines, orderDiscount, limits: { role: "owner", byRole } })).toEqual([]);
  });

  test("[MD4] a price below the list's is held to the limit, one above it is not; nobody may nothing", () => {
    const at = (unitPriceMinor: number) => ({
      ...one("tea"),
      override: { unitPriceMinor, reason },
    });
    const asked = (role: string) =>
      faults({ lines: [at(99), at(100), at(201)], limits: { role, byRole } }).map(
        (fault) => fault.pointer,
      );
    expect(asked("manager")).toEqual(["/lines/0/override"]);
    expect(asked("cashier")).toEqual(["/lines/0/override", "/lines/1/override"]);
    expect(asked("toString")).toEqual(["/lines/0/override", "/lines/1/override"]);
    const comp = { reason };
    const none = { role: "temp", byRole: {} };
    expect(faults({ lines: [{ ...one("tea"), comp }], limits: none })).toEqual([
      {
        pointer: "/lines/0/comp",
        code: "DiscountAboveLimit",
        role: "temp",
        limitBp: 0,
        allowedRoles: [],
      },
    ]);
  });

  test("[MD5] what cannot be taken off, or has no reason, is refused", () => {
    const lines = [
      { ...one("card"), discount: { percentBp: 100, reason } },
      { ...one("card"), comp: { reason } },
      { ...one("tea"), discount: { percentBp: 10_001, reason } },
      { ...one("tea"), discount: { amountMinor: 0, reason } },
      { ...one("tea"), discount: { amountMinor: 0.5, reason } },
      { ...one("tea"), comp: { reason: " " } },
      { ...one("tea"), override: { unitPriceMinor: -1, reason } },
      { ...one("tea"), override: { unitPriceMinor: 1, reason: "" } },
    ];
    expect(faults({ lines }).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      "/lines/0/discount NotDiscountable",
      "/lines/1/comp NotDiscountable",
      "/lines/2/discount ManualValueInvalid",
      "/lines/3/discount ManualValueInvalid",
      "/lines/4/discount ManualValueInvalid",
      "/lines/5/comp ManualValueInvalid",
      "/lines/6/override ManualValueInvalid",
      "/lines/7/override ManualValueInvalid",
    ]);
    const orderDiscount = { percentBp: 1.5, reason };
    expect(faults({ lines: [one("tea")], orderDiscount })).toEqual([
      { pointer: "/orderDiscount", code: "ManualValueInvalid" },
    ]);
  });

  const service = { name: "Service", publication: "policy-1" };

  test("[MD6] a service charge is a line of its own, of what is paid for all but deposits", () => {
    const lines = [one("cola", 2000), { ...one("tea"), discount: { amountMinor: 50, reason } }];
    const serviceCharge = { ...service, taxCode: "red", percentBp: 1250 };
    const basket = priced({ lines, serviceCharge });
    expect(basket.lines.at(-1)).toEqual({
      lineId: "service",
      sku: "service",
      name: "Service",
      quantityMilli: 1000,
      unitPriceMinor: 56,
      amountMinor: 56,
      taxCode: "red",
      rateBp: 500,
      taxMinor: 3,
      publications: { price: "policy-1", tax: "taxes-1", catalogue: "policy-1" },
    });
    expect(basket).toMatchObject({
      serviceChargeMinor: 56,
      listTotalMinor: 550,
      discountMinor: 50,
      totalMinor: 556,
    });
  });

  test("[MD6] a charge of nothing is no line; an amount is charged as it is; a wrong one is refused", () => {
    const lines = [{ ...one("tea"), comp: { reason } }];
    const share = { ...service, taxCode: "red", percentBp: 1000 };
    expect(priced({ lines, serviceCharge: share }).lines).toHaveLength(1);
    const amount = { ...service, taxCode: "std", amountMinor: 120 };
    expect(priced({ lines, serviceCharge: amount })).toMatchObject({ totalMinor: 120 });
    const wrong = { ...service, taxCode: "none", percentBp: 10_001 };
    expect(faults({ lines, serviceCharge: wrong })).toMatchObject([
      { pointer: "/serviceCharge", code: "ManualValueInvalid" },
      { pointer: "/serviceCharge/taxCode", code: "UnknownTaxCode", taxCode: "none" },
    ]);
  });
});

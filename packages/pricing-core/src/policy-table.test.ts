import type { Json } from "@tillmesh/kernel";
import { describe, expect, test } from "vitest";
import { parsePolicyItem, policyKey } from "./policy-item.ts";
import { plainShopPolicy } from "./policy-table.ts";
import { exclusivePerLine, inclusivePerRate } from "./policy.ts";
import { createShopBooks } from "./shop-books.ts";
import { publicationOf } from "./testing/index.ts";

function policiesOf(values: Readonly<Record<string, Json>>) {
  const shop = createShopBooks();
  const items = Object.entries(values).map(([key, value]) => ({ key, value }));
  shop.apply(publicationOf({ topic: "policy", sequence: 1, items }));
  return shop.policies;
}

function faultsOf(value: Json): readonly string[] {
  const parsed = parsePolicyItem(value, "/value");
  return parsed.ok ? [] : parsed.error.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

const swiss = { name: "Swiss", cashRounding: { stepMinor: 5, mode: "half-up" } };
const cashier = { lineBp: 1000, orderBp: 500, overrideBp: 0, canComp: false };

describe("the policy of a shop (PY)", () => {
  test("[PY3] where nobody published a policy, all is as it always was", () => {
    const policy = policiesOf({}).policyInForce("loc_1");
    expect(policy).toEqual(plainShopPolicy);
    expect(policy).toMatchObject({
      pricing: inclusivePerRate,
      cashRounding: null,
      voucherChange: "voucher",
      riskBudgetMinor: 0,
      discountLimits: null,
      serviceCharge: null,
      refunds: "shares",
    });
  });

  test("[PY8] a location's word counts before the organisation's, member by member", () => {
    const policies = policiesOf({
      policy: {
        ...swiss,
        refunds: "reprice",
        discountLimits: { cashier },
        serviceCharge: { name: "Service", taxCode: "std", percentBp: 1000 },
      },
      "policy/location/loc_1": {
        name: "Kiosk",
        location: "loc_1",
        cashRounding: null,
        serviceCharge: null,
        voucherChange: "cash",
      },
    });
    expect(policies.policyInForce("loc_1")).toMatchObject({
      cashRounding: null,
      serviceCharge: null,
      voucherChange: "cash",
      refunds: "reprice",
      discountLimits: { cashier },
      publications: ["hq-1", "hq-1"],
    });
    expect(policies.policyInForce("loc_2")).toMatchObject({
      cashRounding: swiss.cashRounding,
      serviceCharge: { name: "Service", taxCode: "std", percentBp: 1000, publication: "hq-1" },
      voucherChange: "voucher",
      publications: ["hq-1"],
    });
  });

  test("[PY9] where amounts are rounded has the name of a known policy, or that of the shop's", () => {
    const rounding = { taxBasis: "exclusive", taxRounding: { point: "line", mode: "half-up" } };
    const exclusive = policiesOf({ policy: { name: "US", ...rounding } });
    expect(exclusive.policyInForce().pricing).toEqual(exclusivePerLine);
    const after = { point: "rate", mode: "half-even", discounts: "after-tax" };
    const own = policiesOf({
      policy: { name: "Own", lineRounding: "half-down", taxRounding: after, exemptPays: "gross" },
    });
    expect(own.policyInForce().pricing).toEqual({
      name: "Own",
      taxBasis: "inclusive",
      line: { point: "product", mode: "half-down" },
      tax: after,
      exemptPays: "gross",
    });
  });

  test("[PY10] all faults of a policy are said at once", () => {
    expect(
      faultsOf({
        taxBasis: "both",
        lineRounding: "up",
        taxRounding: { point: "basket" },
        exemptPays: 1,
        cashRounding: { stepMinor: 0, mode: "half-up" },
        voucherChange: "beer",
        riskBudgetMinor: -1,
        discountLimits: { "Shift lead": cashier, cashier: { ...cashier, lineBp: 10_001 } },
        serviceCharge: { name: "Service", taxCode: "std", percentBp: 1, amountMinor: 1 },
        refunds: "none",
      }),
    ).toEqual([
      "/value/name Required",
      "/value/taxBasis Unknown",
      "/value/lineRounding Unknown",
      "/value/taxRounding/point Unknown",
      "/value/taxRounding/mode Required",
      "/value/exemptPays Type",
      "/value/cashRounding/stepMinor OutOfRange",
      "/value/voucherChange Unknown",
      "/value/riskBudgetMinor OutOfRange",
      "/value/discountLimits/cashier/lineBp OutOfRange",
      "/value/discountLimits/Shift lead Format",
      "/value/serviceCharge/percentBp Duplicate",
      "/value/refunds Unknown",
    ]);
    expect(faultsOf({ name: "x", serviceCharge: { name: "S", taxCode: "std" } })).toEqual([
      "/value/serviceCharge/percentBp Required",
    ]);
    expect(faultsOf({ name: "x", discountLimits: [1], serviceCharge: 3 })).toEqual([
      "/value/discountLimits Type",
      "/value/serviceCharge Type",
    ]);
  });

  test("[PY11] a policy counts under its own key; one that cannot be read leaves the rest in force", () => {
    expect(policyKey({ location: null })).toBe("policy");
    const policies = policiesOf({
      policy: swiss,
      "policy/location/loc_1": { name: "Astray", location: "loc_2" },
      "policy/location/loc_3": { name: "Broken", location: "loc_3", refunds: 1 },
    });
    expect(policies.book.unreadable().map(({ key }) => key)).toEqual([
      "policy/location/loc_1",
      "policy/location/loc_3",
    ]);
    expect(policies.policyInForce("loc_3").cashRounding).toEqual(swiss.cashRounding);
  });

  test("[PY8] what later versions add stays in the value", () => {
    const value = { ...swiss, loyalty: { points: 3 } };
    const parsed = parsePolicyItem(value);
    expect(parsed).toEqual({ ok: true, value });
  });
});

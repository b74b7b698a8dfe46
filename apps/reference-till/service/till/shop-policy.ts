/**
 * What the shop has decided about money, for this till and now.
 *
 * @module
 */

import {
  locationPolicyKey,
  organisationPolicyKey,
  type DiscountLimit,
  type ShopPolicy,
  type TenderLimits,
} from "@tillmesh/pricing-core";
import type { Till } from "./till.ts";

export function shopPolicy({ books, replica }: Till): ShopPolicy {
  return books.policies.policyInForce(replica.location.id);
}

/** Where nobody published limits, a cashier takes nothing off. Null: nobody is limited. */
export function discountLimits(till: Till): ShopPolicy["discountLimits"] {
  const { book } = till.books.policies;
  const keys = [locationPolicyKey(till.replica.location.id), organisationPolicyKey];
  const isSaid = keys.some((key) => book.inForce(key)?.value.discountLimits !== undefined);
  return isSaid ? shopPolicy(till).discountLimits : plainLimits;
}

/** What of vouchers and gift cards was taken since the last Z counts against the budget. */
export function tenderLimits(till: Till): TenderLimits {
  const { voucherChange, riskBudgetMinor } = shopPolicy(till);
  const takenMinor = till.state.day.totals.tenders
    .filter(({ kind }) => kind === "voucher" || kind === "gift-card")
    .reduce((sum, { takenMinor: taken, givenMinor }) => sum + taken - givenMinor, 0);
  const leftMinor = Math.max(0, riskBudgetMinor - Math.max(0, takenMinor));
  return { voucherChange, storedValue: { rightsMinor: {}, riskBudgetMinor: leftMinor } };
}

const nothing: DiscountLimit = { lineBp: 0, orderBp: 0, overrideBp: 0, canComp: false };
const everything: DiscountLimit = {
  lineBp: 10_000,
  orderBp: 10_000,
  overrideBp: 10_000,
  canComp: true,
};
const plainLimits = { manager: everything, cashier: nothing };

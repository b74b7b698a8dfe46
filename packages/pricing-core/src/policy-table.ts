/**
 * The policy in force at a location. SPEC.md §20 (PY).
 *
 * @module
 */

import type { DiscountLimit, ServiceCharge } from "./basket/manual-input.ts";
import { createBook, type Book, type InForce } from "./book.ts";
import {
  locationPolicyKey,
  organisationPolicyKey,
  parsePolicyItem,
  policyKey,
  type PolicyItem,
  type RefundPolicy,
} from "./policy-item.ts";
import {
  exclusivePerLine,
  exclusivePerRate,
  exclusivePerUnit,
  inclusivePerLine,
  inclusivePerRate,
  inclusivePerUnit,
  type PricingPolicy,
} from "./policy.ts";
import { readWithKey } from "./read-with-key.ts";
import type { CashRounding } from "./tenders/cash-rounding.ts";
import type { ForeignCash, VoucherChange } from "./tenders/settlement.ts";

export function createPolicyTable(): PolicyTable {
  const book = createBook<PolicyItem>({
    topic: "policy",
    read: readWithKey(parsePolicyItem, policyKey),
  });
  return {
    book,
    policyInForce: (location) =>
      shopPolicy([
        ...listed(location === undefined ? undefined : book.inForce(locationPolicyKey(location))),
        ...listed(book.inForce(organisationPolicyKey)),
      ]),
  };
}

export interface PolicyTable {
  readonly book: Book<PolicyItem>;
  /** Complete: member by member what the location says, else the organisation, else what always was. */
  policyInForce(location?: string): ShopPolicy;
}

/** Everything that a shop may decide about money at the till. */
export interface ShopPolicy {
  readonly pricing: PricingPolicy;
  readonly cashRounding: CashRounding | null;
  readonly voucherChange: VoucherChange;
  readonly riskBudgetMinor: number;
  readonly discountLimits: Readonly<Record<string, DiscountLimit>> | null;
  readonly serviceCharge: ServiceCharge | null;
  /** By foreign currency; of one that is not named, no cash is taken. */
  readonly exchangeRates: Readonly<Record<string, ForeignCash["rate"]>>;
  readonly refunds: RefundPolicy;
  /** Ids of the publications that say so, the location's first. Empty: nobody published a policy. */
  readonly publications: readonly string[];
}

/** What holds where nobody published a policy. */
export const plainShopPolicy: ShopPolicy = {
  pricing: inclusivePerRate,
  cashRounding: null,
  voucherChange: "voucher",
  riskBudgetMinor: 0,
  discountLimits: null,
  serviceCharge: null,
  exchangeRates: {},
  refunds: "shares",
  publications: [],
};

const namedPolicies: readonly PricingPolicy[] = [
  inclusivePerRate,
  inclusivePerLine,
  inclusivePerUnit,
  exclusivePerRate,
  exclusivePerLine,
  exclusivePerUnit,
];

function listed<V>(entry: InForce<V> | undefined): readonly InForce<V>[] {
  return entry === undefined ? [] : [entry];
}

/** `entries` that say more about the location first. */
function shopPolicy(entries: readonly InForce<PolicyItem>[]): ShopPolicy {
  const plain = plainShopPolicy;
  const said = <Name extends keyof PolicyItem>(name: Name) =>
    entries.find(({ value }) => value[name] !== undefined)?.value[name];
  const cashRounding = said("cashRounding");
  const discountLimits = said("discountLimits");
  return {
    pricing: pricingPolicy(entries),
    cashRounding: cashRounding === undefined ? plain.cashRounding : cashRounding,
    voucherChange: said("voucherChange") ?? plain.voucherChange,
    riskBudgetMinor: said("riskBudgetMinor") ?? plain.riskBudgetMinor,
    discountLimits: discountLimits === undefined ? plain.discountLimits : discountLimits,
    serviceCharge: serviceCharge(entries),
    exchangeRates: said("exchangeRates") ?? plain.exchangeRates,
    refunds: said("refunds") ?? plain.refunds,
    publications: entries.map(({ publication }) => publication.id),
  };
}

function pricingPolicy(entries: readonly InForce<PolicyItem>[]): PricingPolicy {
  const values = entries.map(({ value }) => value).toReversed();
  const said: PolicyItem = Object.assign({ name: "" }, ...values);
  const { taxBasis, lineRounding, taxRounding, exemptPays } = said;
  const { line, tax } = inclusivePerRate;
  const unnamed = {
    taxBasis: taxBasis ?? inclusivePerRate.taxBasis,
    line: { ...line, mode: lineRounding ?? line.mode },
    tax: taxRounding === undefined ? tax : taxPolicy(taxRounding),
    ...(exemptPays === undefined || exemptPays === "net" ? {} : { exemptPays }),
  };
  const found = namedPolicies.find((one) => textOf(one) === textOf(unnamed));
  return found ?? { name: said.name, ...unnamed };
}

function taxPolicy({ point, mode, discounts }: NonNullable<PolicyItem["taxRounding"]>) {
  return discounts === undefined || discounts === "before-tax"
    ? { point, mode }
    : { point, mode, discounts };
}

/** All of it but the name. */
function textOf({ taxBasis, line, tax, exemptPays = "net" }: Omit<PricingPolicy, "name">): string {
  const { point, mode, discounts = "before-tax" } = tax;
  return [taxBasis, line.mode, point, mode, discounts, exemptPays].join(" ");
}

function serviceCharge(entries: readonly InForce<PolicyItem>[]): ServiceCharge | null {
  const entry = entries.find(({ value }) => value.serviceCharge !== undefined);
  const charge = entry?.value.serviceCharge ?? null;
  if (entry === undefined || charge === null) return null;
  const { name, taxCode } = charge;
  const publication = entry.publication.id;
  return "percentBp" in charge
    ? { name, taxCode, publication, percentBp: charge.percentBp }
    : { name, taxCode, publication, amountMinor: charge.amountMinor };
}

/**
 * How a shop rounds, gives change, limits discounts and takes back: what headquarters publishes about it.
 * SPEC.md §20 (PY).
 *
 * @module
 */

import type { Json, LocationId, Result } from "@tillmesh/kernel";
import type { TaxBasis } from "./basket/listed-line.ts";
import type { DiscountLimit } from "./basket/manual-input.ts";
import {
  integerWithin,
  nullOr,
  objectOf,
  oneOf,
  optional,
  parseWith,
  textLike,
  textUpTo,
  trueOrFalse,
  type Check,
  type Fault,
  type FaultsError,
} from "./faults.ts";
import type { RoundingMode } from "./rounding.ts";
import type { TaxPolicy } from "./tax/taxed-basket.ts";
import type { CashRounding } from "./tenders/cash-rounding.ts";
import type { ForeignCash, VoucherChange } from "./tenders/settlement.ts";

/** What is absent is as the organisation says, and as it always was where that says nothing either. */
export type PolicyItem = {
  readonly name: string;
  /** Absent or null: of the organisation. */
  readonly location?: LocationId | null;
  /** Of prices whose list does not say it. */
  readonly taxBasis?: TaxBasis;
  /** Of price x quantity. */
  readonly lineRounding?: RoundingMode;
  readonly taxRounding?: Omit<TaxPolicy, "basis">;
  readonly exemptPays?: "net" | "gross";
  /** Null: cash is taken as it is. */
  readonly cashRounding?: CashRounding | null;
  readonly voucherChange?: VoucherChange;
  /** Of vouchers and gift cards, in all, that a till takes beyond its rights while nobody can be asked. */
  readonly riskBudgetMinor?: number;
  /** By role; a role that is not named may do nothing. Null: nobody is limited. */
  readonly discountLimits?: Readonly<Record<string, DiscountLimit>> | null;
  readonly serviceCharge?: PublishedServiceCharge | null;
  /** Of foreign cash that is taken, by currency. */
  readonly exchangeRates?: Readonly<Record<string, ForeignCash["rate"]>>;
  /** What giving back a part refunds: its share, or what the rest costs less when it is priced again. */
  readonly refunds?: RefundPolicy;
};

export type PublishedServiceCharge = { readonly name: string; readonly taxCode: string } & (
  | { readonly percentBp: number }
  | { readonly amountMinor: number }
);

export type RefundPolicy = "shares" | "reprice";

/** The value itself or all its faults; their pointers start with `pointer`. */
export function parsePolicyItem(value: Json, pointer = ""): Result<PolicyItem, FaultsError> {
  return parseWith(policy, value, pointer);
}

/** `"policy"`, `"policy/location/loc_1"`. */
export function policyKey({ location = null }: Pick<PolicyItem, "location">): string {
  return location === null ? organisationPolicyKey : locationPolicyKey(location);
}

export const organisationPolicyKey = "policy";

export function locationPolicyKey(location: string): string {
  return `policy/location/${location}`;
}

const rolesMax = 20;
const ratesMax = 50;
const amountMaxMinor = 1_000_000_000_000;
const stepMaxMinor = 50_000;

const mode = oneOf(["half-up", "half-down", "half-even"]);
const shareBp = integerWithin(0, 10_000);
const charge = objectOf({
  name: textUpTo(200),
  taxCode: textUpTo(32),
  percentBp: optional(integerWithin(1, 10_000)),
  amountMinor: optional(integerWithin(1, amountMaxMinor)),
});
const limit = objectOf({
  lineBp: shareBp,
  orderBp: shareBp,
  overrideBp: shareBp,
  canComp: trueOrFalse,
});

const policy: Check = objectOf({
  name: textUpTo(200),
  location: optional(nullOr(textUpTo(64))),
  taxBasis: optional(oneOf(["inclusive", "exclusive"])),
  lineRounding: optional(mode),
  taxRounding: optional(
    objectOf({
      point: oneOf(["rate", "line", "unit"]),
      mode,
      discounts: optional(oneOf(["before-tax", "after-tax"])),
    }),
  ),
  exemptPays: optional(oneOf(["net", "gross"])),
  cashRounding: optional(nullOr(objectOf({ stepMinor: integerWithin(1, stepMaxMinor), mode }))),
  voucherChange: optional(oneOf(["voucher", "cash", "forfeited"])),
  riskBudgetMinor: optional(integerWithin(0, amountMaxMinor)),
  discountLimits: optional(nullOr(byRole)),
  serviceCharge: optional(nullOr(chargeFaults)),
  exchangeRates: optional(byCurrency),
  refunds: optional(oneOf(["shares", "reprice"])),
});

const currency = textLike((text) => /^[A-Z]{3}$/.test(text), "three capitals, such as EUR");
const rate = objectOf({
  numerator: integerWithin(1, amountMaxMinor),
  denominator: integerWithin(1, amountMaxMinor),
});

function byCurrency(value: Json | undefined): readonly Fault[] {
  const names = Object.keys(typeof value === "object" && value !== null ? value : {});
  if (names.length > ratesMax) {
    return [{ pointer: "", code: "TooLong", detail: `at most ${ratesMax} currencies` }];
  }
  const faults = objectOf(Object.fromEntries(names.map((name) => [name, rate])))(value);
  return [...faults, ...names.flatMap((name) => namedFaults(currency, name))];
}

function byRole(value: Json | undefined): readonly Fault[] {
  const roles = Object.keys(typeof value === "object" && value !== null ? value : {});
  if (roles.length > rolesMax) {
    return [{ pointer: "", code: "TooLong", detail: `at most ${rolesMax} roles` }];
  }
  const faults = objectOf(Object.fromEntries(roles.map((name) => [name, limit])))(value);
  return [...faults, ...roles.flatMap((name) => namedFaults(role, name))];
}

const role = textLike((text) => /^[a-z0-9-]{1,32}$/.test(text), "1 to 32 of a-z, 0-9 and -");

function namedFaults(check: Check, name: string): readonly Fault[] {
  return check(name).map((fault) => ({ ...fault, pointer: `/${escaped(name)}` }));
}

/** A charge is a share or an amount, and not both. */
function chargeFaults(value: Json | undefined): readonly Fault[] {
  const faults = charge(value);
  const named = Object.keys(typeof value === "object" && value !== null ? value : {});
  const count = ["percentBp", "amountMinor"].filter((name) => named.includes(name)).length;
  if (count === 1 || value === null || typeof value !== "object") return faults;
  const code = count === 0 ? "Required" : "Duplicate";
  return [...faults, { pointer: "/percentBp", code, detail: "either percentBp or amountMinor" }];
}

function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

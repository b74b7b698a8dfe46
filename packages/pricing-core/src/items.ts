/**
 * What headquarters publishes, topic by topic: shapes, keys and checks. SPEC.md §3 (VA).
 *
 * A parsed value is the published value itself, so members of a later version stay in it.
 *
 * @module
 */

import {
  isBusinessDate,
  isTimeZone,
  type BusinessDate,
  type DeviceId,
  type Json,
  type LocationId,
  type Result,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import type { TaxBasis } from "./basket/listed-line.ts";
import {
  bothOf,
  inOrder,
  integerWithin,
  listOf,
  nullOr,
  objectOf,
  oneOf,
  optional,
  parseWith,
  textLike,
  textUpTo,
  trueOrFalse,
  type Check,
  type FaultsError,
} from "./faults.ts";
import { consistentTax } from "./tax/consistent-tax.ts";
import { taxCategories, type TaxCategory } from "./tax/tax-rule.ts";

/** An article. What has the unit `each` is sold in whole pieces. */
export type CatalogueItem = {
  readonly sku: Sku;
  readonly name: string;
  readonly barcodes: readonly string[];
  readonly department: string;
  readonly unit: string;
  readonly taxCode: string;
  /** What promotions may ask for. */
  readonly tags?: readonly string[];
  /** The price is typed at the till, within these limits in the currency of the location. */
  readonly openPrice?: { readonly minMinor: number; readonly maxMinor: number };
  /** SKU of the deposit that is sold with each unit. */
  readonly deposit?: Sku;
  /** Unless false. */
  readonly isDiscountable?: boolean;
  /** In place of `taxCode` where it is taken away. */
  readonly taxCodes?: { readonly takeAway?: string };
};

/** `effectiveFrom` null: from the beginning. */
export type PriceItem = {
  readonly list: string;
  readonly sku: Sku;
  readonly effectiveFrom: BusinessDate | null;
  readonly priceMinor: number;
  readonly currency: string;
  /** Its last day. After it the price below counts again. */
  readonly effectiveTo?: BusinessDate | null;
  /** A break: counts from this quantity of the article in a basket. */
  readonly minQuantityMilli?: number;
  /** The price is that of so many thousandths of the unit: 100,000 for "per 100 g". 1000 unless told otherwise. */
  readonly perMilli?: number;
};

/** A price list. `standard` needs none of these: it is tax inclusive and for everybody. */
export type ListItem = {
  readonly list: string;
  readonly name: string;
  readonly basis: TaxBasis;
  /** Null: everywhere. */
  readonly locations: readonly string[] | null;
  /** Null: for everybody. */
  readonly customerGroups: readonly string[] | null;
  /** Of lists that are equally narrow the highest counts. */
  readonly priority: number;
};

export type TaxItem = {
  readonly taxCode: string;
  readonly name: string;
  /** Of several taxes the sum of their rates. */
  readonly rateBp: number;
  /** Absent: S, or Z for a rate of 0. */
  readonly category?: TaxCategory;
  /** Absent: from the beginning. */
  readonly effectiveFrom?: BusinessDate;
  /** Absent: one tax at `rateBp`. */
  readonly components?: readonly TaxComponentItem[];
};

/** One of several taxes; what is absent is 0, false, or the usual category. */
export type TaxComponentItem = {
  readonly id: string;
  readonly name: string;
  readonly rateBp: number;
  /** Of 1000 thousandths of the article's unit, in the currency of the location. */
  readonly perUnitMinor?: number;
  /** On the net and the taxes before it. */
  readonly isCompound?: boolean;
  readonly category?: TaxCategory;
};

export type StaffItem = {
  readonly id: StaffId;
  readonly name: string;
  readonly role: "manager" | "cashier";
  /** scrypt, both base64url. */
  readonly pin: { readonly salt: string; readonly hash: string };
};

export type OrganisationItem = {
  readonly name: string;
  readonly currency: string;
};

export type LocationItem = {
  readonly id: LocationId;
  readonly name: string;
  readonly currency: string;
  readonly timeZone: string;
};

export type DeviceItem = {
  readonly id: DeviceId;
  readonly name: string;
  /** Four characters of Crockford's base32, unique in the organisation: the start of receipt numbers. */
  readonly code: string;
  readonly roles: readonly ("till" | "hq")[];
  readonly location: LocationId;
};

export const priceMaxMinor = 1_000_000_000_000;
export const rateMaxBp = 100_000;
export const standardList = "standard";

/** Each parser answers with the value itself or all its faults; their pointers start with `pointer`. */
export function parseCatalogueItem(value: Json, pointer = ""): Result<CatalogueItem, FaultsError> {
  return parseWith(checks.catalogue, value, pointer);
}

export function parsePriceItem(value: Json, pointer = ""): Result<PriceItem, FaultsError> {
  return parseWith(checks.price, value, pointer);
}

export function parseListItem(value: Json, pointer = ""): Result<ListItem, FaultsError> {
  return parseWith(checks.list, value, pointer);
}

export function parseTaxItem(value: Json, pointer = ""): Result<TaxItem, FaultsError> {
  return parseWith(checks.tax, value, pointer);
}

export function parseStaffItem(value: Json, pointer = ""): Result<StaffItem, FaultsError> {
  return parseWith(checks.staff, value, pointer);
}

export function parseOrganisationItem(
  value: Json,
  pointer = "",
): Result<OrganisationItem, FaultsError> {
  return parseWith(checks.organisation, value, pointer);
}

export function parseLocationItem(value: Json, pointer = ""): Result<LocationItem, FaultsError> {
  return parseWith(checks.location, value, pointer);
}

export function parseDeviceItem(value: Json, pointer = ""): Result<DeviceItem, FaultsError> {
  return parseWith(checks.device, value, pointer);
}

export function catalogueKey(item: Pick<CatalogueItem, "sku">): string {
  return item.sku;
}

/**
 * `"standard/C001/-"`, `"standard/C001/2026-12-01"`, `"standard/C001/-/12000"`: a scheduled price has a
 * key of its own, and so has a break.
 */
export function priceKey(
  item: Pick<PriceItem, "list" | "sku" | "effectiveFrom" | "minQuantityMilli">,
): string {
  const key = `${item.list}/${item.sku}/${item.effectiveFrom ?? "-"}`;
  return item.minQuantityMilli === undefined ? key : `${key}/${item.minQuantityMilli}`;
}

export function listKey(item: Pick<ListItem, "list">): string {
  return item.list;
}

/** `"standard"`, `"standard/2027-01-01"`: a scheduled rate has a key of its own. */
export function taxKey(item: Pick<TaxItem, "taxCode" | "effectiveFrom">): string {
  const { taxCode, effectiveFrom } = item;
  return effectiveFrom === undefined ? taxCode : `${taxCode}/${effectiveFrom}`;
}

export function staffKey(item: Pick<StaffItem, "id">): string {
  return item.id;
}

export const organisationKey = "organisation";

export function locationKey(item: Pick<LocationItem, "id">): string {
  return `location/${item.id}`;
}

export function deviceKey(item: Pick<DeviceItem, "id">): string {
  return `device/${item.id}`;
}

const id = textUpTo(64);
const name = textUpTo(200);
const code = textUpTo(32);
const list = textLike((text) => /^[a-z0-9-]{1,32}$/.test(text), "1 to 32 of a-z, 0-9 and -");
const currency = textLike((text) => /^[A-Z]{3}$/.test(text), "three capitals, such as GBP");
const day = textLike(isBusinessDate, "a day as YYYY-MM-DD");
const secret = textLike((text) => /^[A-Za-z0-9_-]{1,256}$/.test(text), "base64url");
const deviceCode = textLike(
  (text) => /^[0-9a-hjkmnp-tv-z]{4}$/i.test(text),
  "four characters of Crockford's base32",
);
const sku = textLike(
  (text) => text.length <= 64 && text.trim() === text && /^\P{Cc}+$/u.test(text),
  "1 to 64 characters, no control characters, no space at either end",
);
const barcode = textLike((text) => /^[!-~]{1,48}$/.test(text), "1 to 48 visible ASCII characters");

const price = integerWithin(0, priceMaxMinor);
const quantityLimitMilli = 1_000_000_000;
const minBeforeMax = inOrder("minMinor", "maxMinor");
const fromBeforeTo = inOrder("effectiveFrom", "effectiveTo");

const rateBp = integerWithin(0, rateMaxBp);
const category = optional(oneOf(taxCategories));
const taxComponent = objectOf({
  id: code,
  name,
  rateBp,
  perUnitMinor: optional(price),
  isCompound: optional(trueOrFalse),
  category,
});

const checks = {
  catalogue: objectOf({
    sku,
    name,
    barcodes: listOf(barcode, 0, 50),
    department: textUpTo(100),
    unit: textUpTo(16),
    taxCode: code,
    tags: optional(listOf(textUpTo(64), 0, 50)),
    openPrice: optional(bothOf(objectOf({ minMinor: price, maxMinor: price }), minBeforeMax)),
    deposit: optional(sku),
    isDiscountable: optional(trueOrFalse),
    taxCodes: optional(objectOf({ takeAway: optional(code) })),
  }),
  price: bothOf(
    objectOf({
      list,
      sku,
      effectiveFrom: nullOr(day),
      priceMinor: price,
      currency,
      effectiveTo: optional(nullOr(day)),
      minQuantityMilli: optional(integerWithin(1, quantityLimitMilli)),
      perMilli: optional(integerWithin(1, quantityLimitMilli)),
    }),
    fromBeforeTo,
  ),
  list: objectOf({
    list,
    name,
    basis: oneOf(["inclusive", "exclusive"]),
    locations: nullOr(listOf(id, 1, 1000)),
    customerGroups: nullOr(listOf(id, 1, 100)),
    priority: integerWithin(0, 1_000_000),
  }),
  tax: bothOf(
    objectOf({
      taxCode: code,
      name,
      rateBp,
      category,
      effectiveFrom: optional(day),
      components: optional(listOf(taxComponent, 1, 8)),
    }),
    consistentTax,
  ),
  staff: objectOf({
    id,
    name,
    role: oneOf(["manager", "cashier"]),
    pin: objectOf({ salt: secret, hash: secret }),
  }),
  organisation: objectOf({ name, currency }),
  location: objectOf({
    id,
    name,
    currency,
    timeZone: textLike(isTimeZone, "an IANA time zone, such as Europe/London"),
  }),
  device: objectOf({
    id,
    name,
    code: deviceCode,
    roles: listOf(oneOf(["till", "hq"]), 1, 2),
    location: id,
  }),
} as const satisfies Record<string, Check>;

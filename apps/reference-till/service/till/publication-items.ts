/**
 * Requests of headquarters as items to publish, checked as every reader will check them.
 *
 * @module
 */

import {
  newId,
  type BusinessDate,
  type Json,
  type PublicationItem,
  type Result,
  type Sku,
  type StaffId,
} from "@tillmesh/kernel";
import {
  catalogueKey,
  parseCatalogueItem,
  parsePriceItem,
  parseStaffItem,
  priceKey,
  staffKey,
  standardList,
} from "@tillmesh/pricing-core";
import type { Fault, Refusal } from "../http/problem.ts";
import type { WireMoney } from "../http/wire.ts";
import { hashPin } from "../identity/pin.ts";
import { checkItem, collectItems, withdrawn, type CheckedItem } from "./checked-items.ts";
import { readQuantity } from "./find-article.ts";
import { currencyFaults } from "./money.ts";
import { present } from "./present.ts";
import { taxCodeFaults } from "./tax-items.ts";
import type { Till } from "./till.ts";

export interface AskedProduct {
  readonly sku: string;
  readonly name: string;
  readonly barcodes?: readonly string[] | undefined;
  readonly department?: string | undefined;
  readonly unit?: string | undefined;
  readonly taxCode: string;
  readonly tags?: readonly string[] | undefined;
  /** The price is typed at the till. */
  readonly openPrice?: { readonly min: WireMoney; readonly max: WireMoney } | undefined;
  readonly deposit?: string | undefined;
  readonly isDiscountable?: boolean | undefined;
  /** In place of `taxCode` where it is taken away. */
  readonly takeAwayTaxCode?: string | undefined;
}

export interface AskedPrice {
  readonly sku: string;
  /** `null` withdraws the price. */
  readonly price: WireMoney | null;
  readonly effectiveFrom?: string | null | undefined;
  /** Its last day. */
  readonly effectiveTo?: string | null | undefined;
  readonly list?: string | undefined;
  /** A break: from so much of the article in a basket on. */
  readonly minQuantity?: string | undefined;
  /** The price is of so much; of one unless told otherwise. */
  readonly per?: string | undefined;
}

export interface AskedStaff {
  /** Given to change someone; absent for someone new. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly role: "manager" | "cashier";
  /** May be left out when someone is changed. */
  readonly pin?: string | undefined;
}

export function productItems(
  till: Till,
  products: readonly AskedProduct[],
  { gone = [], taxesLater = false }: ProductOptions = {},
): Result<readonly PublicationItem[], Refusal> {
  const together = new Set(products.map(({ sku }) => sku));
  const isSold = (sku: string) =>
    together.has(sku) || till.books.catalogue.bySku(sku) !== undefined;
  const items = products.map((product, index): CheckedItem => {
    const pointer = `/products/${index}`;
    const { item, faults } = productItem(product, pointer);
    const place = { pointer, isSold, taxesLater };
    return { item, faults: [...faults, ...productFaults(till, product, place)] };
  });
  return collectItems([...items, ...gone.map(withdrawn)]);
}

export interface ProductOptions {
  /** SKUs to withdraw. */
  readonly gone?: readonly string[];
  /** The tax table may come after the catalogue, as it may in a shop that has none yet. */
  readonly taxesLater?: boolean;
}

export function priceItems(
  till: Till,
  prices: readonly AskedPrice[],
): Result<readonly PublicationItem[], Refusal> {
  return collectItems(prices.map((asked, index) => priceItem(till, asked, `/prices/${index}`)));
}

/** PINs are hashed off the main thread, so this is the one that waits. */
export async function staffItems(
  till: Till,
  staff: readonly AskedStaff[],
  gone: readonly string[],
): Promise<Result<readonly PublicationItem[], Refusal>> {
  const items: CheckedItem[] = [];
  for (const [index, asked] of staff.entries()) {
    items.push(await staffItem(till, asked, `/staff/${index}`));
  }
  return collectItems([...items, ...gone.map(withdrawn)]);
}

function productItem(product: AskedProduct, pointer: string): CheckedItem {
  const { barcodes = [], department = "Other", unit = "each", name, taxCode } = product;
  const { tags, openPrice, deposit, isDiscountable, takeAwayTaxCode: takeAway } = product;
  const sku = product.sku as Sku;
  const more = present({
    tags,
    openPrice: openPrice && { minMinor: openPrice.min.minor, maxMinor: openPrice.max.minor },
    deposit: deposit as Sku | undefined,
    isDiscountable,
    taxCodes: takeAway === undefined ? undefined : { takeAway },
  });
  const value = { sku, name, barcodes, department, unit, taxCode, ...more };
  const checked = checkItem({ key: catalogueKey(value), value }, parseCatalogueItem, pointer);
  const faults = checked.faults.map((fault) => {
    return { ...fault, pointer: fault.pointer.replace("/taxCodes/takeAway", "/takeAwayTaxCode") };
  });
  return { ...checked, faults };
}

interface ProductPlace {
  readonly pointer: string;
  readonly isSold: (sku: string) => boolean;
  readonly taxesLater: boolean;
}

/** What a product refers to has to be there. */
function productFaults(
  till: Till,
  { sku, openPrice, deposit, taxCode, takeAwayTaxCode }: AskedProduct,
  { pointer, isSold, taxesLater }: ProductPlace,
): readonly Fault[] {
  const isUnknown = deposit !== undefined && (deposit === sku || !isSold(deposit));
  const detail = "a SKU of the catalogue, and another one";
  return [
    ...(isUnknown ? [{ pointer: `${pointer}/deposit`, code: "UnknownSku", detail }] : []),
    ...(taxesLater || till.books.taxes.book.keys().length === 0
      ? []
      : [
          ...taxCodeFaults(till, taxCode, `${pointer}/taxCode`),
          ...taxCodeFaults(till, takeAwayTaxCode, `${pointer}/takeAwayTaxCode`),
        ]),
    ...(openPrice === undefined
      ? []
      : currencyFaults(till, [
          [`${pointer}/openPrice/min`, openPrice.min],
          [`${pointer}/openPrice/max`, openPrice.max],
        ])),
  ];
}

function priceItem(till: Till, asked: AskedPrice, pointer: string): CheckedItem {
  const sku = asked.sku as Sku;
  const list = asked.list ?? standardList;
  const effectiveFrom = (asked.effectiveFrom ?? null) as BusinessDate | null;
  const minimum = readOptional(asked.minQuantity, `${pointer}/minQuantity`);
  const per = readOptional(asked.per, `${pointer}/per`);
  const reached = present({ minQuantityMilli: minimum.milli });
  const key = priceKey({ list, sku, effectiveFrom, ...reached });
  const faults = [...skuFaults(till, sku, pointer), ...minimum.faults, ...per.faults];
  if (asked.price === null) return { item: { key, value: null }, faults };
  const { minor: priceMinor, currency } = asked.price;
  const effectiveTo = asked.effectiveTo as BusinessDate | null | undefined;
  const more = present({ effectiveTo, perMilli: per.milli });
  const value = { list, sku, effectiveFrom, priceMinor, currency, ...reached, ...more };
  const price = checkItem({ key, value }, parsePriceItem, pointer);
  const ofCurrency = currencyFaults(till, [[`${pointer}/price`, asked.price]]);
  return { item: price.item, faults: [...faults, ...ofCurrency, ...price.faults] };
}

function skuFaults({ books }: Till, sku: string, pointer: string): readonly Fault[] {
  if (books.catalogue.bySku(sku) !== undefined) return [];
  const detail = `The catalogue has no SKU ${sku}.`;
  return [{ pointer: `${pointer}/sku`, code: "UnknownSku", detail }];
}

function readOptional(
  text: string | undefined,
  pointer: string,
): { readonly milli?: number; readonly faults: readonly Fault[] } {
  if (text === undefined) return { faults: [] };
  const quantity = readQuantity(text, pointer);
  return quantity.ok
    ? { milli: quantity.value, faults: [] }
    : { faults: quantity.error.faults ?? [] };
}

async function staffItem(till: Till, asked: AskedStaff, pointer: string): Promise<CheckedItem> {
  const { name, role, pin } = asked;
  const existing = asked.id === undefined ? undefined : till.books.staff.byId(asked.id);
  const id = (asked.id ?? newId("staff", till.random)) as StaffId;
  const known = existing?.value.pin;
  const hashed = pin === undefined ? known : await hashPin(pin, till.random);
  const value = { id, name, role, ...(hashed === undefined ? {} : { pin: { ...hashed } }) };
  const item = { key: staffKey({ id }), value: value as Json };
  const unknown =
    asked.id !== undefined && existing === undefined
      ? [
          {
            pointer: `${pointer}/id`,
            code: "UnknownStaff",
            detail: "No member of staff has this id.",
          },
        ]
      : [];
  if (hashed === undefined) {
    return {
      item,
      faults: [...unknown, { pointer: `${pointer}/pin`, code: "required", detail: "is missing" }],
    };
  }
  return { item, faults: [...unknown, ...checkItem(item, parseStaffItem, pointer).faults] };
}

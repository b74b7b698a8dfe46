/**
 * The catalogue and its prices, as published.
 *
 * @module
 */

import { err, formatQuantity, ok, type Sku } from "@tillmesh/kernel";
import type { CatalogueItem, InForce, PriceItem } from "@tillmesh/pricing-core";
import { deviceNamed } from "../../till/names.ts";
import { percentText } from "../../till/percent.ts";
import { present } from "../../till/present.ts";
import { businessDateOf, type Till } from "../../till/till.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { route, type Handled, type Route } from "../route.ts";
import {
  anything,
  array,
  bool,
  described,
  integer,
  named,
  nullable,
  object,
  text,
} from "../schema.ts";
import { money, toWire } from "../wire.ts";
import { whenRead } from "./reading.ts";
import { date, id, listQuery, page, quantity, sku, who } from "./shapes.ts";

export function productRoutes(till: Till): readonly Route[] {
  return [...articleRoutes(till), ...tableRoutes(till)];
}

function articleRoutes(till: Till): readonly Route[] {
  return [
    route(
      {
        method: "GET",
        path: "/products",
        tag: "Products",
        summary: "Search the catalogue by name, SKU or barcode",
        right: "read",
        query: object(
          {},
          { query: text({ maxLength: 100 }), barcode: text({ maxLength: 48 }), ...listQuery },
        ),
        answer: { status: 200, schema: page(product) },
      },
      ({ query }) => {
        if (query.barcode === undefined)
          return searchPage(till, query, (item) => productAnswer(till, item));
        const found = till.books.catalogue.byBarcode(query.barcode);
        const items = found.map(({ value }) => productAnswer(till, value));
        return ok({ status: 200, body: { items, next: null } });
      },
    ),
    route(
      {
        method: "GET",
        path: "/prices/{sku}",
        tag: "Products",
        summary: "The price in force today, and those to come",
        right: "read",
        params: object({ sku }),
        answer: {
          status: 200,
          schema: object({
            sku: text(),
            name: text(),
            price: money,
            publication,
            schedule: array(scheduled),
          }),
        },
        problems: ["NotKnownHere", "NoPrice"],
      },
      ({ params }) => whenRead(till, () => priceAnswer(till, params.sku as Sku)),
    ),
  ];
}

function tableRoutes(till: Till): readonly Route[] {
  return [
    route(
      {
        method: "GET",
        path: "/taxes",
        tag: "Products",
        summary: "The tax table in force",
        right: "read",
        answer: { status: 200, schema: page(anything()) },
      },
      () => ok({ status: 200, body: { items: taxTable(till), next: null } }),
    ),
    route(
      {
        method: "GET",
        path: "/staff",
        tag: "Products",
        summary: "Who may work here",
        right: "read",
        answer: { status: 200, schema: page(object({ id, name: text(), role: text() })) },
      },
      () => {
        const items = till.books.staff.all().map(({ value: { id: staff, name, role } }) => {
          return { id: staff, name, role };
        });
        return ok({ status: 200, body: { items, next: null } });
      },
    ),
  ];
}

export interface SearchQuery {
  readonly query?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** A page of the catalogue in the order of the search, each article as `toItem` makes it. */
export function searchPage(
  till: Till,
  { query = "", cursor, limit = 50 }: SearchQuery,
  toItem: (item: CatalogueItem) => unknown,
): Handled {
  const after = readCursor<{ readonly sku: string }>(cursor, { sku: "string" });
  if (!after.ok) return after;
  const from = after.value === undefined ? {} : { after: after.value.sku as Sku };
  const found = till.books.catalogue.search(query, { limit, ...from });
  const last = found.length === limit ? found.at(-1)?.value.sku : undefined;
  const items = found.map(({ value }) => toItem(value));
  return ok({
    status: 200,
    body: { items, next: last === undefined ? null : writeCursor({ sku: last }) },
  });
}

const publication = named(
  "PublicationOfPrice",
  object({
    id,
    sequence: integer(1, 1e15),
    publisher: who,
    effectiveFrom: described(nullable(date), "null: from the beginning"),
  }),
);

const scheduled = object({ price: money, publication });

const product = named(
  "Product",
  object(
    {
      sku: text(),
      name: text(),
      barcodes: array(text()),
      department: text(),
      unit: text(),
      taxCode: text(),
      ratePercent: nullable(text()),
      price: nullable(money),
    },
    {
      per: described(quantity, "The price is of so much; 1 where it is absent."),
      tags: array(text()),
      openPrice: described(object({ min: money, max: money }), "The price is typed at the till."),
      deposit: described(text(), "SKU of what is sold with each unit."),
      isDiscountable: bool(),
      takeAwayTaxCode: text(),
    },
  ),
);

function productAnswer(till: Till, item: CatalogueItem): object {
  const { sku: code, name, barcodes, department, unit, taxCode } = item;
  const businessDate = businessDateOf(till);
  const price = till.books.prices.at(code, businessDate)?.value;
  const tax = till.books.taxes.byCode(taxCode, businessDate)?.value;
  return {
    sku: code,
    name,
    barcodes,
    department,
    unit,
    taxCode,
    ratePercent: tax === undefined ? null : percentText(tax.rateBp),
    price: price === undefined ? null : { minor: price.priceMinor, currency: price.currency },
    ...(price?.perMilli === undefined ? {} : { per: formatQuantity(price.perMilli) }),
    ...moreOf(till, item),
  };
}

/** What only some articles have. */
function moreOf({ replica }: Till, item: CatalogueItem): object {
  const { tags, openPrice, deposit, isDiscountable, taxCodes } = item;
  const { currency } = replica.location;
  const limits = openPrice && {
    min: { minor: openPrice.minMinor, currency },
    max: { minor: openPrice.maxMinor, currency },
  };
  const takeAwayTaxCode = taxCodes?.takeAway;
  return present({ tags, openPrice: limits, deposit, isDiscountable, takeAwayTaxCode });
}

function priceAnswer(till: Till, wanted: Sku): Handled {
  const article = till.books.catalogue.bySku(wanted);
  if (article === undefined)
    return err({ type: "NotKnownHere", detail: "The catalogue held here has no such SKU." });
  const price = till.books.prices.at(wanted, businessDateOf(till));
  if (price === undefined) return err({ type: "NoPrice" });
  const schedule = till.books.prices.schedule(wanted).map((one) => priceOf(till, one));
  return ok({
    status: 200,
    body: { sku: wanted, name: article.value.name, ...priceOf(till, price), schedule },
  });
}

function priceOf(till: Till, { value, publication: by }: InForce<PriceItem>): object {
  const { priceMinor, currency, effectiveFrom } = value;
  const publisher = deviceNamed(till, by.publisher);
  return {
    price: { minor: priceMinor, currency },
    publication: { id: by.id, sequence: by.sequence, publisher, effectiveFrom },
  };
}

/** In force today; of several taxes `components` tells each. */
function taxTable(till: Till): readonly object[] {
  const { taxes } = till.books;
  const codes = new Set(
    taxes.book.keys().flatMap((key) => taxes.book.inForce(key)?.value.taxCode ?? []),
  );
  return [...codes].flatMap((code) => {
    const tax = taxes.byCode(code, businessDateOf(till));
    if (tax === undefined) return [];
    const { taxCode, name, rateBp, ...rest } = tax.value;
    const { category, effectiveFrom, components } = rest;
    const more = toWire(present({ category, effectiveFrom, components }), currencyOf(till));
    const by = { publication: { id: tax.publication.id } };
    return [{ taxCode, name, ratePercent: percentText(rateBp), ...(more as object), ...by }];
  });
}

function currencyOf({ replica }: Till): string {
  return replica.location.currency;
}

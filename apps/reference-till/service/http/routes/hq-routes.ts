/**
 * What headquarters publishes.
 *
 * @module
 */

import { taxCategories } from "@tillmesh/pricing-core";
import { priceItems, productItems, staffItems } from "../../till/publication-items.ts";
import { taxItems } from "../../till/tax-items.ts";
import type { Till } from "../../till/till.ts";
import { businessDateFault } from "../dates.ts";
import { route, type Route } from "../route.ts";
import { array, bool, line, literal, nullable, object, text } from "../schema.ts";
import { money } from "../wire.ts";
import {
  atLeastOne,
  itemsMax,
  publishedAnswer,
  publishing,
  publishItems,
  withFaults,
} from "./publishing.ts";
import { date, id, quantity, sku, who } from "./shapes.ts";

export function hqRoutes(till: Till): readonly Route[] {
  return [catalogueRoute(till), pricesRoute(till), taxesRoute(till), staffRoute(till)];
}

function catalogueRoute(till: Till): Route {
  const item = object(
    { sku, name: line(200), taxCode: line(32) },
    {
      barcodes: array(text({ maxLength: 48 }), { maxItems: 50 }),
      department: line(100),
      unit: line(16),
      tags: array(line(64), { maxItems: 50 }),
      openPrice: object({ min: money, max: money }),
      deposit: sku,
      isDiscountable: bool(),
      takeAwayTaxCode: line(32),
    },
  );
  return route(
    {
      ...publishing,
      path: "/hq/publications/catalogue",
      summary: "Publish articles, or withdraw them",
      body: atLeastOne(
        object(
          {},
          {
            products: array(item, { maxItems: itemsMax }),
            withdrawn: array(sku, { maxItems: itemsMax }),
          },
        ),
        ["products", "withdrawn"],
      ),
      answer: publishedAnswer,
    },
    (request) => {
      const { products = [], withdrawn = [] } = request.body;
      return publishItems(till, request, {
        topic: "catalogue",
        items: () => productItems(till, products, { gone: withdrawn }),
      });
    },
  );
}

function pricesRoute(till: Till): Route {
  const item = object(
    { sku, price: nullable(money) },
    {
      effectiveFrom: nullable(date),
      effectiveTo: nullable(date),
      list: text({ pattern: "^[a-z0-9-]{1,32}$" }),
      minQuantity: quantity,
      per: quantity,
    },
  );
  return route(
    {
      ...publishing,
      path: "/hq/publications/prices",
      summary: "Publish prices, now or from a date; `price: null` withdraws one",
      body: object({ prices: array(item, { minItems: 1, maxItems: itemsMax }) }),
      answer: publishedAnswer,
    },
    (request) => {
      const { prices } = request.body;
      const faults = prices.flatMap(({ effectiveFrom, effectiveTo }, index) => [
        ...businessDateFault(effectiveFrom, `/prices/${index}/effectiveFrom`),
        ...businessDateFault(effectiveTo, `/prices/${index}/effectiveTo`),
      ]);
      const items = () => withFaults(priceItems(till, prices), faults);
      return publishItems(till, request, { topic: "prices", items });
    },
  );
}

function taxesRoute(till: Till): Route {
  const rate = text({ maxLength: 10 });
  const category = literal(...taxCategories);
  const component = object(
    { id: line(32), name: line(200), ratePercent: rate },
    { perUnit: money, isCompound: bool(), category },
  );
  const item = object(
    { taxCode: line(32), name: line(200), ratePercent: rate },
    { category, effectiveFrom: date, components: array(component, { minItems: 1, maxItems: 8 }) },
  );
  return route(
    {
      ...publishing,
      path: "/hq/publications/taxes",
      summary: "Publish tax rates, now or from a date; of several taxes `ratePercent` is the sum",
      body: object({ taxes: array(item, { minItems: 1, maxItems: 1000 }) }),
      answer: publishedAnswer,
    },
    (request) => {
      const { taxes } = request.body;
      const faults = taxes.flatMap(({ effectiveFrom }, index) =>
        businessDateFault(effectiveFrom, `/taxes/${index}/effectiveFrom`),
      );
      const items = () => withFaults(taxItems(till, taxes), faults);
      return publishItems(till, request, { topic: "taxes", items });
    },
  );
}

function staffRoute(till: Till): Route {
  const item = object(
    { name: line(200), role: literal("manager", "cashier") },
    { id, pin: text({ pattern: "^[0-9]{4,12}$" }) },
  );
  return route(
    {
      ...publishing,
      path: "/hq/publications/staff",
      summary: "Publish staff with their PINs, or withdraw them",
      body: atLeastOne(
        object(
          {},
          { staff: array(item, { maxItems: 100 }), withdrawn: array(id, { maxItems: 100 }) },
        ),
        ["staff", "withdrawn"],
      ),
      answer: {
        ...publishedAnswer,
        schema: {
          ...publishedAnswer.schema,
          properties: { ...(publishedAnswer.schema["properties"] as object), staff: array(who) },
        },
      },
    },
    (request) => {
      const { staff = [], withdrawn = [] } = request.body;
      return publishItems(till, request, {
        topic: "staff",
        items: () => staffItems(till, staff, withdrawn),
      });
    },
  );
}

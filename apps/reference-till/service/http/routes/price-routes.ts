/**
 * Promotions, why a price is what it is, and what a till may offer.
 *
 * @module
 */

import { ok } from "@tillmesh/kernel";
import { priceWhy } from "../../till/price-why.ts";
import { pricingOptions } from "../../till/pricing-options.ts";
import { promotionAnswer, promotionsAfter } from "../../till/promotions.ts";
import type { Till } from "../../till/till.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { route, type Route } from "../route.ts";
import {
  array,
  bool,
  described,
  integer,
  literal,
  named,
  nullable,
  object,
  text,
} from "../schema.ts";
import { money } from "../wire.ts";
import { date, id, instant, listQuery, page, quantity, sku, who } from "./shapes.ts";

export function priceRoutes(till: Till): readonly Route[] {
  return [promotionsRoute(till), whyRoute(till), optionsRoute(till)];
}

const publication = named(
  "PublicationRef",
  object({ id, sequence: integer(1, 1e15), publisher: who }),
);

const promotion = named(
  "Promotion",
  object({
    id: text(),
    name: text(),
    kind: text(),
    description: described(text(), "One sentence, made from the rule."),
    effectiveFrom: nullable(text()),
    effectiveTo: nullable(text()),
    isActive: described(bool(), "Now and here; a happy hour only while it lasts."),
    priority: integer(-1e9, 1e9),
    coupon: nullable(text()),
    customerGroups: array(text()),
    publication,
  }),
);

function promotionsRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/promotions",
      tag: "Products",
      summary: "The promotions that are published, by id",
      right: "read",
      query: object({}, listQuery),
      answer: { status: 200, schema: page(promotion) },
    },
    ({ query: { cursor, limit = 50 } }) => {
      const after = readCursor<{ readonly id: string }>(cursor, { id: "string" });
      if (!after.ok) return after;
      const found = promotionsAfter(till, after.value?.id, limit);
      const last = found.length === limit ? found.at(-1)?.value.id : undefined;
      const next = last === undefined ? null : writeCursor({ id: last });
      const items = found.map((one) => promotionAnswer(till, one));
      return ok({ status: 200, body: { items, next } });
    },
  );
}

const candidate = named(
  "PriceCandidate",
  object(
    {
      list: text(),
      name: text(),
      price: money,
      effectiveFrom: nullable(date),
      effectiveTo: nullable(date),
      isWinner: bool(),
      verdict: literal(
        "chosen",
        "not-yet",
        "over",
        "replaced",
        "break-not-reached",
        "dearer",
        "list-outranked",
        "list-elsewhere",
      ),
      reason: described(text(), "The verdict as a sentence."),
    },
    { per: quantity, minQuantity: quantity, publication },
  ),
);

function whyRoute(till: Till): Route {
  return route(
    {
      method: "GET",
      path: "/prices/{sku}/why",
      tag: "Products",
      summary: "Why an article costs what it costs: every price that was considered",
      right: "read",
      params: object({ sku }),
      query: object({}, { quantity, customerGroup: id, at: instant }),
      answer: {
        status: 200,
        schema: object({
          sku: text(),
          name: text(),
          quantity,
          businessDate: date,
          price: described(nullable(money), "null: it is typed at the till."),
          candidates: array(candidate),
        }),
      },
      problems: ["NotKnownHere", "NoPrice"],
    },
    ({ params, query }) => {
      const why = priceWhy(till, params.sku, query);
      return why.ok ? ok({ status: 200, body: why.value }) : why;
    },
  );
}

function optionsRoute(till: Till): Route {
  const limits = object({
    linePercent: text(),
    orderPercent: text(),
    overridePercent: text(),
    canComp: bool(),
  });
  return route(
    {
      method: "GET",
      path: "/pricing",
      tag: "Sales",
      summary: "What this till may offer to whoever asks",
      right: "sell",
      answer: {
        status: 200,
        schema: object({
          role: text(),
          customerGroups: array(text()),
          hasServing: described(bool(), "Some article is taxed otherwise when taken away."),
          limits: described(nullable(limits), "null: nobody is limited."),
          mayAbove: described(array(text()), "Roles that may more."),
          cashRounding: nullable(object({ step: money, mode: text() })),
          tenders: array(text()),
          foreignCurrencies: array(text()),
        }),
      },
    },
    ({ actor }) => {
      if (actor === undefined) throw new Error("Bug: a call without an actor");
      return ok({ status: 200, body: pricingOptions(till, actor) });
    },
  );
}

/**
 * What a customer wants to buy: resolved, priced and taxed by what is published.
 *
 * @module
 */

import { businessDateAt, type BusinessDate, type Result } from "@tillmesh/kernel";
import {
  localInstant,
  priceBasket,
  type BasketInput,
  type BasketLine,
  type PricedBasket,
} from "@tillmesh/pricing-core";
import type { Actor } from "../identity/actor.ts";
import type { Fault, Refusal } from "../http/problem.ts";
import { roleOf } from "./actor-role.ts";
import type { AskedBasket, AskedLine } from "./asked-basket.ts";
import { basketFault, refuseBasket } from "./basket-faults.ts";
import { readQuantity, resolveArticle } from "./find-article.ts";
import { readLineDecisions, readOrderDiscount } from "./manual-decisions.ts";
import { discountLimits, shopPolicy } from "./shop-policy.ts";
import { businessDateOf, type Till } from "./till.ts";

export interface PriceRequest {
  readonly asked: AskedBasket;
  /** Decides what may be taken off by hand. */
  readonly actor: Actor;
  /** Now unless told otherwise. */
  readonly atMs?: number | undefined;
}

export function priceAsked(
  till: Till,
  { asked, actor, atMs }: PriceRequest,
): Result<PricedBasket, Refusal> {
  const resolved = asked.lines.map((line, index) => resolveLine(till, line, `/lines/${index}`));
  const orderDiscount = readOrderDiscount(till, asked.discount);
  const faults = [...resolved.flatMap((line) => line.faults), ...orderDiscount.faults];
  const lines = resolved.flatMap(({ line }) => line ?? []);
  if (lines.length === 0) return refuseBasket(faults);
  const priced = priceBasket({
    ...inputOf(till, asked, atMs),
    lines,
    ...(orderDiscount.discount === undefined ? {} : { orderDiscount: orderDiscount.discount }),
    ...limitsOf(till, actor),
  });
  if (priced.ok) return faults.length === 0 ? priced : refuseBasket(faults);
  const indexes = resolved.flatMap(({ line }, index) => (line === undefined ? [] : [index]));
  const found = priced.error.faults;
  return refuseBasket([...faults, ...found.map((fault) => basketFault(fault, indexes))], found);
}

/** The day whose prices and taxes count. */
export function pricingDate(till: Till, atMs: number | undefined): BusinessDate {
  if (atMs === undefined) return businessDateOf(till);
  return businessDateAt(atMs, till.replica.location.timeZone);
}

/** All that is published and that place and customer decide. */
function inputOf(
  till: Till,
  asked: AskedBasket,
  atMs: number | undefined,
): Omit<BasketInput, "lines"> {
  const { books, replica } = till;
  const { customerGroup, coupons = [], serving, exempt } = asked;
  const { id: location, currency, timeZone } = replica.location;
  const { pricing, serviceCharge } = shopPolicy(till);
  return {
    catalogue: books.catalogue,
    prices: books.prices,
    lists: books.lists,
    taxes: books.taxes,
    businessDate: pricingDate(till, atMs),
    currency,
    location,
    customerGroups: customerGroup === undefined ? [] : [customerGroup],
    promotions: {
      published: books.promotions.index(),
      at: localInstant(atMs ?? till.clock.nowMs(), timeZone),
      coupons,
    },
    ...(serving === undefined ? {} : { serving }),
    ...(exempt === undefined ? {} : { exemption: exempt }),
    ...(serviceCharge === null ? {} : { serviceCharge }),
    policy: pricing,
  };
}

function limitsOf(till: Till, actor: Actor): Pick<BasketInput, "limits"> {
  const byRole = discountLimits(till);
  return byRole === null ? {} : { limits: { role: roleOf(till, actor), byRole } };
}

interface ResolvedLine {
  readonly line?: BasketLine;
  readonly faults: readonly Fault[];
}

function resolveLine(till: Till, asked: AskedLine, pointer: string): ResolvedLine {
  const article = resolveArticle(till, asked, pointer);
  const quantity = readQuantity(asked.quantity ?? "1", `${pointer}/quantity`);
  const sku = article.ok ? article.value : undefined;
  const { decisions, faults } = readLineDecisions(till, { asked, sku, pointer });
  const all = [
    ...[article, quantity].flatMap((one) => (one.ok ? [] : (one.error.faults ?? []))),
    ...faults,
  ];
  if (sku === undefined || !quantity.ok || all.length > 0) return { faults: all };
  return { line: { sku, quantityMilli: quantity.value, ...decisions }, faults: [] };
}

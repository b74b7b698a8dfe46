/**
 * A basket is priced, told, and held for an hour to be sold as told.
 *
 * @module
 */

import { newId, ok, type JsonObject, type Result } from "@tillmesh/kernel";
import { basketFigures, roundCash, type PricedBasket } from "@tillmesh/pricing-core";
import type { Refusal } from "../http/problem.ts";
import { toWire } from "../http/wire.ts";
import type { Actor } from "../identity/actor.ts";
import { roleOf } from "./actor-role.ts";
import type { AskedBasket } from "./asked-basket.ts";
import { priceAsked, pricingDate } from "./basket.ts";
import { readInstant } from "./instant.ts";
import { withDiscounts } from "./line-answer.ts";
import type { QuoteStore } from "./quote-store.ts";
import { shopPolicy } from "./shop-policy.ts";
import type { Till } from "./till.ts";

export interface QuoteRequest {
  readonly asked: AskedBasket;
  readonly actor: Actor;
  /** What the basket would cost then; such a quote is not held to be sold. */
  readonly at?: string | undefined;
}

export function quote(
  till: Till,
  quotes: QuoteStore,
  { asked, actor, at }: QuoteRequest,
): Result<JsonObject, Refusal> {
  const instant = readInstant(at, "/at");
  if (!instant.ok) return instant;
  const atMs = instant.value;
  const priced = priceAsked(till, { asked, actor, atMs });
  if (!priced.ok) return priced;
  const quoteId = newId("quote", till.random);
  const businessDate = pricingDate(till, atMs);
  if (atMs === undefined) {
    const role = roleOf(till, actor);
    quotes.keep({ quoteId, asked, priced: priced.value, role, businessDate });
  }
  return ok({ quoteId, businessDate, ...quoteAnswer(till, priced.value) });
}

function quoteAnswer(till: Till, priced: PricedBasket): JsonObject {
  const { currency, lines, taxes, totalMinor } = priced;
  const figures = basketFigures(priced);
  const { listTotalMinor, discountMinor, netMinor, taxMinor } = figures;
  const { basis, policy, applied, rejectedCoupons, isExact } = figures;
  const totals = { listMinor: listTotalMinor, discountMinor, netMinor, taxMinor, totalMinor };
  const inside = {
    currency,
    lines: lines.map(withDiscounts),
    taxes,
    totalMinor,
    discounts: applied,
    totals,
    rejectedCoupons,
    isExact,
    basis,
    policy,
    ...cashDue(till, totalMinor),
  };
  return toWire(inside as unknown as JsonObject, currency) as JsonObject;
}

/** What is due if all is paid in cash, where cash is rounded. */
function cashDue(till: Till, totalMinor: number): JsonObject {
  const { cashRounding } = shopPolicy(till);
  const rounded = roundCash(totalMinor, cashRounding);
  if (cashRounding === null || !rounded.ok) return {};
  const roundingMinor = rounded.value - totalMinor;
  return { cashRounding: { totalMinor: rounded.value, roundingMinor } };
}

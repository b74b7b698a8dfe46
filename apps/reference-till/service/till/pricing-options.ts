/**
 * What a till may offer to whoever asks: customer groups, discounts up to a limit, kinds of tender.
 *
 * @module
 */

import { tenderKinds, type DiscountLimit } from "@tillmesh/pricing-core";
import type { Actor } from "../identity/actor.ts";
import { roleOf } from "./actor-role.ts";
import { moneyFact } from "./money.ts";
import { percentText } from "./percent.ts";
import { discountLimits, shopPolicy } from "./shop-policy.ts";
import type { Till } from "./till.ts";

export function pricingOptions(till: Till, actor: Actor): object {
  const role = roleOf(till, actor);
  const byRole = discountLimits(till);
  const { cashRounding, exchangeRates } = shopPolicy(till);
  const foreign = Object.keys(exchangeRates).toSorted();
  return {
    role,
    customerGroups: customerGroups(till),
    hasServing: till.books.catalogue.hasTakeAway(),
    limits: byRole === null ? null : limitAnswer(byRole[role]),
    mayAbove: byRole === null ? [] : rolesAbove(byRole, role),
    cashRounding:
      cashRounding === null
        ? null
        : { step: moneyFact(till, cashRounding.stepMinor), mode: cashRounding.mode },
    tenders: tenderKinds.filter((kind) => kind !== "foreign-cash" || foreign.length > 0),
    foreignCurrencies: foreign,
  };
}

/** Those that a promotion or a list names. */
function customerGroups({ books }: Till): readonly string[] {
  const { book } = books.promotions;
  const ofPromotions = book.keys().flatMap((key) => book.inForce(key)?.value.customerGroups ?? []);
  const ofLists = books.lists.all().flatMap(({ value }) => value.customerGroups ?? []);
  return [...new Set([...ofPromotions, ...ofLists])].toSorted();
}

const nothing: DiscountLimit = { lineBp: 0, orderBp: 0, overrideBp: 0, canComp: false };

function limitAnswer(limit: DiscountLimit = nothing): object {
  const { lineBp, orderBp, overrideBp, canComp } = limit;
  return {
    linePercent: percentText(lineBp),
    orderPercent: percentText(orderBp),
    overridePercent: percentText(overrideBp),
    canComp,
  };
}

/** Roles that may go further in something. */
function rolesAbove(
  byRole: Readonly<Record<string, DiscountLimit>>,
  role: string,
): readonly string[] {
  const own = byRole[role] ?? nothing;
  const above = Object.entries(byRole).filter(
    ([, { lineBp, orderBp, overrideBp, canComp }]) =>
      lineBp > own.lineBp ||
      orderBp > own.orderBp ||
      overrideBp > own.overrideBp ||
      (canComp && !own.canComp),
  );
  return above.map(([name]) => name).toSorted();
}

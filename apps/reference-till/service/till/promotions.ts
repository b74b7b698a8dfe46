/**
 * The promotions that are published, as the API answers with them.
 *
 * @module
 */

import {
  localInstant,
  whyNotInForce,
  type InForce,
  type PromotionItem,
} from "@tillmesh/pricing-core";
import { locationNamed } from "./names.ts";
import { promotionText } from "./promotion-text.ts";
import { publicationAnswer } from "./publication-answer.ts";
import type { Till } from "./till.ts";

/** By id, after `after`. */
export function promotionsAfter(
  { books }: Till,
  after: string | undefined,
  limit: number,
): readonly InForce<PromotionItem>[] {
  const { book } = books.promotions;
  const keys = book.keys().filter((key) => after === undefined || key > after);
  return keys.slice(0, limit).flatMap((key) => book.inForce(key) ?? []);
}

export function promotionAnswer(
  till: Till,
  { value, publication }: InForce<PromotionItem>,
): object {
  const { id, name, rule, effectiveFrom = null, effectiveTo = null, coupon = null } = value;
  const article = (sku: string) => till.books.catalogue.bySku(sku)?.value.name ?? sku;
  const location = (one: string) => locationNamed(till, one).name;
  const { currency } = till.replica.location;
  return {
    id,
    name,
    kind: rule.kind,
    description: promotionText(value, { currency, article, location }),
    effectiveFrom,
    effectiveTo,
    isActive: isActive(till, value),
    priority: value.priority ?? 0,
    coupon,
    customerGroups: value.customerGroups ?? [],
    publication: publicationAnswer(till, publication),
  };
}

/** Here and now, for a customer who is in its groups and has its coupon. */
function isActive({ replica, clock }: Till, item: PromotionItem): boolean {
  const { id: location, currency, timeZone } = replica.location;
  const { customerGroups = [], coupon } = item;
  const reason = whyNotInForce(item, {
    promotions: [],
    at: localInstant(clock.nowMs(), timeZone),
    location,
    currency,
    customerGroups,
    coupons: coupon == null ? [] : [coupon],
  });
  return reason === undefined;
}

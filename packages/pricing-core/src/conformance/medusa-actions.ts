/**
 * Promotions on items, shipping and orders, as Medusa has them.
 *
 * @module
 */

import { assert } from "@tillmesh/kernel";
import type { PromotionItem, PromotionRule, Selector } from "../promotions/index.ts";
import { discountOf, tagged, type EngineLine, type Run } from "./engine-basket.ts";
import { basisPointsOf, minorOf, textOf } from "./exact-decimal.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";

export interface ActionsVector extends Vector {
  readonly input: {
    /** Coupon codes in the order in which they apply; the automatic promotions come after them. */
    readonly coupons: readonly string[];
    readonly group?: string;
    readonly items: readonly ActionItem[];
    readonly promotions: readonly ActionPromotion[];
  };
  readonly expected: { readonly adjustments?: readonly Adjustment[] };
}

interface ActionItem {
  readonly id: string;
  readonly quantity: number;
  readonly subtotal: string;
  readonly tags?: readonly string[];
}

interface ActionPromotion {
  readonly code: string;
  readonly isAutomatic?: boolean;
  readonly type: "standard" | "buyget";
  readonly groups?: readonly string[];
  readonly allocation?: "each" | "across";
  readonly method: "fixed" | "percentage";
  readonly value: string;
  /** Units of a line that it takes at most. */
  readonly maxQuantity?: number;
  readonly applyToQuantity?: number;
  readonly buyMinQuantity?: number;
  readonly targetTags?: readonly string[];
  readonly buyTags?: readonly string[];
}

interface Adjustment {
  readonly code: string;
  readonly id: string;
  readonly amount: string;
}

const decimals = 2;

export function checkActions({ input, expected }: ActionsVector, run: Run): readonly Check[] {
  const { deal } = run({
    lines: input.items.map(lineOf),
    promotions: input.promotions.flatMap((promotion) => promotionItems(promotion, input)),
    coupons: input.coupons,
    customerGroups: input.group === undefined ? [] : [input.group],
    discountMode: "half-up",
    tax: { basis: "exclusive", point: "line", mode: "half-up" },
  });
  const adjustments = input.promotions.flatMap(({ code }) =>
    input.items.flatMap(({ id }) => {
      const amountMinor = discountOf(deal, id, code) + discountOf(deal, id, `${code}/${id}`);
      return amountMinor === 0 ? [] : [{ code, id, amount: textOf(amountMinor, decimals) }];
    }),
  );
  return checkOf("adjustments", sorted(expected.adjustments), sorted(adjustments));
}

function lineOf({ id, quantity, subtotal, tags = [] }: ActionItem): EngineLine {
  const subtotalMinor = minorOf(subtotal, decimals);
  assert(subtotalMinor % quantity === 0, "a unit has a whole price");
  return { id, unitPriceMinor: subtotalMinor / quantity, quantity, tags, components: [] };
}

/** What is limited by line is a promotion of its own for each line. */
function promotionItems(
  promotion: ActionPromotion,
  { items, coupons }: ActionsVector["input"],
): readonly PromotionItem[] {
  const { code, isAutomatic, groups } = promotion;
  const given = coupons.indexOf(code);
  const base = {
    name: code,
    group: code,
    priority: given < 0 ? coupons.length : given,
    coupon: isAutomatic ? null : code,
    ...(groups === undefined ? {} : { customerGroups: groups }),
  };
  if (promotion.type === "buyget") {
    return [{ ...base, id: code, basketMax: 1, rule: buyGetRule(promotion) }];
  }
  if (promotion.allocation !== "each") {
    const rule = standardRule(promotion, selectorOf(promotion.targetTags), "across");
    return [{ ...base, id: code, stacking: "stackable", rule }];
  }
  return items
    .filter((item) => isTarget(item, promotion))
    .map(({ id, quantity }) => {
      const max = Math.min(quantity, promotion.maxQuantity ?? quantity);
      const rule = standardRule(promotion, { skus: [id] }, max === 1 ? "each" : "across");
      const cap = max < quantity ? { basketMax: max } : {};
      return { ...base, ...cap, id: `${code}/${id}`, group: code, stacking: "stackable", rule };
    });
}

function standardRule(
  { method, value }: ActionPromotion,
  items: Selector,
  spread: "each" | "across",
): PromotionRule {
  return method === "percentage"
    ? { kind: "percent", items, percentBp: basisPointsOf(value) }
    : { kind: "amount", items, amountMinor: minorOf(value, decimals), spread };
}

function buyGetRule(promotion: ActionPromotion): PromotionRule {
  const { buyTags, targetTags, buyMinQuantity = 0, applyToQuantity = 0 } = promotion;
  const isSame = String(buyTags) === String(targetTags);
  return {
    kind: "buy-get",
    buy: selectorOf(buyTags),
    buyQuantity: buyMinQuantity,
    ...(isSame ? {} : { get: selectorOf(targetTags) }),
    getQuantity: applyToQuantity,
    percentBp: 10_000,
  };
}

function selectorOf(tags: readonly string[] | undefined): Selector {
  return tags === undefined ? { everything: true } : tagged(tags);
}

function isTarget({ tags = [] }: ActionItem, { targetTags }: ActionPromotion): boolean {
  return targetTags === undefined || targetTags.some((tag) => tags.includes(tag));
}

function sorted(adjustments: readonly Adjustment[] = []): readonly Adjustment[] {
  return adjustments.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function keyOf({ code, id }: Adjustment): string {
  return `${code}/${id}`;
}

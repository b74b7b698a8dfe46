/**
 * A promotion made ready for the search. SPEC.md §12 (DL).
 *
 * @module
 */

import { unreachable } from "@tillmesh/kernel";
import type { InForce } from "../book.ts";
import { byText } from "./article.ts";
import type { PromotionItem, PromotionRule, Selector } from "./promotion-item.ts";

/** Offers in canonical order: by priority, then id. */
export function offersOf(promotions: readonly InForce<PromotionItem>[]): readonly Offer[] {
  return promotions
    .toSorted(
      ({ value: a }, { value: b }) => (a.priority ?? 0) - (b.priority ?? 0) || byText(a.id, b.id),
    )
    .map(({ value, publication }, order) => ({
      order,
      item: value,
      publication: publication.id,
      kind: kindOf(value),
      takes: takesOf(value.rule),
      isExclusive: value.stacking !== "stackable",
      group: value.group ?? "standard",
      parts: partsOf(value.rule),
    }));
}

export interface Offer {
  readonly order: number;
  readonly item: PromotionItem;
  /** Its id. */
  readonly publication: string;
  /**
   * `simple`: what it takes off a unit depends on nothing else. `joint`: it depends on what else it
   * takes. `basket`: it takes no units.
   */
  readonly kind: "simple" | "joint" | "basket";
  /** One use takes a unit; any number of units; or so many units of each part. */
  readonly takes: "unit" | "pool" | "group";
  readonly isExclusive: boolean;
  readonly group: string;
  readonly parts: readonly Part[];
}

/** `quantity` units per use; null: any number. */
export interface Part {
  readonly items: Selector;
  readonly quantity: number | null;
}

function kindOf({ rule, basketMax, customerMax, discountMaxMinor }: PromotionItem): Offer["kind"] {
  if (rule.kind === "basket") return "basket";
  const isCapped = [basketMax, customerMax, discountMaxMinor].some(
    (cap) => typeof cap === "number",
  );
  return takesOf(rule) === "unit" && !isCapped ? "simple" : "joint";
}

function takesOf(rule: PromotionRule): Offer["takes"] {
  switch (rule.kind) {
    case "percent":
    case "fixed-price":
      return "unit";
    case "amount":
      return rule.spread === "each" ? "unit" : "pool";
    case "tiers":
    case "basket":
      return "pool";
    case "buy-get":
    case "x-for-y":
    case "set":
      return "group";
    default:
      return unreachable(rule);
  }
}

function partsOf(rule: PromotionRule): readonly Part[] {
  if (rule.kind === "x-for-y") return [{ items: rule.items, quantity: rule.quantity }];
  if (rule.kind === "set") return rule.parts;
  if (rule.kind !== "buy-get") return [{ items: rule.items, quantity: null }];
  const { buy, buyQuantity, get, getQuantity } = rule;
  if (get === undefined) return [{ items: buy, quantity: buyQuantity + getQuantity }];
  return [
    { items: buy, quantity: buyQuantity },
    { items: get, quantity: getQuantity },
  ];
}

/**
 * SKUs that a promotion names and nobody sells. SPEC.md §11 (PR).
 *
 * @module
 */

import type { Fault } from "../faults.ts";
import type { ArticleNames, PromotionItem, PromotionRule, Selector } from "./promotion-item.ts";

/** For whoever publishes: a promotion may be on a till before its articles are, so no reader asks. */
export function unknownSkuFaults(
  item: PromotionItem,
  isKnown: (sku: string) => boolean,
  pointer = "",
): readonly Fault[] {
  return selectorsOf(item.rule).flatMap(([place, selector]) =>
    [
      [`${pointer}/rule${place}`, selector] as const,
      [`${pointer}/rule${place}/except`, selector.except ?? {}] as const,
    ].flatMap(([at, names]) => unknownIn(at, names, isKnown)),
  );
}

function unknownIn(
  pointer: string,
  { skus = [] }: ArticleNames,
  isKnown: (sku: string) => boolean,
): readonly Fault[] {
  return skus.flatMap((sku, index): readonly Fault[] => {
    const detail = `a SKU of the catalogue; it has no ${sku}`;
    return isKnown(sku) ? [] : [{ pointer: `${pointer}/skus/${index}`, code: "Unknown", detail }];
  });
}

function selectorsOf(rule: PromotionRule): readonly (readonly [string, Selector])[] {
  if (rule.kind === "set") {
    return rule.parts.map(({ items }, index) => [`/parts/${index}/items`, items] as const);
  }
  if (rule.kind !== "buy-get") return [["/items", rule.items]];
  return rule.get === undefined
    ? [["/buy", rule.buy]]
    : [
        ["/buy", rule.buy],
        ["/get", rule.get],
      ];
}

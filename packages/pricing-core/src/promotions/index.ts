/**
 * Promotions: what is published, what is in force here and now, and the best deal. SPEC.md §11, §12.
 *
 * @module
 */

export { bestDeal, searchStepsMax } from "./best-deal.ts";
export type { AppliedPromotion, Deal, PromotionContext, RejectedCoupon } from "./deal.ts";
export { whyNotInForce, type NotInForce } from "./in-force-here.ts";
export { localInstant, type LocalInstant } from "./local-instant.ts";
export { createPromotionBook, type PromotionBook } from "./promotion-book.ts";
export {
  checkPromotions,
  parsePromotionItem,
  promotionKey,
  promotionPriorityMax,
  promotionUsesMax,
} from "./promotion-checks.ts";
export { createPromotionIndex, type PromotionIndex } from "./promotion-index.ts";
export type {
  AmountOff,
  AmountRule,
  ArticleNames,
  AtPrice,
  BasketRule,
  BuyGetRule,
  FixedPriceRule,
  ForRule,
  PercentOff,
  PercentRule,
  PromotionItem,
  PromotionRule,
  Reduction,
  Selector,
  SetPart,
  SetRule,
  Tier,
  TiersRule,
  WeeklyTime,
} from "./promotion-item.ts";
export { unknownSkuFaults } from "./promotion-skus.ts";

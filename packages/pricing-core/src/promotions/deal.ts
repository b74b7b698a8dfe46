/**
 * What promotions take off a basket. SPEC.md §12 (DL).
 *
 * @module
 */

import type { InForce } from "../book.ts";
import type { Discount } from "../discount.ts";
import type { RoundingMode } from "../rounding.ts";
import type { LocalInstant } from "./local-instant.ts";
import type { PromotionIndex } from "./promotion-index.ts";
import type { PromotionItem } from "./promotion-item.ts";

export interface PromotionContext {
  /** All that are published, or an index of them; what does not count here and now is left out. */
  readonly promotions: PromotionIndex | readonly InForce<PromotionItem>[];
  readonly at: LocalInstant;
  readonly location: string;
  readonly currency: string;
  readonly customerGroups: readonly string[];
  readonly coupons: readonly string[];
  /** Of percentages; `half-up` unless told otherwise. */
  readonly mode?: RoundingMode;
  /** Uses before this basket by promotion id, as far as they are known here. */
  readonly usedByCustomer?: Readonly<Record<string, number>>;
}

export interface Deal {
  /** By `lineId`; lines without a discount are absent. In the order in which they apply. */
  readonly discounts: ReadonlyMap<string, readonly Discount[]>;
  /** In the order in which they apply. */
  readonly applied: readonly AppliedPromotion[];
  /** False when the search reached its bound: the deal may be below the best. */
  readonly isExact: boolean;
  /** In the order in which they were given, each once. */
  readonly rejectedCoupons: readonly RejectedCoupon[];
}

export type AppliedPromotion = {
  readonly id: string;
  readonly name: string;
  readonly times: number;
  readonly amountMinor: number;
  readonly publication: string;
};

export type RejectedCoupon = {
  readonly code: string;
  /** `no-effect`: it counts here and now, and the best deal makes no use of it. */
  readonly reason: "unknown" | "expired" | "not-yet" | "no-effect" | "used-up";
};

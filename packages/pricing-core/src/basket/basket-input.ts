/**
 * What `priceBasket` is asked. SPEC.md §8 (BA).
 *
 * @module
 */

import type { BusinessDate } from "@tillmesh/kernel";
import type { Catalogue } from "../catalogue.ts";
import type { PriceList } from "../price-list.ts";
import type { ListTable } from "../list-table.ts";
import type { PricingPolicy } from "../policy.ts";
import type { LocalInstant, PromotionContext } from "../promotions/index.ts";
import type { TaxTable } from "../tax-table.ts";
import type {
  ActorLimits,
  ManualDiscount,
  ManualReason,
  PriceOverride,
  ServiceCharge,
} from "./manual-input.ts";

export interface BasketInput {
  /** 1 to 500, in the order they were scanned: it decides the order of the answer and nothing else. */
  readonly lines: readonly BasketLine[];
  readonly catalogue: Pick<Catalogue, "bySku">;
  readonly prices: Pick<PriceList, "reached">;
  readonly taxes: Pick<TaxTable, "byCode">;
  readonly businessDate: BusinessDate;
  /** The location's. */
  readonly currency: string;
  /** This list and no other. Absent: the lists that apply to the location and the customer. */
  readonly list?: string;
  /** The published lists. Absent: `standard` is the only one. */
  readonly lists?: Pick<ListTable, "applicable" | "named">;
  readonly location?: string;
  readonly customerGroups?: readonly string[];
  /** Absent: none counts, and a coupon cannot be given. */
  readonly promotions?: BasketPromotions;
  /** `eat-in` unless told otherwise. */
  readonly serving?: Serving;
  /** The customer is exempt from tax. */
  readonly exemption?: TaxExemptionAsked;
  readonly orderDiscount?: ManualDiscount;
  readonly serviceCharge?: ServiceCharge;
  /** Absent: whoever asks may do everything. */
  readonly limits?: ActorLimits;
  /** `inclusivePerRate` unless told otherwise. */
  readonly policy?: PricingPolicy;
}

export interface BasketLine {
  readonly sku: string;
  readonly quantityMilli: number;
  /** What was typed for an article whose price is open. */
  readonly openPriceMinor?: number;
  readonly override?: PriceOverride;
  readonly discount?: ManualDiscount;
  /** The line is given away. */
  readonly comp?: ManualReason;
  /** That of the basket unless told otherwise. */
  readonly serving?: Serving;
}

export interface BasketPromotions {
  /** All that are published, or an index of them. */
  readonly published: PromotionContext["promotions"];
  /** The wall clock of the location. */
  readonly at: LocalInstant;
  readonly coupons?: readonly string[];
  /** Uses before this basket by promotion id, as far as they are known here. */
  readonly usedByCustomer?: Readonly<Record<string, number>>;
}

/** Why no tax is charged: shown on the receipt. */
export interface TaxExemptionAsked {
  readonly reason: string;
}

/** Where food is eaten decides about its tax in some countries. */
export type Serving = "eat-in" | "take-away";

/**
 * What the service answers about prices: discounts, taxes, promotions, and why a price is what it is.
 *
 * Members with a question mark are absent where they say nothing, and in what older devices wrote.
 *
 * @module
 */

import type { Money } from "../money.ts";
import type { Named } from "./shapes.ts";

/** What was taken off a line, and why. The amount is positive. */
export interface Discount {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly amount: Money;
  readonly publication: string | null;
}

export interface LineTax {
  readonly id: string;
  readonly name: string;
  readonly ratePercent: string;
  readonly base: Money;
  readonly tax: Money;
}

/** What a line has besides its article, quantity and amount. */
export interface LinePricing {
  /** Before any discount; the amount where absent. */
  readonly listAmount?: Money;
  readonly discounts?: readonly Discount[];
  readonly taxes?: readonly LineTax[];
  readonly list?: string;
  /** The price is of so much of the unit: `"0.1"`; of one where absent. */
  readonly per?: string;
  /** A person gave another price than the list's. */
  readonly override?: { readonly listPrice: Money; readonly reason: string };
  /** This is the deposit of that line. */
  readonly linkedTo?: string;
}

export interface AppliedPromotion {
  readonly id: string;
  readonly name: string;
  /** A receipt does not say how often. */
  readonly times?: number;
  readonly amount: Money;
  readonly publication: string | null;
}

export interface Totals {
  readonly list: Money;
  readonly discount: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly total: Money;
}

/** What a quote and a receipt have besides lines and total. */
export interface BasketPricing {
  /** Are the taxes in the listed amounts? They are, where absent. */
  readonly basis?: "inclusive" | "exclusive";
  readonly discounts?: readonly AppliedPromotion[];
  readonly totals?: Totals;
}

export interface RejectedCoupon {
  readonly code: string;
  readonly reason: string;
}

/** What the customer pays when all of it is paid in cash. */
export interface CashDue {
  readonly total: Money;
  readonly rounding: Money;
}

/** What this till may offer to whoever asks. */
export interface PricingOptions {
  readonly customerGroups: readonly string[];
  /** Eaten here or taken away makes a difference for some article. */
  readonly hasServing: boolean;
  /** Null: nothing is limited. */
  readonly limits: ActorLimits | null;
  /** Roles that may more. */
  readonly mayAbove: readonly string[];
  readonly cashRounding: { readonly step: Money; readonly mode: string } | null;
  /** Kinds that are taken here. */
  readonly tenders: readonly string[];
}

export interface ActorLimits {
  readonly linePercent: string;
  readonly orderPercent: string;
  readonly overridePercent: string;
  readonly canComp: boolean;
}

export interface Promotion {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** One sentence, made from the rule. */
  readonly description: string;
  readonly effectiveFrom: string | null;
  readonly effectiveTo: string | null;
  /** Now and here; a happy hour only while it lasts. */
  readonly isActive: boolean;
  readonly priority: number;
  readonly coupon?: string | null;
  readonly publication: PublicationRef;
}

export interface PublicationRef {
  readonly id: string;
  readonly sequence: number;
  readonly publisher: Named;
}

export interface PriceCandidate {
  readonly list: string;
  readonly name?: string;
  readonly price: Money;
  readonly per?: string;
  readonly minQuantity?: string;
  readonly effectiveFrom: string | null;
  readonly effectiveTo?: string | null;
  readonly publication?: PublicationRef;
  readonly isWinner: boolean;
  /** Why it counts, or not. */
  readonly reason: string;
}

export interface PriceWhy {
  readonly sku: string;
  readonly quantity: string;
  readonly candidates: readonly PriceCandidate[];
}

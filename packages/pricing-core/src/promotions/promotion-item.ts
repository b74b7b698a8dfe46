/**
 * What headquarters publishes about a promotion. SPEC.md §11 (PR).
 *
 * Members that are absent restrict nothing. All amounts are in the basis and the currency of the
 * listed prices.
 *
 * @module
 */

/** Topic `promotions`, key `id`. */
export type PromotionItem = {
  readonly id: string;
  /** Shown on the receipt. */
  readonly name: string;
  /** `2026-12-01` or `2026-12-01T09:00` by the location's wall clock: from there on. */
  readonly effectiveFrom?: string | null;
  /** A day: to its end. A day and a time: up to that minute, which is the first without. */
  readonly effectiveTo?: string | null;
  /** Happy hours; in one of them. */
  readonly times?: readonly WeeklyTime[];
  /** Ids of locations; in one of them. */
  readonly locations?: readonly string[];
  /** The customer is in one of them. */
  readonly customerGroups?: readonly string[];
  /** The code has to be given. Several promotions may have one code. */
  readonly coupon?: string | null;
  /** ISO 4217; only in baskets of that currency. */
  readonly currency?: string | null;
  /** The lowest is applied first, then the lowest id; 0 unless told otherwise. */
  readonly priority?: number;
  /** Of the promotions of one stacking group at most one takes a unit; `standard` unless told otherwise. */
  readonly group?: string;
  /** `exclusive` unless told otherwise: what it takes, no other promotion takes. */
  readonly stacking?: "exclusive" | "stackable";
  /** Uses per basket. */
  readonly basketMax?: number | null;
  /** Uses per customer, over all baskets. */
  readonly customerMax?: number | null;
  /** No more than that per basket. */
  readonly discountMaxMinor?: number | null;
  readonly rule: PromotionRule;
};

export type PromotionRule =
  | PercentRule
  | AmountRule
  | FixedPriceRule
  | BuyGetRule
  | ForRule
  | SetRule
  | TiersRule
  | BasketRule;

export type PercentRule = {
  readonly kind: "percent";
  readonly items: Selector;
  readonly percentBp: number;
};

/** `each`: off the price of each unit. `across`: once, over all it takes. */
export type AmountRule = {
  readonly kind: "amount";
  readonly items: Selector;
  readonly amountMinor: number;
  readonly spread: "each" | "across";
};

/** A unit costs `priceMinor` instead; of a weighed line what its price is per. */
export type FixedPriceRule = {
  readonly kind: "fixed-price";
  readonly items: Selector;
  readonly priceMinor: number;
};

/** Buy X, get Y at `percentBp` off; 10,000 is free. Without `get` both are of `buy`. */
export type BuyGetRule = {
  readonly kind: "buy-get";
  readonly buy: Selector;
  readonly buyQuantity: number;
  readonly get?: Selector;
  readonly getQuantity: number;
  readonly percentBp: number;
};

/** Take `quantity`, pay for the `payFor` dearest of them. */
export type ForRule = {
  readonly kind: "x-for-y";
  readonly items: Selector;
  readonly quantity: number;
  readonly payFor: number;
};

/** So many of each part together for a price, a percentage or an amount off. */
export type SetRule = {
  readonly kind: "set";
  readonly parts: readonly SetPart[];
  readonly reduction: Reduction;
};

export type SetPart = { readonly items: Selector; readonly quantity: number };

/** The best tier that is reached counts, for all it takes. A price is per unit, an amount once. */
export type TiersRule = {
  readonly kind: "tiers";
  readonly items: Selector;
  readonly by: "quantity" | "amount";
  /** Ascending by `from`. */
  readonly tiers: readonly Tier[];
};

/** `from` counts thousandths of a unit (by quantity) or minor units (by amount). */
export type Tier = { readonly from: number; readonly reduction: Reduction };

/** Off what is left of the whole basket after all other promotions, when the list prices of the items reach `fromMinor`. */
export type BasketRule = {
  readonly kind: "basket";
  readonly items: Selector;
  readonly fromMinor: number;
  readonly reduction: PercentOff | AmountOff;
};

export type Reduction = PercentOff | AmountOff | AtPrice;
export type PercentOff = { readonly kind: "percent"; readonly percentBp: number };
export type AmountOff = { readonly kind: "amount"; readonly amountMinor: number };
export type AtPrice = { readonly kind: "price"; readonly priceMinor: number };

/** Articles that any of the lists names, without those that `except` names. */
export type Selector = {
  readonly everything?: boolean;
  readonly skus?: readonly string[];
  readonly departments?: readonly string[];
  readonly tags?: readonly string[];
  readonly except?: ArticleNames;
};

export type ArticleNames = {
  readonly skus?: readonly string[];
  readonly departments?: readonly string[];
  readonly tags?: readonly string[];
};

/** From `from` up to `to`, `HH:MM`; when `to` is not after `from`, it ends on the next day. */
export type WeeklyTime = {
  /** The days it begins, 1 Monday to 7 Sunday. */
  readonly weekdays: readonly number[];
  readonly from: string;
  readonly to: string;
};

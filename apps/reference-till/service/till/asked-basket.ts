/**
 * What a customer wants to buy, as asked.
 *
 * @module
 */

import type { WireMoney } from "../http/wire.ts";
import type { AskedGoods } from "./find-article.ts";

export interface AskedBasket {
  readonly lines: readonly AskedLine[];
  readonly customerGroup?: string | undefined;
  readonly coupons?: readonly string[] | undefined;
  /** Off the whole order. */
  readonly discount?: (AskedDiscount & { readonly reason: string }) | undefined;
  readonly serving?: AskedServing | undefined;
  /** No tax is charged. */
  readonly exempt?: { readonly reason: string } | undefined;
}

export interface AskedLine extends AskedGoods {
  /** What was typed: of an article with an open price, or in place of its list's. */
  readonly price?: WireMoney | undefined;
  /** Of an override, a discount or a comp. */
  readonly reason?: string | undefined;
  readonly discount?: AskedDiscount | undefined;
  readonly comp?: true | undefined;
  /** That of the basket unless told otherwise. */
  readonly serving?: AskedServing | undefined;
}

/** One of both. */
export interface AskedDiscount {
  readonly percent?: string | undefined;
  readonly amount?: WireMoney | undefined;
}

export type AskedServing = "eat-in" | "take-away";

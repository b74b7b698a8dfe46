/**
 * Quotes that can still be sold as quoted.
 *
 * In memory and bounded: a customer who was told a price pays it within the hour, and a till that
 * was started again in between prices anew.
 *
 * @module
 */

import type { BusinessDate, Clock } from "@tillmesh/kernel";
import type { PricedBasket } from "@tillmesh/pricing-core";
import type { AskedBasket } from "./asked-basket.ts";

export interface HeldQuote {
  readonly quoteId: string;
  readonly asked: AskedBasket;
  readonly priced: PricedBasket;
  /** Of whoever asked: what they may take off, others may not. */
  readonly role: string;
  /** Of another day there are other prices and rates. */
  readonly businessDate: BusinessDate;
}

export interface QuoteStore {
  keep(quote: HeldQuote): void;
  /** Undefined for one that is unknown, forgotten or older than an hour. */
  find(quoteId: string): HeldQuote | undefined;
}

export function createQuoteStore(clock: Clock, quotesMax = 1000): QuoteStore {
  const byId = new Map<string, { readonly quote: HeldQuote; readonly keptMs: number }>();
  return {
    keep: (quote) => {
      byId.set(quote.quoteId, { quote, keptMs: clock.nowMs() });
      const [oldest] = byId.keys();
      if (byId.size > quotesMax && oldest !== undefined) byId.delete(oldest);
    },
    find: (quoteId) => {
      const kept = byId.get(quoteId);
      if (kept === undefined) return undefined;
      if (clock.nowMs() - kept.keptMs <= ageMaxMs) return kept.quote;
      byId.delete(quoteId);
      return undefined;
    },
  };
}

const ageMaxMs = 3_600_000;

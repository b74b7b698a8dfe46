/**
 * Cashiers without a pause: several at once, each asking for one sale after the other.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import type { Money, Sale } from "./answers.ts";
import type { Api } from "./api.ts";
import { articles, pricesMinor, type Article } from "./corner-shop.ts";
import type { Dice } from "./dice.ts";

export interface Order {
  readonly key: string;
  readonly units: Readonly<Partial<Record<Article, number>>>;
  readonly body: unknown;
}

/** What a 201 said. */
export interface Promised {
  readonly order: Order;
  readonly saleId: string;
  readonly receiptNumber: string;
  readonly totalMinor: number;
}

export interface LoadResult {
  readonly promised: ReadonlyMap<string, Promised>;
  readonly unanswered: readonly Order[];
  readonly faults: readonly string[];
}

export interface Load {
  stop(): Promise<LoadResult>;
}

export interface LoadOptions {
  readonly dice: Dice;
  readonly workers: number;
  /** Says in messages whose key it is. */
  readonly keyPrefix: string;
  readonly money: (minor: number) => Money;
}

/** A worker ends at its first request without an answer: the till is gone. */
export function startLoad(api: Api, options: LoadOptions): Load {
  const { workers } = options;
  const promised = new Map<string, Promised>();
  const unanswered: Order[] = [];
  const faults: string[] = [];
  const ask = { isStopped: false };
  const work = async () => {
    while (!ask.isStopped && promised.size < salesMax) {
      const order = makeOrder(options);
      const asked = api.post<Sale>("/sales", order.body, { key: order.key, retriesMax: 0 });
      const answer = await asked.catch(() => undefined);
      if (answer === undefined) {
        unanswered.push(order);
        return;
      }
      if (answer.status !== 201) {
        faults.push(`${order.key}: ${answer.status} ${answer.text.slice(0, 300)}`);
        return;
      }
      const { saleId, receiptNumber, total } = answer.body;
      promised.set(order.key, { order, saleId, receiptNumber, totalMinor: total.minor });
    }
  };
  const working = Promise.all(Array.from({ length: workers }, work));
  return {
    stop: async () => {
      ask.isStopped = true;
      await working;
      return { promised, unanswered, faults };
    },
  };
}

/** Of one load; the dice leave it no time to get there. */
const salesMax = 5000;

/** The expected total is ours, so that a till that computes another one refuses. */
function makeOrder({ dice, keyPrefix, money }: LoadOptions): Order {
  const wanted = Array.from(
    { length: 1 + dice(3) },
    () => articles[dice(articles.length)] ?? "COF",
  );
  const units = Object.fromEntries(
    [...new Set(wanted)].map((sku) => [sku, 1 + dice(3)] as const),
  ) as Order["units"];
  const totalMinor = articles.reduce((sum, sku) => sum + (units[sku] ?? 0) * pricesMinor[sku], 0);
  const lines = Object.entries(units).map(([sku, quantity]) => ({
    sku,
    quantity: String(quantity),
  }));
  const tenders = [{ kind: "cash", amount: money(totalMinor + dice(500)) }];
  const body = { lines, tenders, expectedTotal: money(totalMinor) };
  return { key: `${keyPrefix}/${randomUUID()}`, units, body };
}

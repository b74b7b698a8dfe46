/**
 * What two tills must agree on, in one value that can be compared.
 *
 * @module
 */

import type { Exception, Price, Product, Sale, Stock } from "./answers.ts";
import { must, type Api } from "./api.ts";

export interface ShopState {
  /** `location: on hand, in transit` by SKU. */
  readonly stock: Readonly<Record<string, readonly string[]>>;
  /** Amount and publication by SKU. */
  readonly prices: Readonly<Record<string, string>>;
  /** Every sale with all that was given back of it, by its id. */
  readonly sales: Readonly<Record<string, unknown>>;
  /** Ids of exceptions that follow from the ledgers. */
  readonly exceptions: readonly string[];
}

export async function stateOf(api: Api): Promise<ShopState> {
  const [stock, products, sales, exceptions] = await Promise.all([
    api.all<Stock>("/stock"),
    api.all<Product>("/products"),
    api.all<Sale>("/sales"),
    api.all<Exception>("/exceptions"),
  ]);
  const prices = await Promise.all(products.map(({ sku }) => priceOf(api, sku)));
  const wholeSales = await Promise.all(
    sales.map(async ({ saleId }) => must(await api.get<Sale>(`/sales/${saleId}`), 200)),
  );
  return {
    stock: Object.fromEntries(
      stock.map(({ sku, locations }) => [
        sku,
        locations.map(
          ({ location, onHand, inTransit }) => `${location.name}: ${onHand}, ${inTransit}`,
        ),
      ]),
    ),
    prices: Object.fromEntries(prices),
    sales: Object.fromEntries(wholeSales.map((sale) => [sale.saleId, settled(sale)])),
    exceptions: exceptions
      .filter(({ type }) => derivedTypes.has(type))
      .map(({ id }) => id)
      .toSorted(),
  };
}

/** Exceptions of a device's own disk and links are its own; these are everybody's. */
const derivedTypes: ReadonlySet<string> = new Set([
  "OversellRaised",
  "OverRefund",
  "RecountNeeded",
  "OverReceived",
  "Fork",
]);

async function priceOf(api: Api, sku: string): Promise<readonly [string, string]> {
  const { price, publication } = must(await api.get<Price>(`/prices/${sku}`), 200);
  return [sku, `${price.minor} ${price.currency} by ${publication.id}`];
}

/**
 * Refunds in an order that does not depend on when they arrived. How far something has got is told from where one
 * stands: it is left out.
 */
function settled(sale: Sale): object {
  const refunds = (sale.refunds ?? [])
    .map((refund) => ({ ...refund, horizon: undefined }))
    .toSorted((a, b) => (a.receiptNumber < b.receiptNumber ? -1 : 1));
  return { ...sale, refunds, horizon: undefined };
}

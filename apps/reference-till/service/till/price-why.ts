/**
 * Why an article costs what it costs: every price that was considered, and what became of it.
 *
 * @module
 */

import { err, formatQuantity, ok, type Result } from "@tillmesh/kernel";
import {
  explainPrice,
  type InForce,
  type PriceCandidate,
  type PriceItem,
  type PriceVerdict,
} from "@tillmesh/pricing-core";
import type { Refusal } from "../http/problem.ts";
import { pricingDate } from "./basket.ts";
import { readQuantity } from "./find-article.ts";
import { readInstant } from "./instant.ts";
import { publicationAnswer } from "./publication-answer.ts";
import type { Till } from "./till.ts";

export interface WhyQuery {
  readonly quantity?: string | undefined;
  readonly customerGroup?: string | undefined;
  readonly at?: string | undefined;
}

export function priceWhy(till: Till, sku: string, query: WhyQuery): Result<object, Refusal> {
  const article = till.books.catalogue.bySku(sku);
  if (article === undefined) {
    return err({ type: "NotKnownHere", detail: "The catalogue held here has no such SKU." });
  }
  const quantity = readQuantity(query.quantity ?? "1", "/quantity");
  const at = readInstant(query.at, "/at");
  if (!quantity.ok || !at.ok) return invalidQuery([quantity, at]);
  const businessDate = pricingDate(till, at.value);
  const { lists, prices } = till.books;
  const { customerGroup } = query;
  const { chosen, candidates } = explainPrice({
    sku,
    businessDate,
    quantityMilli: quantity.value,
    prices,
    lists,
    location: till.replica.location.id,
    customerGroups: customerGroup === undefined ? [] : [customerGroup],
  });
  if (chosen === null && article.value.openPrice === undefined) return err({ type: "NoPrice" });
  return ok({
    sku,
    name: article.value.name,
    quantity: formatQuantity(quantity.value),
    businessDate,
    price: chosen === null ? null : moneyOf(chosen.price),
    candidates: candidates.map((candidate) => candidateAnswer(till, candidate)),
  });
}

const reasons: { readonly [Verdict in PriceVerdict]: string } = {
  chosen: "This is the price.",
  "not-yet": "It begins later.",
  over: "It is over.",
  replaced: "A newer price of the same list took its place.",
  "break-not-reached": "It takes a larger quantity.",
  dearer: "Another price of the list is lower.",
  "list-outranked": "A list that counts before this one has a price.",
  "list-elsewhere": "The list is for other places or other customers.",
};

function candidateAnswer(till: Till, candidate: PriceCandidate): object {
  const { list, price, verdict } = candidate;
  const { effectiveFrom, effectiveTo = null, minQuantityMilli, perMilli } = price;
  const source = sourceOf(till, candidate);
  return {
    list: list.list,
    name: list.name,
    price: moneyOf(price),
    ...(perMilli === undefined ? {} : { per: formatQuantity(perMilli) }),
    ...(minQuantityMilli === undefined ? {} : { minQuantity: formatQuantity(minQuantityMilli) }),
    effectiveFrom,
    effectiveTo,
    ...(source === undefined ? {} : { publication: publicationAnswer(till, source.publication) }),
    isWinner: verdict === "chosen",
    verdict,
    reason: reasons[verdict],
  };
}

function sourceOf(
  { books }: Till,
  { list, price, publication }: PriceCandidate,
): InForce<PriceItem> | undefined {
  const all = books.prices.schedule(price.sku, list.list);
  return all.find((one) => one.publication.id === publication && one.value === price);
}

function moneyOf({ priceMinor, currency }: PriceItem): object {
  return { minor: priceMinor, currency };
}

function invalidQuery(parts: readonly Result<unknown, Refusal>[]): Result<never, Refusal> {
  const faults = parts.flatMap((part) => (part.ok ? [] : (part.error.faults ?? [])));
  return err({ type: "InvalidQuery", faults });
}

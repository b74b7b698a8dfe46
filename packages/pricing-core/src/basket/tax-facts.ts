/**
 * What a basket says about taxes, for all of its lines. SPEC.md §8 (BA).
 *
 * @module
 */

import { inclusivePerRate } from "../policy.ts";
import type { TaxFacts } from "../tax/index.ts";
import type { BasketInput } from "./basket-input.ts";

export function taxFactsOf(input: BasketInput): Omit<TaxFacts, "article"> {
  const { businessDate, serving, exemption, policy = inclusivePerRate } = input;
  const facts = { businessDate, isTakeAway: serving === "take-away" };
  if (exemption === undefined) return facts;
  const { reason } = exemption;
  return { ...facts, exemption: { reason, pays: policy.exemptPays ?? "net" } };
}

/**
 * What a person decided about prices, as asked: typed prices, overrides, discounts, comps.
 *
 * @module
 */

import { parseRatePercent, type BasketLine, type ManualDiscount } from "@tillmesh/pricing-core";
import type { Fault } from "../http/problem.ts";
import type { AskedBasket, AskedDiscount, AskedLine } from "./asked-basket.ts";
import { currencyFaults } from "./money.ts";
import { present } from "./present.ts";
import type { Till } from "./till.ts";

export interface LineDecisions {
  readonly decisions: Omit<BasketLine, "sku" | "quantityMilli">;
  readonly faults: readonly Fault[];
}

export interface LinePlace {
  readonly asked: AskedLine;
  /** Undefined when the article is not known. */
  readonly sku: string | undefined;
  readonly pointer: string;
}

export function readLineDecisions(till: Till, place: LinePlace): LineDecisions {
  const { asked, pointer } = place;
  const { reason = "", discount, comp, serving } = asked;
  const price = readPrice(till, place);
  const given = readDiscount(till, discount, `${pointer}/discount`);
  const needsReason = price.override !== undefined || discount !== undefined || comp === true;
  const faults = [
    ...price.faults,
    ...given.faults,
    ...(needsReason && reason.trim() === "" ? [reasonMissing(pointer)] : []),
  ];
  const decisions = present({
    openPriceMinor: price.typedMinor,
    override: price.override,
    discount: given.value && { ...given.value, reason },
    comp: comp && { reason },
    serving,
  });
  return { decisions, faults };
}

interface ReadPrice {
  readonly typedMinor?: number;
  readonly override?: NonNullable<BasketLine["override"]>;
  readonly faults: readonly Fault[];
}

/** The price of an article whose price is open, or one in place of the list's. */
function readPrice(till: Till, { asked, sku, pointer }: LinePlace): ReadPrice {
  const { price, reason = "" } = asked;
  if (price === undefined) return { faults: [] };
  const faults = currencyFaults(till, [[`${pointer}/price`, price]]);
  const article = sku === undefined ? undefined : till.books.catalogue.bySku(sku)?.value;
  if (article === undefined) return { faults };
  return article.openPrice === undefined
    ? { override: { unitPriceMinor: price.minor, reason }, faults }
    : { typedMinor: price.minor, faults };
}

export function readOrderDiscount(
  till: Till,
  asked: AskedBasket["discount"],
): { readonly discount?: ManualDiscount; readonly faults: readonly Fault[] } {
  if (asked === undefined) return { faults: [] };
  const { value, faults } = readDiscount(till, asked, "/discount");
  const { reason } = asked;
  return value === undefined ? { faults } : { discount: { ...value, reason }, faults };
}

interface ReadDiscount {
  readonly value?: { readonly percentBp: number } | { readonly amountMinor: number };
  readonly faults: readonly Fault[];
}

function readDiscount(till: Till, asked: AskedDiscount | undefined, pointer: string): ReadDiscount {
  if (asked?.amount !== undefined) {
    const faults = currencyFaults(till, [[`${pointer}/amount`, asked.amount]]);
    return { value: { amountMinor: asked.amount.minor }, faults };
  }
  if (asked?.percent === undefined) return { faults: [] };
  const percent = parseRatePercent(asked.percent);
  if (percent.ok) return { value: { percentBp: percent.value }, faults: [] };
  const detail = "is a percentage with up to two decimals";
  return { faults: [{ pointer: `${pointer}/percent`, code: "ManualValueInvalid", detail }] };
}

function reasonMissing(pointer: string): Fault {
  const detail = "Another price, a discount or a comp needs a reason.";
  return { pointer: `${pointer}/reason`, code: "ReasonRequired", detail };
}

/**
 * What is wrong with a basket, as a caller is told.
 *
 * @module
 */

import { formatQuantity, type Result } from "@tillmesh/kernel";
import type { BasketFault } from "@tillmesh/pricing-core";
import type { Fault, Refusal } from "../http/problem.ts";
import { refuseFaults } from "./refusals.ts";
import { percentText } from "./percent.ts";

/** Pointers of `priceBasket` count the lines it was given; callers count theirs, which `indexes` says. */
export function basketFault(fault: BasketFault, indexes: readonly number[]): Fault {
  const pointer = fault.pointer
    .replace(/^\/lines\/(\d+)/, (_, index) => `/lines/${indexes[Number(index)] ?? index}`)
    .replace(/\/(openPrice|override)$/, "/price")
    .replace(/^\/orderDiscount/, "/discount");
  const tell = tellers[fault.code] as (fault: BasketFault) => Told;
  return { pointer, ...tell(fault) };
}

/** All faults at once; a limit that is passed comes with who may go further. */
export function refuseBasket(
  faults: readonly Fault[],
  found: readonly BasketFault[] = [],
): Result<never, Refusal> {
  const refused = refuseFaults(faults);
  const above = found.find(({ code }) => code === "DiscountAboveLimit");
  if (refused.ok || refused.error.type !== "DiscountAboveLimit") return refused;
  if (above?.code !== "DiscountAboveLimit") return refused;
  const { role, limitBp, allowedRoles } = above;
  const facts = { role, limitPercent: percentText(limitBp), allowedRoles };
  return { ok: false, error: { ...refused.error, facts } };
}

type Told = Pick<Fault, "code" | "detail">;

const tellers: {
  readonly [Code in BasketFault["code"]]: (
    fault: Extract<BasketFault, { readonly code: Code }>,
  ) => Told;
} = {
  UnknownSku: ({ sku }) => told("UnknownSku", `The catalogue held here has no SKU ${sku}.`),
  NoPrice: ({ sku, businessDate }) => told("NoPrice", `${sku} has no price on ${businessDate}.`),
  CurrencyMismatch: ({ sku, found, expected }) =>
    told("CurrencyMismatch", `${sku} is priced in ${found}, not ${expected}.`),
  UnknownTaxCode: ({ sku, taxCode }) =>
    told("UnknownTaxCode", `${sku} has tax code ${taxCode}, which has no rate.`),
  AmountTooLarge: () =>
    told("AmountTooLarge", "The amount is beyond what can be calculated exactly."),
  QuantityNotInteger: () => told("InvalidQuantity", "A quantity is more than zero."),
  QuantityNotPositive: () => told("InvalidQuantity", "A quantity is more than zero."),
  QuantityTooLarge: ({ maxMilli }) =>
    told("InvalidQuantity", `At most ${formatQuantity(maxMilli)}.`),
  QuantityNotWhole: ({ unit }) => told("InvalidQuantity", `What is sold by ${unit} is sold whole.`),
  OpenPriceMissing: ({ sku }) => told("OpenPriceMissing", `The price of ${sku} has to be given.`),
  OpenPriceOutOfRange: ({ minMinor, maxMinor }) =>
    told("OpenPriceOutOfRange", `From ${minMinor} to ${maxMinor}, in minor units.`),
  PriceNotOpen: ({ sku }) => told("PriceNotOpen", `${sku} has a fixed price.`),
  ManualValueInvalid: () => told("ManualValueInvalid", "An amount, percentage or reason is wrong."),
  NotDiscountable: ({ sku }) => told("NotDiscountable", `Nothing is taken off ${sku}.`),
  DiscountAboveLimit: ({ role, allowedRoles }) =>
    told("DiscountAboveLimit", `More than ${role} may; who may: ${allowedRoles.join(", ")}.`),
  TaxBasisMixed: () => told("TaxBasisMixed", "Prices with tax and prices without in one basket."),
  EmptyBasket: () => told("EmptyBasket", "There is nothing to sell."),
  TooManyLines: ({ linesMax }) => told("TooManyLines", `At most ${linesMax} lines.`),
};

function told(code: string, detail: string): Told {
  return { code, detail };
}

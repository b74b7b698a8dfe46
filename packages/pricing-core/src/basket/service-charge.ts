/**
 * The service charge: a line of its own, with its own tax. SPEC.md §18 (MD).
 *
 * @module
 */

import { err, ok, type Result, type Sku } from "@tillmesh/kernel";
import type { BasketFault } from "../basket-fault.ts";
import type { InForce } from "../book.ts";
import { priceMaxMinor } from "../items.ts";
import { resolveTaxRule, type TaxRule } from "../tax/index.ts";
import type { BasketInput } from "./basket-input.ts";
import { sumLeft, type LeftLine } from "./left-line.ts";
import type { ServiceCharge } from "./manual-input.ts";
import { amountOf } from "./take-manual.ts";
import { taxFactsOf } from "./tax-facts.ts";

/** Of what is left of all lines but deposits. No line where nothing is charged. */
export function chargeService(
  lines: readonly LeftLine[],
  input: BasketInput,
): Result<readonly LeftLine[], ChargeError> {
  const { serviceCharge: charge } = input;
  if (charge === undefined) return ok([]);
  const { taxCode } = charge;
  const tax = resolveTaxRule({ article: { taxCode }, ...taxFactsOf(input) }, input.taxes);
  const faults = [
    ...(isCharge(charge) ? [] : [notCharge]),
    ...(tax.ok ? [] : [unknownTax(taxCode)]),
  ];
  if (faults.length > 0 || !tax.ok) return err({ type: "Charge", faults });
  const baseMinor = sumLeft(lines.filter(({ linkedTo }) => linkedTo === undefined));
  const amountMinor = amountOf(charge, baseMinor, input);
  return ok(amountMinor === 0 ? [] : [serviceLine(charge, tax.value, amountMinor)]);
}

export interface ChargeError {
  readonly type: "Charge";
  readonly faults: readonly BasketFault[];
}

export const serviceLineId = "service";

const serviceSku = "service" as Sku;
const notCharge: BasketFault = { pointer: "/serviceCharge", code: "ManualValueInvalid" };

function unknownTax(taxCode: string): BasketFault {
  return { pointer: "/serviceCharge/taxCode", code: "UnknownTaxCode", sku: serviceSku, taxCode };
}

function isCharge(charge: ServiceCharge): boolean {
  const isShare = "percentBp" in charge;
  const [value, max] = isShare ? [charge.percentBp, 10_000] : [charge.amountMinor, priceMaxMinor];
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}

function serviceLine(
  { name, taxCode, publication }: ServiceCharge,
  tax: InForce<TaxRule>,
  amountMinor: number,
): LeftLine {
  const publications = { price: publication, tax: tax.publication.id, catalogue: publication };
  const listed = {
    lineId: serviceLineId,
    sku: serviceSku,
    name,
    department: "",
    tags: [],
    unit: "each",
    quantityMilli: 1000,
    unitPriceMinor: amountMinor,
    perMilli: 1000,
    taxCode,
    listAmountMinor: amountMinor,
    isDiscountable: false,
    publications,
  };
  return { listed, tax: tax.value, discounts: [], leftMinor: amountMinor };
}

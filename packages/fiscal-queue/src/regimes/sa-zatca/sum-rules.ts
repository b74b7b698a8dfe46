/**
 * Whether a document's figures close: a difference of 0.01 is refused. SPEC.md §11 (RSA).
 *
 * @module
 */

import { divideHalfUp, multiply, oneCent, parseDecimal, roundToCents } from "./decimal.ts";
import { all, first, text } from "./ubl.ts";
import type { XmlElement } from "./xml-tree.ts";

export type RuleFinding = { readonly rule: string; readonly detail: string };

export function sumRules(root: XmlElement): readonly RuleFinding[] {
  return [
    ...totalRules(root),
    ...taxTotalRules(root),
    ...all(root, "cac:TaxTotal/cac:TaxSubtotal").flatMap((one) => categoryRules(one, root)),
    ...all(root, "cac:InvoiceLine").flatMap(lineRules),
  ];
}

function totalRules(root: XmlElement): readonly RuleFinding[] {
  const totals = first(root, "cac:LegalMonetaryTotal");
  const of = (name: string): bigint => value(totals, `cbc:${name}`);
  const lines = sum(all(root, "cac:InvoiceLine"), "cbc:LineExtensionAmount");
  const [charges, allowances] = [true, false].map((isCharge) => chargeSum(root, isCharge));
  const net = of("LineExtensionAmount") - (allowances ?? 0n) + (charges ?? 0n);
  const gross = of("TaxExclusiveAmount") + value(root, "cac:TaxTotal/cbc:TaxAmount");
  const payable = of("TaxInclusiveAmount") - of("PrepaidAmount") + of("PayableRoundingAmount");
  return [
    ...unless(of("LineExtensionAmount") === lines, "BR-CO-10", "sum of the lines"),
    ...unless(of("AllowanceTotalAmount") === allowances, "BR-CO-11", "sum of the allowances"),
    ...unless(of("TaxExclusiveAmount") === net, "BR-CO-13", "total without VAT"),
    ...unless(of("TaxInclusiveAmount") === gross, "BR-CO-15", "total with VAT"),
    ...unless(of("PayableAmount") === payable, "BR-CO-16", "amount due"),
  ];
}

function taxTotalRules(root: XmlElement): readonly RuleFinding[] {
  const totals = all(root, "cac:TaxTotal");
  const detailed = totals.filter((one) => first(one, "cac:TaxSubtotal") !== undefined);
  const amounts = totals.map((one) => value(one, "cbc:TaxAmount"));
  const [total] = detailed;
  const closes =
    value(total, "cbc:TaxAmount") === sum(all(total, "cac:TaxSubtotal"), "cbc:TaxAmount");
  return [
    ...unless(totals.length === 2 && detailed.length === 1, "BR-KSA-EN16931-08", "two VAT totals"),
    ...unless(new Set(amounts).size === 1, "BR-KSA-EN16931-09", "one VAT total"),
    ...unless(closes, "BR-CO-14", "sum of the VAT"),
  ];
}

function categoryRules(subtotal: XmlElement, root: XmlElement): readonly RuleFinding[] {
  const key = categoryKey(first(subtotal, "cac:TaxCategory"));
  const code = key.split(" ")[0] ?? "";
  const lines = all(root, "cac:InvoiceLine").filter(
    (line) => categoryKey(first(line, "cac:Item/cac:ClassifiedTaxCategory")) === key,
  );
  const charges = [true, false].map((isCharge) => chargeSum(root, isCharge, key));
  const [added = 0n, taken = 0n] = charges;
  const taxable = value(subtotal, "cbc:TaxableAmount");
  const tax = percentOf(taxable, value(subtotal, "cac:TaxCategory/cbc:Percent"));
  const lineSum = sum(lines, "cbc:LineExtensionAmount");
  return [
    ...unless(taxable === lineSum + added - taken, `BR-${code}-08`, `taxable of ${key}`),
    ...unless(value(subtotal, "cbc:TaxAmount") === tax, `BR-${code}-09`, `VAT of ${key}`),
  ];
}

// A line's own VAT informs: the authority's samples have some that are 0.01 off.
function lineRules(line: XmlElement): readonly RuleFinding[] {
  const net = value(line, "cbc:LineExtensionAmount");
  const tax = value(line, "cac:TaxTotal/cbc:TaxAmount");
  const exact = percentOf(net, value(line, "cac:Item/cac:ClassifiedTaxCategory/cbc:Percent"));
  const gross = value(line, "cac:TaxTotal/cbc:RoundingAmount");
  const quantity = value(line, "cbc:InvoicedQuantity");
  const base = text(line, "cac:Price/cbc:BaseQuantity");
  const divisor = base === "" ? one : value(line, "cac:Price/cbc:BaseQuantity");
  const price = value(line, "cac:Price/cbc:PriceAmount");
  const whole = divisor > 0n ? roundToCents(divideHalfUp(price * quantity, divisor)) : -one;
  const charges = chargeSum(line, true) - chargeSum(line, false);
  return [
    ...unless(size(tax - exact) <= oneCent, "BR-KSA-50", "VAT of a line"),
    ...unless(gross === net + tax, "BR-KSA-51", "total of a line"),
    ...unless(whole + charges === net, "BR-KSA-EN16931-11", "price times quantity"),
  ];
}

/** Two samples name the category of one allowance twice: the first counts. */
function chargeSum(root: XmlElement, isCharge: boolean, key?: string): bigint {
  const charges = all(root, "cac:AllowanceCharge").filter(
    (one) =>
      (text(one, "cbc:ChargeIndicator") === "true") === isCharge &&
      (key === undefined || categoryKey(first(one, "cac:TaxCategory")) === key),
  );
  return sum(charges, "cbc:Amount");
}

function categoryKey(category: XmlElement | undefined): string {
  return `${text(category, "cbc:ID")} ${value(category, "cbc:Percent")}`;
}

function percentOf(amount: bigint, percent: bigint): bigint {
  return roundToCents(divideHalfUp(multiply(amount, percent), 100n));
}

function sum(elements: readonly XmlElement[], path: string): bigint {
  return elements.reduce((total, element) => total + value(element, path), 0n);
}

/** 0 for what is absent or no decimal: other rules say so. */
function value(from: XmlElement | undefined, path: string): bigint {
  return parseDecimal(text(from, path)) ?? 0n;
}

function size(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

const one = oneCent * 100n;

function unless(isSound: boolean, rule: string, detail: string): readonly RuleFinding[] {
  return isSound ? [] : [{ rule, detail }];
}

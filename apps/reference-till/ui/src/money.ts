/**
 * Money and quantities for people: text from integers, never through a fraction.
 *
 * @module
 */

import { formatQuantity, parseQuantity } from "@tillmesh/kernel";
import { formatAmount, parseAmount } from "@tillmesh/pricing-core";

export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** `{minor: 123456, currency: "GBP"}` is `"£1,234.56"`. */
export function moneyText({ minor, currency }: Money): string {
  const decimal = formatAmount(minor, currency) as Intl.StringNumericLiteral;
  return formatterOf(currency).format(decimal);
}

/** What a person typed: `"3.5"`, `"£3.50"`, `"1,200"`. Undefined when it is no amount. */
export function readMoney(text: string, currency: string): Money | undefined {
  const plain = text.replaceAll(/[\s,£€$]/g, "");
  const minor = parseAmount(plain.startsWith(".") ? `0${plain}` : plain, currency);
  return minor.ok ? { minor: minor.value, currency } : undefined;
}

/** Without sign or symbol, as a field takes it back: `"3.50"`. */
export function plainAmount({ minor, currency }: Money): string {
  return formatAmount(minor, currency);
}

/** Decimal text as thousandths; zero when it is none. */
export function milliOf(quantity: string): number {
  const milli = parseQuantity(quantity);
  return milli.ok ? milli.value : 0;
}

/** What a person typed as a quantity. Undefined when it is none. */
export function readMilli(text: string): number | undefined {
  const trimmed = text.trim();
  const milli = parseQuantity(trimmed.startsWith(".") ? `0${trimmed}` : trimmed);
  return milli.ok ? milli.value : undefined;
}

/** `-2500` is `"−2.5"`. */
export function quantityText(quantityMilli: number): string {
  return formatQuantity(quantityMilli).replace("-", "−");
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatterOf(currency: string): Intl.NumberFormat {
  const known = formatters.get(currency);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat("en-GB", { style: "currency", currency });
  formatters.set(currency, made);
  return made;
}

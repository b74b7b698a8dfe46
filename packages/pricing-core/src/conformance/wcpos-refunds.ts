/**
 * Refunds of lines and sums of them, as WCPOS has them.
 *
 * @module
 */

import { unreachable, type Sku } from "@tillmesh/kernel";
import { subtractMoney, sumMoney } from "../money.ts";
import { refundLine } from "../refunds/refund-line.ts";
import type { SoldLine } from "../refunds/sold-sale.ts";
import { minorOf, textOf } from "./exact-decimal.ts";
import { checkOf, type Check, type Vector } from "./vector.ts";

export interface RefundVector extends Vector {
  readonly input: LineInput | SumInput | LeftAmountInput | LeftQuantityInput | UnitPriceInput;
  readonly expected: {
    readonly amount?: string;
    readonly taxes?: readonly TaxAmount[];
    readonly total?: string;
    readonly left?: string | number;
  };
}

interface TaxAmount {
  readonly id: string;
  readonly amount: string;
}

/** `amount` is without its taxes. */
interface LineInput {
  readonly kind: "line";
  readonly priceDecimals: number;
  readonly quantity: number;
  readonly amount: string;
  readonly taxes: readonly TaxAmount[];
  readonly refundQuantity: number;
}

interface SumInput {
  readonly kind: "sum";
  readonly priceDecimals: number;
  readonly lines: readonly { readonly amount: string; readonly taxes: readonly TaxAmount[] }[];
}

interface LeftAmountInput {
  readonly kind: "left-amount";
  readonly priceDecimals: number;
  readonly amount: string;
  readonly refunds: readonly string[];
}

interface LeftQuantityInput {
  readonly kind: "left-quantity";
  readonly quantity: number;
  readonly refunded: readonly number[];
}

interface UnitPriceInput {
  readonly kind: "unit-price";
}

const currency = "USD";

export function checkRefund({ input, expected }: RefundVector): readonly Check[] {
  switch (input.kind) {
    case "line":
      return checkLine(input, expected);
    case "sum":
      return checkOf("total", expected.total, withZeros(sumOf(input), input.priceDecimals));
    case "left-amount":
      return checkOf("left", expected.left, textOf(leftAmount(input), input.priceDecimals));
    case "left-quantity":
      return checkOf("left", expected.left, leftQuantity(input));
    case "unit-price":
      return [];
    default:
      return unreachable(input);
  }
}

function checkLine(input: LineInput, expected: RefundVector["expected"]): readonly Check[] {
  const { priceDecimals: decimals } = input;
  const part = refundLine(
    { line: soldLine(input), before: [], basis: "exclusive" },
    input.refundQuantity * 1000,
  );
  if (!part.ok) return checkOf("refund", "given", part.error.type);
  const { amountMinor, taxMinor, taxes = [] } = part.value;
  const text = (minor: number) => withZeros(minor, decimals);
  return [
    ...checkOf("amount", expected.amount, text(amountMinor - taxMinor)),
    ...checkOf(
      "taxes",
      expected.taxes,
      taxes.map((tax) => ({ id: tax.id, amount: text(tax.taxMinor) })),
    ),
  ];
}

function soldLine({ quantity, amount, taxes, priceDecimals }: LineInput): SoldLine {
  const netMinor = minorOf(amount, priceDecimals);
  const taxMinors = taxes.map((tax) => minorOf(tax.amount, priceDecimals));
  const taxMinor = taxMinors.reduce((sum, minor) => sum + minor, 0);
  return {
    lineId: "1",
    sku: "1" as Sku,
    name: "1",
    quantityMilli: quantity * 1000,
    amountMinor: netMinor + taxMinor,
    taxCode: "several",
    rateBp: 0,
    taxMinor,
    taxes: taxes.map(({ id }, index) => ({
      id,
      name: id,
      category: "S",
      rateBp: 0,
      perUnitMinor: 0,
      baseMinor: netMinor,
      taxMinor: taxMinors[index] ?? 0,
    })),
  };
}

function sumOf({ lines, priceDecimals }: SumInput): number {
  const texts = lines.flatMap(({ amount, taxes }) => [amount, ...taxes.map((tax) => tax.amount)]);
  const money = texts.map((text) => ({ minor: minorOf(text, priceDecimals), currency }));
  const sum = sumMoney(money, currency);
  return sum.ok ? sum.value.minor : Number.NaN;
}

function leftAmount({ amount, refunds, priceDecimals }: LeftAmountInput): number {
  const money = (text: string) => ({ minor: minorOf(text, priceDecimals), currency });
  const left = refunds.reduce((rest, refund) => {
    const next = subtractMoney(rest, money(refund));
    return next.ok ? next.value : { minor: Number.NaN, currency };
  }, money(amount));
  return left.minor;
}

/** What the engine says is left when more than that is asked for. */
function leftQuantity({ quantity, refunded }: LeftQuantityInput): number | string {
  const line = soldLine({
    kind: "line",
    priceDecimals: 0,
    quantity,
    amount: "1",
    taxes: [],
    refundQuantity: 0,
  });
  const before = refunded.map((pieces) => ({
    lines: [{ ...line, quantityMilli: pieces * 1000, amountMinor: 0, taxes: [] }],
    totalMinor: 0,
    tenders: [],
  }));
  const part = refundLine({ line, before, basis: "exclusive" }, (quantity + 1) * 1000);
  if (part.ok) return "given";
  return part.error.type === "OverRefund" ? part.error.leftMilli / 1000 : part.error.type;
}

/** All decimals are shown. */
function withZeros(minor: number, decimals: number): string {
  const text = textOf(minor, decimals);
  if (decimals === 0) return text;
  const [whole, fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(decimals, "0")}`;
}

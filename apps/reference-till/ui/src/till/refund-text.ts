/**
 * What a refund gives back, part by part, as the service works it out.
 *
 * @module
 */

import type { GoodsLine, RefundQuote } from "../api/shapes.ts";
import { milliOf, moneyText, quantityText } from "../money.ts";
import { discountRows } from "./discount-text.ts";
import { paidText } from "./tendering.ts";

export interface RefundRow {
  readonly kind: "line" | "discount" | "deposit" | "tax" | "total" | "tip" | "rounding" | "tender";
  readonly text: string;
  readonly amount: string;
}

/** Lines with what was taken off them, taxes within, rounding of cash, the total, and how it is given. */
export function refundRows(quote: RefundQuote): readonly RefundRow[] {
  const { lines, taxes, rounding, tip, total, tenders, basis, repriced = [] } = quote;
  const prefix = basis === "exclusive" ? "with" : "of which";
  return [
    ...lines.flatMap(lineRows),
    ...repriced.map(({ amount }) => row("line", repricedText, moneyText(amount))),
    ...taxes
      .filter(({ tax }) => tax.minor !== 0)
      .map(({ name, ratePercent, tax }) =>
        row("tax", `${prefix} ${name} ${ratePercent} %`, moneyText(tax)),
      ),
    row("total", "Given back", moneyText(total)),
    ...(tip === undefined ? [] : [row("tip", "Tip", moneyText(tip))]),
    ...(rounding === undefined || rounding.minor === 0
      ? []
      : [row("rounding", "Rounding of cash", moneyText(rounding))]),
    ...tenders.map((tender) => row("tender", paidText(tender), moneyText(tender.amount))),
  ];
}

/** What stays may cost more without what goes back. */
export const repricedText = "What stays, priced anew";

function lineRows(line: GoodsLine): readonly RefundRow[] {
  const { lineId, name, quantity, listAmount, amount, linkedTo } = line;
  const kind = linkedTo === undefined ? "line" : "deposit";
  const text = lineId === "service" ? name : `${quantityText(milliOf(quantity))} × ${name}`;
  return [
    row(kind, text, moneyText(listAmount ?? amount)),
    ...discountRows(line).map((taken) => row("discount", taken.text, taken.amount)),
  ];
}

function row(kind: RefundRow["kind"], text: string, amount: string): RefundRow {
  return { kind, text, amount };
}

/**
 * Which lines of a sale are to go back, and how much of each.
 *
 * @module
 */

import { formatQuantity, ok, type Result } from "@tillmesh/kernel";
import type { AskedPart } from "@tillmesh/pricing-core";
import { lineStates, type LineState, type SaleState } from "@tillmesh/sales-ledger";
import type { Fault, Refusal } from "../http/problem.ts";
import { readQuantity } from "./find-article.ts";
import { refuseFaults } from "./refusals.ts";
import type { Till } from "./till.ts";

/** A line by its id; or by SKU, from the first line of that SKU on. */
export interface AskedRefundLine {
  readonly lineId?: string | undefined;
  readonly sku?: string | undefined;
  /** All that is left unless told otherwise. */
  readonly quantity?: string | undefined;
}

/** Quantities asked of each line, spread over the lines of a SKU in their order. */
export function partsAsked(
  till: Till,
  state: SaleState,
  asked: readonly AskedRefundLine[],
): Result<readonly AskedPart[], Refusal> {
  const states = lineStates(state);
  const askedMilli = new Map<string, number>();
  const faults = asked.flatMap((line, index) => askLine(states, { till, line, index, askedMilli }));
  if (faults.length > 0) return refuseFaults(faults);
  const parts = [...askedMilli].map(([lineId, quantityMilli]) => ({ lineId, quantityMilli }));
  return ok(parts.filter(({ quantityMilli }) => quantityMilli > 0));
}

interface Asking {
  readonly till: Till;
  readonly line: AskedRefundLine;
  readonly index: number;
  readonly askedMilli: Map<string, number>;
}

function askLine(
  states: readonly LineState[],
  { till, line, index, askedMilli }: Asking,
): readonly Fault[] {
  const pointer = `/lines/${index}`;
  const meant = states.filter((each) =>
    line.lineId === undefined ? each.line.sku === line.sku : each.lineId === line.lineId,
  );
  if (meant.length === 0) {
    const detail = "The sale has no such line.";
    return [
      {
        pointer: `${pointer}/${line.lineId === undefined ? "sku" : "lineId"}`,
        code: "UnknownLine",
        detail,
      },
    ];
  }
  const left = (each: LineState) =>
    Math.max(0, each.remaining.quantityMilli - (askedMilli.get(each.lineId) ?? 0));
  const leftMilli = meant.reduce((sum, each) => sum + left(each), 0);
  const quantity =
    line.quantity === undefined
      ? ok(leftMilli)
      : readQuantity(line.quantity, `${pointer}/quantity`);
  if (!quantity.ok) return quantity.error.faults ?? [];
  const fault = quantityFault(quantity.value, leftMilli, isSoldWhole(till, meant));
  if (fault !== undefined) return [{ pointer: `${pointer}/quantity`, ...fault }];
  let restMilli = quantity.value;
  for (const each of meant) {
    const takenMilli = Math.min(restMilli, left(each));
    askedMilli.set(each.lineId, (askedMilli.get(each.lineId) ?? 0) + takenMilli);
    restMilli -= takenMilli;
  }
  return [];
}

function quantityFault(
  quantityMilli: number,
  leftMilli: number,
  isWhole: boolean,
): Omit<Fault, "pointer"> | undefined {
  if (leftMilli === 0) return { code: "MoreThanSold", detail: "Nothing is left of this line." };
  if (quantityMilli <= 0) {
    return { code: "InvalidQuantity", detail: "A quantity is more than zero." };
  }
  if (quantityMilli > leftMilli) {
    const detail = `Only ${formatQuantity(leftMilli)} are sold and not given back.`;
    return { code: "MoreThanSold", detail };
  }
  return isWhole && quantityMilli % 1000 !== 0
    ? { code: "InvalidQuantity", detail: "What is sold whole is given back whole." }
    : undefined;
}

/** By the catalogue of today: a sale does not say what unit its quantities are of. */
function isSoldWhole({ books }: Till, lines: readonly LineState[]): boolean {
  return lines.some(({ line }) => books.catalogue.bySku(line.sku)?.value.unit === "each");
}

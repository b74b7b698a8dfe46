/**
 * A part of a sale goes back, in every component: the body of a refund. SPEC.md §21 (GB).
 *
 * @module
 */

import { ok, type Result } from "@tillmesh/kernel";
import { partOfLine, refundLine } from "./refund-line.ts";
import {
  givenMilli,
  isService,
  refundQuantities,
  type AskedPart,
  type RefundPartsError,
} from "./refund-quantities.ts";
import { increment } from "./refund-share.ts";
import { refundTaxRows } from "./refund-tax-rows.ts";
import {
  refundTenders,
  type RefundedTenders,
  type RefundPayment,
  type SaleToRefund,
} from "./refund-tenders.ts";
import type { GivenBackSale, RepricedPart, SoldLine, SoldTaxRow } from "./sold-sale.ts";
import { sumOf, tallyOf } from "./tally.ts";

/**
 * The share of everything given back so far less what was given back before, so the steps add up to the
 * whole however it is divided. Deposits and the service charge follow what was `asked` for.
 */
export function refundSale(
  { sale, before }: SaleToRefund,
  asked: readonly AskedPart[],
  payment: RefundPayment = {},
): Result<RefundedSale, RefundPartsError> {
  const quantities = refundQuantities(sale, before, asked);
  if (!quantities.ok) return quantities;
  const lines = sale.lines.flatMap((line): readonly SoldLine[] => {
    const quantityMilli = quantities.value.get(line.lineId) ?? 0;
    const part = refundLine({ line, before, basis: sale.basis }, quantityMilli);
    return part.ok ? [part.value] : [];
  });
  const service = quantities.value.has("service") ? [] : serviceParts({ sale, before }, lines);
  return ok(
    refundedSale({ sale, before }, { lines: [...lines, ...service], repriced: [] }, payment),
  );
}

/** What a refund entry takes over as it is; `repriced` is absent where nothing is priced again. */
export interface RefundedSale extends RefundedTenders {
  readonly lines: readonly SoldLine[];
  readonly repriced?: readonly RepricedPart[];
  readonly totalMinor: number;
  readonly taxes: readonly SoldTaxRow[];
}

export function refundedSale(
  { sale, before }: SaleToRefund,
  { lines, repriced }: Required<Pick<GivenBackSale, "lines" | "repriced">>,
  payment: RefundPayment,
): RefundedSale {
  const all = [...lines, ...repriced];
  const totalMinor = sumOf(all, ({ amountMinor }) => amountMinor);
  return {
    lines,
    ...(repriced.length === 0 ? {} : { repriced }),
    totalMinor,
    taxes: refundTaxRows(all, sale.taxes),
    ...refundTenders({ sale, before }, totalMinor, payment),
  };
}

/**
 * The service charge goes back as far as the amount of everything else; the last of it with the last of
 * the rest. Its quantity only says that some of it is left.
 */
function serviceParts(
  { sale, before }: SaleToRefund,
  lines: readonly SoldLine[],
): readonly SoldLine[] {
  return sale.lines.filter(isService).flatMap((line) => {
    const tally = tallyOf(line, before);
    const reached = reachedOf({ sale, before }, lines);
    const isAll = reached.reached >= reached.of;
    const whole = BigInt(line.quantityMilli) * BigInt(Math.min(reached.reached, reached.of));
    const upMilli =
      reached.of === 0 ? 0 : Number((whole + BigInt(reached.of) - 1n) / BigInt(reached.of));
    const throughMilli = isAll ? line.quantityMilli : Math.min(line.quantityMilli - 1, upMilli);
    const quantityMilli = throughMilli - tally.quantityMilli;
    if (quantityMilli <= 0) return [];
    const amountMinor = increment({ whole: line.amountMinor, before: tally.amountMinor }, reached);
    const throughMinor = { reached: tally.amountMinor + amountMinor, of: line.amountMinor };
    const taxMinor = increment({ whole: line.taxMinor, before: tally.taxMinor }, throughMinor);
    const share = { quantityMilli, amountMinor, taxMinor };
    return [partOfLine({ line, tally, basis: sale.basis, reached }, share)];
  });
}

/** Amounts, unless all that has a quantity is back. */
function reachedOf({ sale, before }: SaleToRefund, lines: readonly SoldLine[]) {
  const others = sale.lines.filter((line) => !isService(line));
  const isAll = others.every(({ lineId, quantityMilli }) => {
    return givenMilli(lineId, [...before, { lines, totalMinor: 0, tenders: [] }]) >= quantityMilli;
  });
  if (isAll) return { reached: 1, of: 1 };
  const of = sumOf(others, ({ amountMinor }) => amountMinor);
  const given = sumOf(others, (line) => tallyOf(line, before).amountMinor);
  const reached = given + sumOf(lines, ({ amountMinor }) => amountMinor);
  return of === 0 ? { reached: 0, of: 1 } : { reached: Math.min(reached, of), of };
}

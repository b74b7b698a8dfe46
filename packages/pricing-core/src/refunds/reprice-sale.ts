/**
 * Giving back under the policy `reprice`: what is kept is priced again. SPEC.md §21 (GB).
 *
 * The refund is what was paid so far less what the rest costs now, and nothing where the rest costs
 * more: discounts that were earned together are lost together.
 *
 * @module
 */

import { err, ok, type Result } from "@tillmesh/kernel";
import { allocate } from "../allocate.ts";
import { inBasis, partOfLine } from "./refund-line.ts";
import {
  givenMilli,
  isService,
  refundQuantities,
  type AskedPart,
  type RefundPartsError,
} from "./refund-quantities.ts";
import { refundedSale, type RefundedSale } from "./refund-sale.ts";
import { increment } from "./refund-share.ts";
import type { RefundPayment, SaleToRefund } from "./refund-tenders.ts";
import type { RepricedPart, SoldLine, SoldTax } from "./sold-sale.ts";
import { spread } from "./spread.ts";
import { listAmountOf, sumOf, tallyOf, type Tally } from "./tally.ts";

/**
 * `kept` is the price of what stays, by the line ids of the sale: what of a line is not `asked` for, with
 * the conditions of the sale. A line that is not among them costs nothing any more.
 */
export function repriceSale(
  { sale, before }: SaleToRefund,
  { asked, kept }: Repricing,
  payment: RefundPayment = {},
): Result<RefundedSale, RefundPartsError | KeptLineError> {
  const quantities = refundQuantities(sale, before, asked);
  if (!quantities.ok) return quantities;
  const changes = sale.lines.map((line) => {
    const keptLine = kept.find(({ lineId }) => lineId === line.lineId);
    const leftMilli = line.quantityMilli - givenMilli(line.lineId, before);
    const isGone = isService(line) && keptLine === undefined && leftMilli > 0;
    const quantityMilli = quantities.value.get(line.lineId) ?? (isGone ? leftMilli : 0);
    return changeOf(line, { tally: tallyOf(line, before), kept: keptLine, quantityMilli });
  });
  const stray = changes.find(({ isTaxedAlike }) => !isTaxedAlike);
  if (stray !== undefined) return err({ type: "KeptLineDiffers", lineId: stray.line.lineId });
  const parts = neverNegative(changes).map((change) => splitChange(change, sale.basis));
  const lines = parts.flatMap((part) => part.line ?? []);
  const repriced = parts.flatMap((part) => part.repriced ?? []);
  return ok(refundedSale({ sale, before }, { lines, repriced }, payment));
}

export interface Repricing {
  readonly asked: readonly AskedPart[];
  readonly kept: readonly KeptLine[];
}

export type KeptLine = Pick<SoldLine, "lineId" | "amountMinor" | "taxMinor" | "taxes">;

/** It has other taxes than when it was sold. */
export interface KeptLineError {
  readonly type: "KeptLineDiffers";
  readonly lineId: string;
}

/** What a line costs less than before; of `quantityMilli` that goes back. */
interface Change {
  readonly line: SoldLine;
  readonly tally: Tally;
  readonly quantityMilli: number;
  readonly amountMinor: number;
  readonly taxMinor: number;
  readonly taxes: readonly Pick<SoldTax, "baseMinor" | "taxMinor">[];
  readonly isTaxedAlike: boolean;
}

function changeOf(
  line: SoldLine,
  {
    tally,
    kept = { lineId: line.lineId, amountMinor: 0, taxMinor: 0 },
    quantityMilli,
  }: {
    readonly tally: Tally;
    readonly kept: KeptLine | undefined;
    readonly quantityMilli: number;
  },
): Change {
  const keptTaxes = kept.taxes ?? [];
  const isNothing = kept.amountMinor === 0 && kept.taxMinor === 0;
  return {
    line,
    tally,
    quantityMilli,
    amountMinor: line.amountMinor - tally.amountMinor - kept.amountMinor,
    taxMinor: line.taxMinor - tally.taxMinor - kept.taxMinor,
    taxes: (line.taxes ?? []).map((tax, index) => {
      const given = tally.taxes[index] ?? { baseMinor: 0, taxMinor: 0 };
      const rest = keptTaxes[index] ?? { baseMinor: 0, taxMinor: 0 };
      return {
        baseMinor: tax.baseMinor - given.baseMinor - rest.baseMinor,
        taxMinor: tax.taxMinor - given.taxMinor - rest.taxMinor,
      };
    }),
    isTaxedAlike: isNothing || namesOf(line.taxes) === namesOf(kept.taxes),
  };
}

function namesOf(taxes: readonly SoldTax[] | undefined): string {
  return JSON.stringify(taxes?.map(({ id, rateBp }) => [id, rateBp]) ?? null);
}

/** What rises is cut to what falls: whoever gives back never pays. */
function neverNegative(changes: readonly Change[]): readonly Change[] {
  const fallsMinor = sumOf(changes, ({ amountMinor }) => Math.max(0, amountMinor));
  const rises = changes.map(({ amountMinor }) => Math.max(0, 0 - amountMinor));
  if (sumOf(rises, (rise) => rise) <= fallsMinor) return changes;
  const cut = allocate(fallsMinor, rises);
  return changes.map((change, index) => {
    const rise = rises[index] ?? 0;
    return rise === 0 || !cut.ok ? change : cutTo(change, cut.value[index] ?? 0);
  });
}

function cutTo(change: Change, riseMinor: number): Change {
  const share = { reached: riseMinor, of: 0 - change.amountMinor };
  const taxMinor = scaled(change.taxMinor, share);
  const wholes = change.taxes.map((tax) => Math.abs(tax.taxMinor));
  const sign = change.taxMinor < 0 ? -1 : 1;
  const nowMinor = Math.abs(taxMinor);
  const parts = spread(wholes, [], { reachedMinor: nowMinor, nowMinor });
  return {
    ...change,
    amountMinor: 0 - riseMinor,
    taxMinor,
    taxes: change.taxes.map((tax, index) => ({
      baseMinor: scaled(tax.baseMinor, share),
      taxMinor: sign * (parts[index] ?? 0),
    })),
  };
}

function scaled(minor: number, share: { readonly reached: number; readonly of: number }): number {
  const magnitude = increment({ whole: Math.abs(minor), before: 0 }, share);
  return minor < 0 ? 0 - magnitude : magnitude;
}

interface SplitChange {
  readonly line: SoldLine | undefined;
  readonly repriced: RepricedPart | undefined;
}

/** What goes back with goods is a line; anything else that changes is a repriced line. */
function splitChange(change: Change, basis: "exclusive" | undefined): SplitChange {
  const { line, quantityMilli, amountMinor, taxMinor } = change;
  const isFall =
    amountMinor >= 0 &&
    taxMinor >= 0 &&
    taxMinor <= amountMinor &&
    change.taxes.every((tax) => tax.taxMinor >= 0);
  const isGiven = quantityMilli > 0 && isFall;
  const isChanged = amountMinor !== 0 || taxMinor !== 0;
  const nothing = change.taxes.map(() => ({ baseMinor: 0, taxMinor: 0 }));
  const given = isGiven ? change : { ...change, amountMinor: 0, taxMinor: 0, taxes: nothing };
  const { lineId, taxCode, rateBp } = line;
  const repriced = { lineId, amountMinor, taxCode, rateBp, taxMinor, ...taxesOf(change) };
  return {
    line: quantityMilli > 0 ? partOfChange(given, basis) : undefined,
    repriced: isGiven || !isChanged ? undefined : repriced,
  };
}

function partOfChange(change: Change, basis: "exclusive" | undefined): SoldLine {
  const { line, tally, quantityMilli, amountMinor, taxMinor } = change;
  const reached = { reached: tally.quantityMilli + quantityMilli, of: line.quantityMilli };
  const share = { quantityMilli, amountMinor, taxMinor };
  const {
    listAmountMinor,
    discounts: _discounts,
    taxes,
    ...plain
  } = partOfLine({ line, tally, basis, reached }, share);
  const hasList = listAmountMinor !== undefined;
  const list = hasList ? listOf(change, { basis, reached }) : {};
  return { ...plain, ...list, ...(taxes === undefined ? {} : taxesOf(change)) };
}

function taxesOf({ line, taxes }: Change): Pick<SoldLine, "taxes"> {
  if (line.taxes === undefined) return {};
  return { taxes: line.taxes.map((tax, index) => ({ ...tax, ...taxes[index] })) };
}

/** The share of the list amount, and as discount what is not given back of it; nothing where that is no discount. */
function listOf(
  { line, tally, amountMinor, taxMinor }: Change,
  {
    basis,
    reached,
  }: {
    readonly basis: "exclusive" | undefined;
    readonly reached: { readonly reached: number; readonly of: number };
  },
): Pick<SoldLine, "listAmountMinor" | "discounts"> {
  const whole = { whole: listAmountOf(line), before: tally.listAmountMinor };
  const listAmountMinor = increment(whole, reached);
  const offMinor = listAmountMinor - inBasis({ amountMinor, taxMinor }, basis);
  const discounts = line.discounts ?? [];
  const parts = allocate(
    offMinor,
    discounts.map((discount) => discount.amountMinor),
  );
  if (offMinor < 0 || !parts.ok) return {};
  return {
    listAmountMinor,
    discounts: discounts.map((each, index) => ({ ...each, amountMinor: parts.value[index] ?? 0 })),
  };
}

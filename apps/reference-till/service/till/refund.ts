/**
 * Giving back: a part of a sale, or all that is left of it; of any till whose sale is held here.
 *
 * Never more than sold as known here. What another till gave back meanwhile is not known; both
 * facts are kept then, and raised.
 *
 * @module
 */

import { err, newId, ok, type HeldEntry, type JsonObject, type Result } from "@tillmesh/kernel";
import type { RefundedSale, SaleToRefund } from "@tillmesh/pricing-core";
import {
  givenBack,
  knownSale,
  refundDraft,
  remainingLines,
  reversalDraft,
  type SaleBody,
  type SaleState,
} from "@tillmesh/sales-ledger";
import type { Refusal } from "../http/problem.ts";
import { toWire } from "../http/wire.ts";
import { saleEntries, saleState } from "../projection/sales.ts";
import { withDiscounts } from "./line-answer.ts";
import { present } from "./present.ts";
import { record, type Call, type Recorded } from "./record.ts";
import { partsAsked, type AskedRefundLine } from "./refund-lines.ts";
import {
  refundBody,
  refundOfParts,
  refundOfRest,
  refundTenderFaults,
  type AskedTenders,
} from "./refund-money.ts";
import { refuseFaults } from "./refusals.ts";
import type { SoldAt } from "./reprice.ts";
import { nextReceipt, openShiftOf } from "./sell.ts";
import type { Till } from "./till.ts";

export interface PartRequest {
  readonly sale: string;
  readonly lines: readonly AskedRefundLine[];
  /** As it was paid unless told otherwise. */
  readonly tenders?: AskedTenders;
}

export interface RefundRequest extends PartRequest {
  readonly reason: string;
  readonly goods: "restock" | "waste";
}

export interface ReversalRequest {
  readonly sale: string;
  readonly tenders?: AskedTenders;
  readonly reason: string;
}

export function refund(
  till: Till,
  call: Call,
  request: RefundRequest,
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const found = findParts(till, request);
    if (!found.ok) return found;
    const receipt = receiptOf(till, found.value.sold.body);
    if (!receipt.ok) return receipt;
    const { reason, goods } = request;
    const refundId = newId("refund", till.random);
    const body = { ...receipt.value, ...refundBody(found.value.refunded), reason, goods };
    return ok(refundDraft(context, { refundId, ...body }));
  });
}

/** What a refund would give back; nothing is recorded. */
export function refundQuote(till: Till, request: PartRequest): Result<JsonObject, Refusal> {
  const found = findParts(till, request);
  if (!found.ok) return found;
  const { sold, refunded } = found.value;
  const { lines, ...body } = refundBody(refunded);
  const inside = { ...body, lines: lines.map(withDiscounts) } as unknown as JsonObject;
  return ok(toWire(inside, sold.body.currency) as JsonObject);
}

export function reverse(
  till: Till,
  call: Call,
  request: ReversalRequest,
): Promise<Result<Recorded, Refusal>> {
  return record(till, call, (context) => {
    const found = findSale(till, request.sale);
    if (!found.ok) return found;
    const { state, given } = found.value;
    const tenderFaults = refundTenderFaults(till, request.tenders);
    if (tenderFaults.length > 0) return refuseFaults(tenderFaults);
    const lines = remainingLines(state);
    if (lines.length === 0) return err({ type: "NothingToRefund" });
    const receipt = receiptOf(till, given.sold.body);
    if (!receipt.ok) return receipt;
    const refunded = refundOfRest(till, given, { lines, tenders: request.tenders });
    if (!refunded.ok) return refunded;
    const reversalId = newId("reversal", till.random);
    const { reason } = request;
    const body = { ...receipt.value, ...refundBody(refunded.value), reason };
    return ok(reversalDraft(context, { reversalId, ...body }));
  });
}

interface FoundSale {
  readonly state: SaleState;
  readonly given: SaleToRefund & { readonly sold: SoldAt };
}

function findSale(till: Till, id: string): Result<FoundSale, Refusal> {
  till.projection.sync();
  const state = saleState(till.projection, id);
  const sold = soldAt(state, saleEntries(till.projection, id));
  if (sold !== undefined) {
    return ok({ state, given: { sale: sold.body, before: givenBack(state), sold } });
  }
  return err(
    till.isAllRead
      ? { type: "NotKnownHere", detail: "No sale with this id has arrived on this device." }
      : { type: "CatchingUp", retryAfterS: 1 },
  );
}

function soldAt(state: SaleState, entries: readonly HeldEntry[]): SoldAt | undefined {
  const known = knownSale(state);
  if (known === null) return undefined;
  const { device, incarnation, sequence } = known.entry;
  const held = entries.find(
    ({ entry }) =>
      entry.device === device && entry.incarnation === incarnation && entry.sequence === sequence,
  );
  if (held === undefined) return undefined;
  const { at, businessDate } = held.entry;
  return { body: known.body, atMs: Date.parse(at.slice(0, 24)), businessDate };
}

interface FoundParts {
  readonly sold: SoldAt;
  readonly refunded: RefundedSale;
}

function findParts(till: Till, { sale, lines, tenders }: PartRequest): Result<FoundParts, Refusal> {
  const found = findSale(till, sale);
  if (!found.ok) return found;
  const { state, given } = found.value;
  const parts = partsAsked(till, state, lines);
  const tenderFaults = refundTenderFaults(till, tenders);
  if (!parts.ok || tenderFaults.length > 0) {
    return refuseFaults([...(parts.ok ? [] : (parts.error.faults ?? [])), ...tenderFaults]);
  }
  const refunded = refundOfParts(till, given, { parts: parts.value, tenders });
  return refunded.ok ? ok({ sold: given.sold, refunded: refunded.value }) : refunded;
}

/** What refund and reversal have in common. */
function receiptOf(till: Till, { saleId, currency, basis }: SaleBody) {
  const shift = openShiftOf(till);
  if (!shift.ok) return shift;
  const { currency: own } = till.replica.location;
  if (currency !== own) {
    const detail = `The sale was made in ${currency}.`;
    return err({ type: "CurrencyMismatch", detail } as const);
  }
  const { shiftId } = shift.value;
  return ok({ receiptNumber: nextReceipt(till), saleId, shiftId, currency, ...present({ basis }) });
}

/**
 * Entries before the engine numbers them: a body and exactly its movements. SPEC.md §3 (MV).
 *
 * A draft that does not read back is a bug of the caller, so building one asserts.
 *
 * @module
 */

import {
  assert,
  type BusinessDate,
  type EntryBy,
  type EntryDraft,
  type JsonObject,
  type LocationId,
  type Movement,
} from "@tillmesh/kernel";
import type {
  BodyByKind,
  CashBody,
  CountBody,
  CountClosedBody,
  CountOpenedBody,
  DrawerOpenedBody,
  EntryKind,
  RefundBody,
  ReversalBody,
  SaleBody,
  ShiftClosedBody,
  ShiftOpenedBody,
  StockBody,
  ZBody,
} from "./bodies.ts";
import { refundMovements, reversalMovements, saleMovements } from "./movements-of.ts";
import { parseEntryBody } from "./parse-entry-body.ts";

/** What an entry says besides its body. `key` and `bodyHash` are those of the request. */
export interface DraftContext {
  readonly location: LocationId;
  readonly businessDate: BusinessDate;
  readonly by: EntryBy;
  readonly key?: string;
  readonly bodyHash?: string;
}

export function saleDraft(context: DraftContext, body: SaleBody): EntryDraft<"sale", SaleBody> {
  return withMovements(draft(context, "sale", body), saleMovements(body, context.location));
}

export function refundDraft(
  context: DraftContext,
  body: RefundBody,
): EntryDraft<"refund", RefundBody> {
  return withMovements(draft(context, "refund", body), refundMovements(body, context.location));
}

export function reversalDraft(
  context: DraftContext,
  body: ReversalBody,
): EntryDraft<"reversal", ReversalBody> {
  return withMovements(draft(context, "reversal", body), reversalMovements(body, context.location));
}

export function shiftOpenedDraft(
  context: DraftContext,
  body: ShiftOpenedBody,
): EntryDraft<"shift-opened", ShiftOpenedBody> {
  return draft(context, "shift-opened", body);
}

export function shiftClosedDraft(
  context: DraftContext,
  body: ShiftClosedBody,
): EntryDraft<"shift-closed", ShiftClosedBody> {
  return draft(context, "shift-closed", body);
}

export function cashDraft(context: DraftContext, body: CashBody): EntryDraft<"cash", CashBody> {
  return draft(context, "cash", body);
}

export function drawerOpenedDraft(
  context: DraftContext,
  body: DrawerOpenedBody,
): EntryDraft<"drawer-opened", DrawerOpenedBody> {
  return draft(context, "drawer-opened", body);
}

/** The movements are the caller's: receipts, adjustments, waste, transfers. */
export function stockDraft(
  context: DraftContext,
  body: StockBody,
  movements: readonly Movement[],
): EntryDraft<"stock", StockBody> {
  assert(movements.length > 0, "a stock entry moves something");
  return withMovements(draft(context, "stock", body), movements);
}

export function countOpenedDraft(
  context: DraftContext,
  body: CountOpenedBody,
): EntryDraft<"count-opened", CountOpenedBody> {
  return draft(context, "count-opened", body);
}

export function countDraft(context: DraftContext, body: CountBody): EntryDraft<"count", CountBody> {
  return draft(context, "count", body);
}

export function countClosedDraft(
  context: DraftContext,
  body: CountClosedBody,
): EntryDraft<"count-closed", CountClosedBody> {
  return draft(context, "count-closed", body);
}

export function fiscalDraft(
  context: DraftContext,
  body: JsonObject,
): EntryDraft<"fiscal", JsonObject> {
  return draft(context, "fiscal", body);
}

export function zDraft(context: DraftContext, body: ZBody): EntryDraft<"z", ZBody> {
  return draft(context, "z", body);
}

function draft<Kind extends EntryKind>(
  { businessDate, by, key, bodyHash }: DraftContext,
  kind: Kind,
  body: BodyByKind[Kind],
): EntryDraft<Kind, BodyByKind[Kind]> {
  const parsed = parseEntryBody(kind, body);
  assert(parsed.ok, parsed.ok ? "" : `a ${kind} that reads back: ${JSON.stringify(parsed.error)}`);
  return {
    kind,
    businessDate,
    by,
    ...(key === undefined ? {} : { key }),
    ...(bodyHash === undefined ? {} : { bodyHash }),
    body,
  };
}

function withMovements<Draft extends EntryDraft>(
  base: Draft,
  movements: readonly Movement[],
): Draft {
  return { ...base, movements };
}

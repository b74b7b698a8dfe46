/**
 * An entry as the API answers with it. A repeated request gets the same answer, because it is made
 * from the entry alone.
 *
 * @module
 */

import type { HeldEntry, Json, JsonObject } from "@tillmesh/kernel";
import { lineStates, readEntry } from "@tillmesh/sales-ledger";
import { fiscalAnswer } from "../fiscal/fiscal-answer.ts";
import { fullInvoice, invoiceAnswer } from "../fiscal/invoice-note.ts";
import { isReceipt, sealIn } from "../fiscal/kept-seal.ts";
import { toWire, wireTime } from "../http/wire.ts";
import { saleEntries, saleState } from "../projection/sales.ts";
import { horizonAnswer, newHorizon } from "./horizon.ts";
import { promotionsIn, totalsOf, withDiscounts } from "./line-answer.ts";
import { byNamed, deviceNamed, locationNamed, staffNamed } from "./names.ts";
import type { Till } from "./till.ts";

export function entryAnswer(till: Till, held: HeldEntry): JsonObject {
  const { entry } = held;
  const { device, incarnation, sequence, businessDate } = entry;
  const body = toWire(writtenBody(held), currencyOf(till, entry.body)) as JsonObject;
  return {
    ...body,
    ...sealOf(entry),
    ...namesIn(till, body),
    ...(entry.kind === "stock" ? movementsOf(till, held) : {}),
    kind: entry.kind === "cash" ? (body["kind"] ?? null) : entry.kind,
    entry: { device, incarnation, sequence },
    device: { ...deviceNamed(till, device) },
    location: { ...locationNamed(till, entry.location) },
    at: wireTime(entry.at),
    businessDate: body["businessDate"] ?? businessDate,
    by: byNamed(till, entry.by),
  };
}

/** What gives a receipt, in the answer to the request that recorded it. */
export function newReceiptAnswer(till: Till, held: HeldEntry): JsonObject {
  return { ...entryAnswer(till, held), horizon: newHorizon(till) };
}

/** What gives a receipt, with how far it has got. */
export function receiptAnswer(till: Till, held: HeldEntry): JsonObject {
  return { ...entryAnswer(till, held), horizon: horizonAnswer(till, held.entry) };
}

/** A sale as it stands: what is left of each line, and what was given back. */
export function saleAnswer(till: Till, sale: string): JsonObject | undefined {
  const [first, ...rest] = saleEntries(till.projection, sale);
  if (first === undefined || first.entry.kind !== "sale") return undefined;
  const states = lineStates(saleState(till.projection, sale));
  const answer = receiptAnswer(till, first);
  const invoice = fullInvoice(till.projection, { saleId: sale });
  const left = new Map(states.map(({ lineId, remaining }) => [lineId, remaining.quantityMilli]));
  const lines = answer["lines"] as readonly JsonObject[];
  return {
    ...answer,
    lines: lines.map((line) => ({
      ...line,
      ...(toWire({ remainingMilli: left.get(line["lineId"] as string) ?? 0 }, "") as JsonObject),
    })),
    ...(invoice === undefined ? {} : { invoice: invoiceAnswer(invoice) }),
    refunds: rest
      .filter(({ entry }) => entry.kind !== "sale")
      .map((held) => receiptAnswer(till, held)),
  };
}

/** A Z, or an X that looks like one. */
export function reportAnswer(till: Till, report: Json): JsonObject {
  const wire = toWire(report, currencyOf(till, report)) as JsonObject;
  const shifts = (wire["shifts"] ?? []) as readonly JsonObject[];
  return {
    ...wire,
    device: { ...deviceNamed(till, wire["device"] as string) },
    shifts: shifts.map((shift) => ({ ...shift, ...namesIn(till, shift) })),
  };
}

/** A receipt says what was taken off, line by line and in all. */
function writtenBody(held: HeldEntry): Json {
  const { kind, body } = readEntry(held);
  if (kind !== "sale" && kind !== "refund" && kind !== "reversal") return held.entry.body;
  const { lines, totalMinor } = body;
  const written = { ...body, lines: lines.map(withDiscounts) } as unknown as JsonObject;
  if (kind !== "sale") return written;
  return { ...written, discounts: promotionsIn(lines), totals: totalsOf(lines, totalMinor) };
}

function sealOf({ kind, body }: HeldEntry["entry"]): JsonObject {
  const seal = isReceipt(kind) ? sealIn(body) : undefined;
  if (seal === undefined) return {};
  const { receiptNumber } = body as { readonly receiptNumber: string };
  return { fiscal: fiscalAnswer(seal, receiptNumber) };
}

function currencyOf({ replica }: Till, body: Json): string {
  const own = replica.location.currency;
  if (typeof body !== "object" || body === null || !("currency" in body)) return own;
  return typeof body.currency === "string" ? body.currency : own;
}

function namesIn(till: Till, body: JsonObject): JsonObject {
  const { staff, report } = body;
  return {
    ...(typeof staff === "string" ? { staff: { ...staffNamed(till, staff) } } : {}),
    ...(report === undefined ? {} : { report: reportAnswer(till, report) }),
  };
}

function movementsOf(till: Till, { entry }: HeldEntry): JsonObject {
  const movements = entry.movements ?? [];
  const transfer = movements[0]?.transfer;
  return {
    movements: movements.map(({ kind, location, sku, quantityMilli, counterpart }) => ({
      kind,
      location: { ...locationNamed(till, location) },
      sku,
      ...(toWire({ quantityMilli }, "") as JsonObject),
      ...(counterpart === undefined
        ? {}
        : { counterpart: { ...locationNamed(till, counterpart) } }),
    })),
    ...(transfer === undefined ? {} : { transfer }),
  };
}

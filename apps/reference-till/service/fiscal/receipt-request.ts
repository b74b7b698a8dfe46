/**
 * What the regime is asked to seal for a receipt that is about to be recorded.
 *
 * A reversal of a whole, untouched sale is a void where the regime numbers voids like receipts; of what is left of a sale it is a
 * refund, because the refunds before it stand.
 *
 * @module
 */

import { businessDateAt, hlcMs, type EntryBy, type HeldEntry } from "@tillmesh/kernel";
import type { DocumentRequest, ReceiptReference } from "@tillmesh/fiscal-queue";
import { saleEntries } from "../projection/sales.ts";
import { present } from "../till/present.ts";
import type { Till } from "../till/till.ts";
import type { Open } from "./desk.ts";
import { receiptOf, sealIn, type ReceiptBody } from "./kept-seal.ts";

export interface Asked {
  readonly request: DocumentRequest;
  readonly refersTo: ReceiptReference | undefined;
}

export function receiptRequest(
  till: Till,
  receipt: ReceiptBody,
  { by, at }: { readonly by: EntryBy; readonly at: Open },
): Asked {
  const sale = receipt.kind === "sale" ? [] : saleEntries(till.projection, receipt.body.saleId);
  const refersTo = referenceTo(sale[0], at.stream.config.timeZone);
  const isVoid = receipt.kind === "reversal" && sale.length === 1 && at.regime.isNumbered("void");
  const seal = present({ kind: isVoid ? ("void" as const) : undefined, refersTo });
  const said = receiptOf(receipt, by, seal);
  return { request: { kind: said.kind, receipt: said }, refersTo };
}

function referenceTo(held: HeldEntry | undefined, timeZone: string): ReceiptReference | undefined {
  if (held?.entry.kind !== "sale") return undefined;
  const seal = sealIn(held.entry.body);
  const { receiptNumber: number } = held.entry.body as unknown as {
    readonly receiptNumber: string;
  };
  const issuedOn = businessDateAt(seal?.atMs ?? hlcMs(held.entry.at), timeZone);
  return { number, issuedOn, ...present({ hash: seal?.hash }) };
}

/**
 * What a receipt's entry keeps of its fiscal document, and the document again from that.
 *
 * Left out is what the entry says itself (number, kind) and what the stream says (regime, stream). Where a regime signs nothing and sends
 * nothing, its bytes follow from the receipt and the documents before: then only place, time and hash are kept, and
 * whoever reads makes the bytes again and holds them against the hash.
 *
 * Personal data is here alone: a body says nothing of who bought. Where the law has the document name its customer, the seal keeps what
 * the document was told of them, for what refers to it later; where it names nobody, nothing is kept.
 *
 * @module
 */

import { assert, type EntryBy, type HeldEntry, type Json, type JsonObject } from "@tillmesh/kernel";
import {
  streamIdOf,
  type DocumentKind,
  type Head,
  type PrintParts,
  type Receipt,
  type ReceiptCustomer,
  type ReceiptReference,
  type Regime,
  type SealContext,
  type SealedDocument,
  type StreamConfig,
} from "@tillmesh/fiscal-queue";
import type { RefundBody, ReversalBody, SaleBody } from "@tillmesh/sales-ledger";
import { present } from "../till/present.ts";
import { receiptOfGivenBack, receiptOfSale } from "./receipt-of.ts";

/** The member `fiscal` of a sale, refund or reversal. */
export type KeptSeal = {
  readonly sequence: number;
  readonly hash: string;
  readonly atMs: number;
  readonly offsetMinutes: number;
  /** Absent: as the entry's kind has it, and of a reversal "refund". */
  readonly kind?: "void";
  /** What a refund or reversal refers to, as it was known then. */
  readonly refersTo?: ReceiptReference;
  /** As the document names them. */
  readonly customer?: ReceiptCustomer;
  /** Of regimes that sign or send; of the others nothing below is kept. */
  readonly regime?: string;
  readonly isTest?: true;
  readonly previous?: string;
  readonly keyId?: string;
  readonly text?: string;
  readonly print?: PrintParts;
  readonly state?: Json;
  readonly due?: SealedDocument["due"];
  readonly degraded?: SealedDocument["degraded"];
};

/** Bodies that carry a seal. */
export type ReceiptBody =
  | { readonly kind: "sale"; readonly body: SaleBody }
  | { readonly kind: "refund"; readonly body: RefundBody }
  | { readonly kind: "reversal"; readonly body: ReversalBody };

export function keptSeal(
  document: SealedDocument,
  { regime, config, refersTo, customer }: Keeping,
): JsonObject {
  const { sequence, hash, at, kind, previous, keyId, text, print, state, due, degraded } = document;
  const { epochMs: atMs, offsetMinutes } = at;
  const place = { sequence, hash, atMs, offsetMinutes };
  const said = present({ kind: kind === "void" ? kind : undefined, refersTo, customer });
  if (isRemade(regime)) return { ...place, ...said } satisfies KeptSeal;
  const kept: KeptSeal = {
    ...place,
    ...said,
    regime: regime.id,
    ...(config.isTest ? { isTest: true } : {}),
    previous,
    keyId,
    text,
    print,
    state,
    ...present({ due, degraded }),
  };
  return kept;
}

interface Keeping {
  readonly regime: Regime;
  readonly config: StreamConfig;
  readonly refersTo: ReceiptReference | undefined;
  readonly customer: ReceiptCustomer | undefined;
}

/** Its bytes are made again from receipt and head. */
export function isRemade({ capabilities }: Pick<Regime, "capabilities">): boolean {
  return capabilities.signer === "none" && capabilities.transmit === "none";
}

/** The seal that the body of a receipt carries. */
export function sealIn(body: Json): KeptSeal | undefined {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return isObject ? ((body as JsonObject)["fiscal"] as KeptSeal | undefined) : undefined;
}

export function isReceipt(kind: string): kind is ReceiptBody["kind"] {
  return kind === "sale" || kind === "refund" || kind === "reversal";
}

/** The document of a receipt's entry; `head` is that before it. */
export function documentOf(
  held: Pick<HeldEntry, "entry">,
  seal: KeptSeal,
  { regime, context, head }: Reading,
): SealedDocument {
  const document = keptDocument(held, seal, context.config);
  if (!isRemade(regime)) return document;
  const { entry } = held;
  const receipt = { kind: entry.kind, body: entry.body } as unknown as ReceiptBody;
  return { ...document, ...remade(receipt, entry.by, { seal, regime, context, head }) };
}

/** All that the entry keeps, which is the whole document where a regime signs or sends. */
export function keptDocument(
  { entry }: Pick<HeldEntry, "entry">,
  seal: KeptSeal,
  config: StreamConfig,
): SealedDocument {
  assert(isReceipt(entry.kind), "only receipts carry a seal");
  const { receiptNumber: number } = entry.body as { readonly receiptNumber: string };
  const { sequence, hash, atMs, offsetMinutes, due, degraded } = seal;
  const { previous = "", keyId = "", text = "", print = { lines: [] }, state = null } = seal;
  return {
    v: 1,
    regime: config.regime,
    stream: streamIdOf(config),
    sequence,
    kind: kindOf(entry.kind, seal),
    number,
    at: { epochMs: atMs, offsetMinutes },
    hash,
    previous,
    keyId,
    text,
    print,
    state,
    ...present({ due, degraded }),
  };
}

export interface Reading {
  readonly regime: Regime;
  readonly context: SealContext;
  readonly head: Head;
}

export function kindOf(kind: ReceiptBody["kind"], seal: Pick<KeptSeal, "kind">): ReceiptKind {
  return kind === "sale" ? "sale" : (seal.kind ?? "refund");
}

type ReceiptKind = Extract<DocumentKind, "sale" | "refund" | "void">;

/** What a regime is told of an entry. */
export function receiptOf(
  { kind, body }: ReceiptBody,
  by: EntryBy,
  seal: Pick<KeptSeal, "kind" | "refersTo" | "customer">,
): Receipt {
  const { kind: said = "refund", refersTo, customer } = seal;
  if (kind === "sale") return receiptOfSale(body, by, { customer });
  return receiptOfGivenBack(body, { kind: said, by, refersTo, customer });
}

type Remade = Pick<SealedDocument, "previous" | "keyId" | "text" | "print" | "state">;

/** A hash that does not fit shows in `text`, which a verifier hashes. */
function remade(
  receipt: ReceiptBody,
  by: EntryBy,
  { seal, regime, context, head }: Reading & { readonly seal: KeptSeal },
): Remade {
  const said = receiptOf(receipt, by, seal);
  const { receiptNumber: number } = receipt.body;
  const at = { epochMs: seal.atMs, offsetMinutes: seal.offsetMinutes };
  const request = { kind: said.kind, receipt: said };
  const draft = regime.prepare({ request, number, at, head }, context);
  const finished = regime.finish(draft, { type: "none" }, { ...context, head });
  assert(finished.ok, `${regime.id} needs no signer`);
  const { keyId, text, print, state } = finished.value;
  return { previous: head.hash, keyId, text, print, state };
}

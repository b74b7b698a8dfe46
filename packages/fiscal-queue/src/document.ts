/**
 * A fiscal document as it is kept: sealed once, never changed. SPEC.md §2 (FDO).
 *
 * @module
 */

import type { Json, JsonObject } from "@tillmesh/kernel";

/** One writer's chain: (taxpayer, regime, till, series, epoch). Public: it replicates with the ledger. */
export type StreamConfig = {
  readonly regime: string;
  /** The taxpayer's number as the regime writes it; "" where a regime asks for none. */
  readonly taxpayer: string;
  /** KassenID, NumeroInstalacion, EGS unit: what the authority calls this till. */
  readonly till: string;
  /** Numbers of receipts are `series-000043`. */
  readonly series: string;
  /** From 1; a fork or a lost head closes the epoch, and the next begins a new chain. */
  readonly epoch: number;
  /** The number before the first of this stream: 0, or where an older series stood. */
  readonly numbersFrom: number;
  /** IANA name; the law's local time. */
  readonly timeZone: string;
  readonly currency: string;
  /** Digits of the minor unit. */
  readonly currencyDigits: number;
  /** Keys were made on the spot: every receipt says so, and nothing may go to a real authority. */
  readonly isTest: boolean;
  /** The change of keys and settings that is in force, see `Rekeyed`; absent while they are as the stream was opened. */
  readonly change?: number;
  /** Certificates and public keys, by key id: all that ever signed. */
  readonly keys: readonly StreamKey[];
  /** The regime's own settings: seller's name and address, software id, company id. */
  readonly settings: JsonObject;
};

export type StreamKey = {
  readonly keyId: string;
  /** DER, base64; absent where only a public key or a shared secret is registered. */
  readonly certificate?: string;
  /** SPKI DER, base64; absent for shared secrets. */
  readonly publicKey?: string;
  readonly notAfterMs?: number;
  /** Kept to verify what it signed; it signs no more. */
  readonly isRetired?: true;
};

export type DocumentKind =
  | "start"
  | "sale"
  | "refund"
  | "void"
  | "training"
  | "zero"
  | "month"
  | "year"
  | "collective"
  | "correction"
  | "cancellation"
  /** A full invoice in place of a receipt that was handed over. */
  | "invoice"
  | "event";

/** The instant, once captured, and what the location's clock showed. */
export type FiscalTime = {
  readonly epochMs: number;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
};

export type SealedDocument = {
  readonly v: 1;
  readonly regime: string;
  /** `streamIdOf(config)`. */
  readonly stream: string;
  /** From 1 within the stream, without a gap. */
  readonly sequence: number;
  readonly kind: DocumentKind;
  /** As printed. */
  readonly number: string;
  readonly at: FiscalTime;
  readonly keyId: string;
  /** The exact bytes that are signed, chained and sent, as UTF-8 text: a JWS, an XML record. */
  readonly text: string;
  /** The regime's own hash of `text`, in the regime's own form. */
  readonly hash: string;
  /** `hash` of the document before; "" only for sequence 1. */
  readonly previous: string;
  readonly print: PrintParts;
  /** The signer was out; sealed as the regime has it for that case. */
  readonly degraded?: { readonly reason: string };
  /** When the authority must have it. */
  readonly due?: DeadlineRule;
  /** What the regime carries on to the next document and exports need: counters, totals. Checked by verify. */
  readonly state: Json;
  /** The period that this document closes. */
  readonly closes?: Period;
};

export type Period = "day" | "month" | "year";

/** What a receipt shows of the seal, beside the sale itself. */
export type PrintParts = {
  readonly lines: readonly string[];
  readonly qr?: { readonly text: string; readonly level: "L" | "M"; readonly minMm?: number };
  /** The QR code's content as text, for a reader of letters. */
  readonly ocr?: string;
};

/** A deadline as data; a calendar turns it into an instant. */
export type DeadlineRule =
  | { readonly kind: "after-ms"; readonly ms: number }
  | { readonly kind: "business-days"; readonly days: number };

/** What the next document builds on. A recorded fact, never the result of a failed read. */
export type Head = {
  readonly stream: string;
  /** 0 before the first. */
  readonly sequence: number;
  /** The last receipt number given. */
  readonly lastNumber: number;
  /** "" before the first. */
  readonly hash: string;
  readonly sealedAtMs: number;
  readonly state: Json;
  /** Since when the signer is out, by the documents that were sealed without it. */
  readonly outage?: {
    readonly firstNumber: string;
    readonly lastNumber: string;
    readonly sinceMs: number;
    /** A signed document came after; what the regime asks for recovery is still to be sealed. */
    readonly endedMs?: number;
  };
  /** By period: when the first turnover was sealed that no closing covers yet. */
  readonly openSince?: Readonly<Partial<Record<Period, number>>>;
};

export function streamIdOf({ taxpayer, regime, till, series, epoch }: StreamConfig): string {
  return [taxpayer, regime, till, series, String(epoch)].map(encodeURIComponent).join("/");
}

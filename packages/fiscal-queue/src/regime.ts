/**
 * The port of a national regime: pure, with no clock, no input or output of its own. SPEC.md §3 (FSE).
 *
 * Sealing is split around the signer, which is asynchronous and may fail: `prepare` makes the draft and
 * says what to sign, `finish` makes the document with the signature, or as the regime has it without.
 *
 * @module
 */

import type { Json, JsonObject, Result } from "@tillmesh/kernel";
import type {
  DocumentKind,
  FiscalTime,
  Head,
  Period,
  PrintParts,
  DeadlineRule,
  SealedDocument,
  StreamConfig,
} from "./document.ts";
import type { Receipt, ReceiptCustomer } from "./receipt.ts";
import type { RegimeDelivery } from "./delivery.ts";
import type { FiscalCrypto, SignatureAlgorithm } from "./ports.ts";

export interface Capabilities {
  readonly signer: "none" | "key" | "device";
  readonly transmit: "none" | "each" | "batch";
  /** May another device of the taxpayer deliver what this till sealed? */
  readonly handOver: "allowed" | "forbidden";
  /** What becomes of a sale while nothing can be sent. */
  readonly offline: "final" | "provisional" | "forbidden";
  /** Sealed under the name of the fiscal law, or kept in a stream of its own. */
  readonly training: "sealed" | "apart";
}

/** What is to be sealed: a receipt of the till, or a document of the regime's own. */
export type DocumentRequest = {
  readonly kind: DocumentKind;
  readonly receipt?: Receipt;
  /** Of the regime's own documents: what they say; made by the regime itself. */
  readonly facts?: Json;
  /** Of a closing: the queue notes it, see `closingOf`. */
  readonly closes?: Period;
};

export interface SealContext {
  readonly config: StreamConfig;
  /** By name: AES keys and the like that stay on the device; never private keys of signatures. */
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  readonly crypto: FiscalCrypto;
}

export interface Draft {
  readonly request: DocumentRequest;
  readonly number: string;
  readonly at: FiscalTime;
  /** The regime's own, opaque to everybody else; lives only from `prepare` to `finish`. */
  readonly content: unknown;
  /** Absent where nothing is signed. */
  readonly toSign?: {
    readonly keyId: string;
    readonly algorithm: SignatureAlgorithm;
    readonly data: Uint8Array;
    /** The law lets this key sign on after its certificate has ended. */
    readonly mayBeExpired?: boolean;
  };
}

export type SignOutcome =
  | { readonly type: "signed"; readonly signature: Uint8Array }
  /** No signature; `reason` is told on the receipt and kept. */
  | { readonly type: "failed"; readonly reason: string }
  /** Nothing was to be signed. */
  | { readonly type: "none" };

/** What `finish` adds to what the queue knows itself (stream, sequence, number, time, kind). */
export interface Finished {
  readonly text: string;
  readonly hash: string;
  readonly keyId: string;
  readonly print: PrintParts;
  readonly state: Json;
  readonly due?: DeadlineRule;
}

export interface Regime {
  readonly id: string;
  /** Date and version of the texts it was built on. */
  readonly builtOn: string;
  readonly capabilities: Capabilities;
  /** What must be sealed first, and the state before anything. Settings that do not do are refused. */
  open(
    config: StreamConfig,
  ): Result<{ readonly state: Json; readonly start?: DocumentRequest }, SettingsFault>;
  /**
   * The settings of an open stream once the shop says `settings`: what holds for the whole life of a stream stays as it is, or is refused
   * if it is said otherwise. Absent: all may change.
   */
  settingsAfter?(before: JsonObject, settings: JsonObject): Result<JsonObject, SettingsFault>;
  /** Does this take a number of the receipt series? Others are numbered by the regime: `numberOf`. */
  isNumbered(kind: DocumentKind): boolean;
  /** Of a document that takes no receipt number. */
  numberOf?(request: DocumentRequest, config: StreamConfig, head: Head): string;
  /** The poison filter, before a number is taken. */
  check(
    request: DocumentRequest,
    context: { readonly config: StreamConfig; readonly head: Head; readonly at: FiscalTime },
  ): readonly SealFault[];
  prepare(
    input: {
      readonly request: DocumentRequest;
      readonly number: string;
      readonly at: FiscalTime;
      readonly head: Head;
    },
    context: SealContext,
  ): Draft;
  /** `err` where the regime cannot seal without its signer. */
  finish(
    draft: Draft,
    outcome: SignOutcome,
    input: SealContext & { readonly head: Head },
  ): Result<Finished, SignerNeeded>;
  /** What must be sealed once the signer works again. */
  recover?(head: Head, config: StreamConfig): readonly DocumentRequest[];
  /** What a closed day, month or year asks for. */
  closing?(period: Period, config: StreamConfig, head: Head): DocumentRequest | undefined;
  /** What this law wants noted of a till beside its receipts; sealed like any other document. */
  noted?(event: TillEvent): DocumentRequest | undefined;
  /**
   * A full invoice for a customer who asks afterwards. `receipt` is that of the sale with its `customer`, and `refersTo` names what was handed
   * over. It takes no receipt number and is no turnover of its own. Absent where the law has none.
   */
  invoice?(receipt: Receipt, at: FiscalTime): DocumentRequest;
  /** The customer as the document of this receipt names them, if it does. Absent: no document of the regime names one. */
  customerIn?(receipt: Receipt): ReceiptCustomer | undefined;
  /** Absent where nothing is transmitted. */
  readonly delivery?: RegimeDelivery;
  readonly exports: Readonly<Record<string, RegimeExport>>;
  /**
   * Checks documents of one stream in their order, from the first. `context.config` is read anew for each: it may be as of the last change
   * of keys, or, behind a getter, as of the document at hand.
   */
  verifier(context: SealContext): Verifier;
}

/** What happens at a till that is no sale. `cashier` is an opaque id. */
export type TillEvent =
  | { readonly type: "drawer-opened"; readonly cashier?: string; readonly reason?: string }
  | {
      readonly type: "receipt-copied";
      readonly cashier?: string;
      readonly number: string;
      readonly amountMinor: number;
      /** As the till's books have it. */
      readonly copiesBefore: number;
    }
  /** Negative: taken out. */
  | { readonly type: "cash-moved"; readonly cashier?: string; readonly amountMinor: number }
  | { readonly type: "float-set"; readonly cashier?: string; readonly amountMinor: number }
  | { readonly type: "x-report"; readonly cashier?: string };

export interface RegimeExport {
  readonly mediaType: string;
  fileName(config: StreamConfig, at: FiscalTime): string;
  /**
   * In pieces, so that years of documents take no memory. `documents` are all of the stream in order; the regime picks the range.
   * It may read them more than once, each time from the first: a format may want events before sales.
   */
  write(documents: AsyncIterable<SealedDocument>, input: ExportInput): AsyncIterable<string>;
}

export interface ExportInput extends SealContext {
  /** Local dates, inclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly at: FiscalTime;
  /** What the till knows besides documents: its events, articles, staff. See the regime. */
  readonly more?: Json;
}

export interface Verifier {
  step(document: SealedDocument): readonly VerifyFinding[];
  /** After the last: what is missing at the end. */
  end(): readonly VerifyFinding[];
}

export type VerifyFinding = {
  readonly sequence: number;
  readonly number: string;
  /** Such as `chain`, `signature`, `hash`, `counter`, `number`, `format`, `gap`, `fork`. */
  readonly code: string;
  readonly detail: string;
};

export type SealFault = {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
};

export type SettingsFault = { readonly type: "Settings"; readonly faults: readonly SealFault[] };

export type SignerNeeded = { readonly type: "SignerNeeded"; readonly reason: string };

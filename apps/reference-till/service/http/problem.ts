/**
 * What a caller is told when the answer is no: RFC 9457, with a stable `code`.
 *
 * One table holds every code: its status, what it means, and whether the same request may
 * succeed later. Sentences for people are made here, from facts, and nowhere else.
 *
 * @module
 */

import type { Json } from "@tillmesh/kernel";

/** A refusal as the application states it: a code, where, and facts. */
export interface Refusal {
  readonly type: ProblemCode;
  /** One sentence with the facts; the title of the code if there is nothing to add. */
  readonly detail?: string;
  /** All faults at once. */
  readonly faults?: readonly Fault[];
  /** Further members of the problem document, such as both prices. */
  readonly facts?: Readonly<Record<string, Json>>;
  readonly retryAfterS?: number;
}

export interface Fault {
  /** JSON pointer into the request body; "" is the whole. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly retryable: boolean;
  readonly errors: readonly Fault[];
}

export type ProblemCode = keyof typeof problems;

type ProblemKind = readonly [status: number, title: string, retryable?: "retryable"];

/** Every code this API answers with: status, title, and whether to ask again. Codes are added, never renamed. */
export const problems = {
  MalformedBody: [400, "The body is not JSON."],
  InvalidBody: [400, "The body does not fit the schema of this call."],
  InvalidQuery: [400, "The query does not fit the schema of this call."],
  InvalidPath: [400, "The path does not fit the schema of this call."],
  IdempotencyKeyMissing: [400, "Every POST needs an Idempotency-Key."],
  IdempotencyKeyInvalid: [400, "An Idempotency-Key has 1 to 200 visible ASCII characters."],
  Unauthorized: [401, "A staff session or machine token is needed."],
  WrongPin: [401, "No member of staff has this PIN."],
  Forbidden: [403, "Not permitted."],
  NotHq: [403, "Only a device with role hq publishes."],
  DiscountAboveLimit: [403, "More is taken off than this role may take off."],
  NotTill: [403, "Only a device with role till sells."],
  ForeignHost: [403, "The Host header names another host."],
  ForeignOrigin: [403, "Pages from elsewhere may not use this API."],
  DecisionFailed: [422, "It could not be decided."],
  NotFound: [404, "There is nothing at this path."],
  NotKnownHere: [404, "Not known on this device."],
  MethodNotAllowed: [405, "This path does not take this method."],
  PriceChanged: [409, "The total differs from what was expected."],
  IdempotencyKeyReused: [409, "The Idempotency-Key was used with another request."],
  QuoteNotKnown: [409, "The quote is not held here any more: name the lines."],
  NoOpenShift: [409, "No shift is open on this till."],
  ShiftAlreadyOpen: [409, "A shift is open on this till."],
  NothingToClose: [409, "Nothing happened since the last Z."],
  NothingToRefund: [409, "Everything is refunded already."],
  MoreThanSold: [409, "More than was sold and not yet refunded."],
  CountClosed: [409, "The count is closed."],
  FiscalNotActivated: [409, "This till may not seal receipts yet: it has no fiscal keys."],
  FiscalStopped: [409, "The fiscal chain of this till is not sound; nothing is sealed."],
  FiscalClock: [409, "The clock of this till cannot be right: nothing is sealed at such a time."],
  FiscalRefused: [422, "The fiscal regime of this location does not take such a receipt."],
  FiscalInvoiced: [409, "There is a full invoice of this sale already."],
  FiscalNoInvoice: [409, "No full invoice can be made of this receipt."],
  FiscalNotCorrectable: [409, "No new document puts this one right."],
  FiscalHandOver: [409, "The fiscal regime lets no other device send these documents."],
  FiscalSettings: [422, "The fiscal regime does not take these settings."],
  FiscalSignerOut: [
    503,
    "The fiscal signer does not answer, and nothing may be sold without it.",
    "retryable",
  ],
  BodyTooLarge: [413, "The body is too large."],
  UnsupportedMediaType: [415, "Bodies are application/json."],
  Unprocessable: [422, "The request has several kinds of fault."],
  UnknownSku: [422, "The SKU or barcode is not in the catalogue held here."],
  InvalidQuantity: [422, "The quantity cannot be used here."],
  NoPrice: [422, "No price is in force."],
  NoTax: [422, "The tax code is not in the tax table held here."],
  CurrencyMismatch: [422, "The money is in another currency than this location's."],
  EntryTooLarge: [422, "One entry cannot hold this much: make several requests."],
  EntryMalformed: [422, "Other devices would refuse such an entry; nothing was recorded."],
  AmountTooLarge: [422, "The amount is beyond what can be calculated exactly."],
  UnknownLine: [422, "The sale has no such line."],
  UnknownStaff: [422, "No such member of staff in force."],
  UnknownLocation: [422, "The organisation has no such location."],
  UnknownTransfer: [422, "The other end of the transfer does not fit."],
  UnknownTaxCode: [422, "The tax code is not in the tax table held here."],
  InvalidMovement: [422, "The movement cannot be recorded."],
  InvalidPublication: [422, "The publication cannot be made."],
  ImportFaults: [422, "The file has faults; nothing of it was imported."],
  InviteFailed: [422, "The invitation cannot be made."],
  TenderMismatch: [422, "The tenders do not add up to the total."],
  Underpaid: [422, "The tenders do not cover the total."],
  OpenPriceMissing: [422, "The price of the article has to be given."],
  OpenPriceOutOfRange: [422, "The price is outside what the article allows."],
  ReasonRequired: [422, "What a person changes needs a reason."],
  ManualValueInvalid: [422, "An amount, percentage, price or reason cannot be used."],
  NotDiscountable: [422, "Nothing may be taken off this article."],
  TaxBasisMixed: [422, "Prices with tax in them and prices without do not go into one basket."],
  TenderNotPositive: [422, "A tender is more than zero."],
  UnknownTender: [422, "This kind of tender is not taken here."],
  ReferenceRequired: [422, "The tender needs a reference."],
  TipNotTaken: [422, "No tender can carry this tip."],
  BeyondDue: [422, "More is charged than is due."],
  NoExchangeRate: [422, "The foreign currency is not taken here."],
  StoredValueNotCovered: [422, "The voucher or gift card cannot be verified for this much."],
  TooManyAttempts: [429, "Too many wrong PINs.", "retryable"],
  TooManyClients: [503, "Too many clients follow the events.", "retryable"],
  CommitFailed: [
    503,
    "Not known whether this was recorded: ask again with the same key.",
    "retryable",
  ],
  StorageFull: [503, "There is no space left to record anything.", "retryable"],
  CatchingUp: [503, "This device is still reading its own records.", "retryable"],
  Stopping: [503, "The service is stopping.", "retryable"],
  RequestTimeout: [408, "The request did not arrive in time.", "retryable"],
  Internal: [500, "An error of the service itself.", "retryable"],
} as const;

/** At most so many faults are listed; more says nothing new. */
export const faultsMax = 100;

export function problemOf(refusal: Refusal): Problem {
  const [status, title, retryable] = problems[refusal.type] as ProblemKind;
  return {
    type: `urn:tillmesh:problem:${refusal.type}`,
    title,
    status,
    code: refusal.type,
    detail: refusal.detail ?? title,
    retryable: retryable !== undefined,
    errors: (refusal.faults ?? []).slice(0, faultsMax),
    ...refusal.facts,
  };
}

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problems, code);
}

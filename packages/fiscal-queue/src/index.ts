/**
 * Fiscal documents: sealed at once, delivered when the line is back.
 *
 * @module
 */

export type {
  Receipt,
  ReceiptCustomer,
  ReceiptLine,
  ReceiptPayment,
  ReceiptReference,
  ReceiptTax,
  TaxCategory,
} from "./receipt.ts";
export {
  streamIdOf,
  type DeadlineRule,
  type DocumentKind,
  type FiscalTime,
  type Head,
  type PrintParts,
  type SealedDocument,
  type StreamConfig,
  type StreamKey,
} from "./document.ts";
export type {
  Capabilities,
  DocumentRequest,
  Draft,
  ExportInput,
  Finished,
  Regime,
  RegimeExport,
  SealContext,
  SealFault,
  SettingsFault,
  SignerNeeded,
  SignOutcome,
  Verifier,
  VerifyFinding,
} from "./regime.ts";
export type {
  Calendar,
  FiscalCrypto,
  FiscalSigner,
  SignatureAlgorithm,
  SignFailure,
  SignRequest,
  Transport,
  WireAnswer,
  WireRequest,
} from "./ports.ts";
export type {
  DeliveryGroup,
  DeliveryPlan,
  Interpreted,
  LookupAnswer,
  PlanInput,
  RegimeDelivery,
  Throttle,
  Verdict,
} from "./delivery.ts";

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
  type Period,
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
  TillEvent,
  Verifier,
  VerifyFinding,
} from "./regime.ts";
export type {
  AskAnswer,
  Calendar,
  FiscalCrypto,
  FiscalSigner,
  SignatureAlgorithm,
  SignFailure,
  SignRequest,
  Timer,
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
  Warning,
} from "./delivery.ts";
export {
  fiscalTimeAt,
  localDate,
  localDateDayFirst,
  localDateTime,
  localTime,
  offsetDateTime,
  offsetText,
} from "./time.ts";
export {
  emptyHead,
  faultOfNext,
  headAfter,
  receiptNumber,
  seriesOf,
  type ChainFault,
} from "./head.ts";
export { receiptFaults } from "./receipt-faults.ts";
export { breakerOf, closedBreaker, isProbeDue, type Breaker } from "./breaker.ts";
export {
  clockFault,
  defaultClockPolicy,
  type ClockFault,
  type ClockPolicy,
} from "./clock-guard.ts";
export { defaultSignerPolicy, type SignerPolicy } from "./sign.ts";
export { seal, type Sealed, type SealPorts, type SealRefused } from "./seal.ts";
export { resumeIntent, type Intent, type Resumed } from "./intent.ts";
export { rksv } from "./regimes/at-rksv/rksv.ts";
export { outageDuty, type OutageDuty } from "./regimes/at-rksv/outage-duty.ts";
export {
  readRksvMaterial,
  verifyDep7,
  type Dep7Fault,
  type Dep7Options,
  type Dep7Report,
  type MaterialFault,
  type RksvMaterial,
} from "./regimes/at-rksv/verify-dep7.ts";
export { zatca } from "./regimes/sa-zatca/zatca.ts";
export { zatcaAuthorization } from "./regimes/sa-zatca/delivery.ts";
export {
  complianceCheckRequest as zatcaComplianceCheckRequest,
  complianceRequest as zatcaComplianceRequest,
  productionRequest as zatcaProductionRequest,
  readComplianceCheck as readZatcaComplianceCheck,
  readIssued as readZatcaIssued,
  renewalRequest as zatcaRenewalRequest,
  type IssuedCertificate as ZatcaIssuedCertificate,
  type OnboardingFault as ZatcaOnboardingFault,
} from "./regimes/sa-zatca/onboarding.ts";
export {
  csrFaults as zatcaCsrFaults,
  csrToSign as zatcaCsrToSign,
  finishCsr as finishZatcaCsr,
  parseCsrFacts as parseZatcaCsrFacts,
  type CsrFacts as ZatcaCsrFacts,
  type CsrFault as ZatcaCsrFault,
  type ZatcaEnvironment,
} from "./regimes/sa-zatca/csr.ts";
export { verifyDocument as verifyZatcaDocument } from "./regimes/sa-zatca/verify-document.ts";
export { invoiceRules as zatcaInvoiceRules } from "./regimes/sa-zatca/invoice-rules.ts";
export { noRegime } from "./regimes/none/none.ts";
export { keyWarnings, type KeyWarning } from "./key-warnings.ts";
export { closingOf, dueDocuments, type DueInput } from "./due-documents.ts";
export type {
  ClosedReason,
  Deposited,
  FiscalRecord,
  HandedOver,
  Rekeyed,
  SequenceVerdict,
} from "./records.ts";
export { configAfter, keptSettings, keysInUse, rekey, type NewKeys } from "./rekey.ts";
export {
  isBehind,
  nextEpoch,
  sealableHead,
  streamAfterDocument,
  streamAfterRecord,
  type EpochFault,
  type Fork,
  type HashAt,
  type NotSealable,
  type StreamFinding,
  type StreamState,
  type StreamStep,
} from "./stream-state.ts";
export {
  isWaiting,
  newOutboxItem,
  outboxItemAfter,
  outboxTable,
  unknownOutboxItem,
  type OutboxEvent,
  type OutboxItem,
  type OutboxState,
} from "./outbox.ts";
export { outboxItemAfterRecord, sequencesOf } from "./outbox-record.ts";
export {
  initialDelivery,
  type OutboxChange,
  type OutboxPage,
  type OutboxStore,
  type StreamDelivery,
  type Waiting,
} from "./outbox-store.ts";
export { backOffMs, defaultBackOff, type BackOff } from "./back-off.ts";
export {
  deliverStep,
  releaseParked,
  requeueInflight,
  resumeDelivery,
  type DeliverPorts,
  type DeliveryStep,
} from "./deliver.ts";
export {
  deadlineLevel,
  deadlineMs,
  skewLevel,
  type DeadlineExtension,
  type DeadlineInput,
  type DeadlineLevel,
} from "./deadline.ts";
export {
  handOver,
  mayDeliver,
  throttleAfter,
  type DelivererInput,
  type HandOverFault,
  type NotDeliverer,
} from "./hand-over.ts";
export { noVeriFactu, veriFactu } from "./regimes/es-verifactu/regime.ts";
export { cancellationOf } from "./regimes/es-verifactu/corrections.ts";
export { exportEventOf } from "./regimes/es-verifactu/export.ts";
export { norwaySaft } from "./regimes/no-saft/norway-saft.ts";
export { hmacKeyOf, hmacSecretName, type KeyError } from "./regimes/no-saft/keys.ts";
export type { NorwayEvent } from "./regimes/no-saft/event.ts";
export type { MoreEvent, SaftMore } from "./regimes/no-saft/export/more.ts";
export type { NorwayAddress, NorwayCompany, NorwaySettings } from "./regimes/no-saft/settings.ts";

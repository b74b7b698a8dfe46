/**
 * What a till records: sales, refunds, shifts, cash, Z.
 *
 * @module
 */

export { amountMaxMinor, linesMax } from "./body-checks.ts";
export { serviceLineId } from "./bodies.ts";
export type {
  BodyByKind,
  CashBody,
  CountBody,
  CountClosedBody,
  CountOpenedBody,
  DrawerOpenedBody,
  EntryKind,
  ForeignMoney,
  GoodsLine,
  KnownBody,
  LineDiscount,
  LineOverride,
  LineTax,
  RefundBody,
  RepricedLine,
  ReversalBody,
  SaleBody,
  SaleLine,
  SeenTotal,
  ShiftClosedBody,
  ShiftOpenedBody,
  StockBody,
  TaxLine,
  Tender,
  ZBody,
} from "./bodies.ts";
export {
  entryHash,
  findForks,
  flagForks,
  inLedgerOrder,
  verifyChain,
  type ChainFault,
  type Fork,
  type Sha256,
} from "./chain.ts";
export type { BodyFault } from "./checks.ts";
export type { DayState, LastZ } from "./day.ts";
export {
  cashDraft,
  countClosedDraft,
  countDraft,
  countOpenedDraft,
  drawerOpenedDraft,
  fiscalDraft,
  refundDraft,
  reversalDraft,
  saleDraft,
  shiftClosedDraft,
  shiftOpenedDraft,
  stockDraft,
  zDraft,
  type DraftContext,
} from "./drafts.ts";
export type {
  DayException,
  EntryException,
  LedgerException,
  ReceiptException,
  ReportDifference,
  ReportException,
  SaleException,
  ShiftException,
} from "./exceptions.ts";
export { entryFaults } from "./movements-of.ts";
export {
  isEntryKind,
  parseEntryBody,
  readEntry,
  type BodyError,
  type ParsedBody,
  type ReadEntry,
} from "./parse-entry-body.ts";
export {
  formatReceiptNumber,
  nextReceiptNumber,
  parseReceiptNumber,
  type ReceiptNumber,
  type ReceiptSeries,
} from "./receipts.ts";
export type {
  Counted,
  DateTotal,
  EntryRun,
  Report,
  ShiftReport,
  TaxTotal,
  TenderTotal,
  Totals,
} from "./report.ts";
export {
  checkGivingBack,
  emptySale,
  foldSale,
  givenBack,
  knownSale,
  lineStates,
  mergeSales,
  remainingLines,
  saleExceptions,
  saleFactOf,
  type AskedLine,
  type ExcessLine,
  type GivingBackError,
  type LineState,
  type SaleFact,
  type SaleState,
  type Share,
} from "./sale-state.ts";
export {
  expectedCashMinor,
  shiftClosing,
  type ClosedShift,
  type Shift,
  type ShiftState,
} from "./shift.ts";
export type { Step } from "./step.ts";
export {
  checkOpening,
  dayClosing,
  emptyTill,
  foldTill,
  stepTill,
  xReport,
  type DayError,
  type OpeningError,
  type TillState,
} from "./till.ts";
export { addTotals, noTotals, totalsOf } from "./totals.ts";
export { verifyReports } from "./verify-reports.ts";

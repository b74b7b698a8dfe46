/**
 * What a person should look at, as data. Nothing here stops a till. SPEC.md §8 (LX).
 *
 * @module
 */

import type { EntryRef, Json, SaleId, ShiftId, Sku } from "@tillmesh/kernel";
import type { BodyFault } from "./checks.ts";
import type { Fork } from "./chain.ts";

export type LedgerException =
  | Fork
  | SaleException
  | ShiftException
  | ReceiptException
  | DayException
  | EntryException;

export type EntryException =
  | {
      readonly type: "EntryFaulty";
      readonly entry: EntryRef;
      readonly faults: readonly BodyFault[];
    }
  | { readonly type: "EntryUnknownKind"; readonly entry: EntryRef; readonly kind: string }
  | { readonly type: "EntryRevoked"; readonly entry: EntryRef };

export type ShiftException =
  /** It names a shift that is not open on its till. */
  | {
      readonly type: "SaleAfterClose";
      readonly entry: EntryRef;
      readonly kind: string;
      readonly shiftId: ShiftId;
    }
  | {
      readonly type: "ShiftsOverlap";
      readonly entry: EntryRef;
      readonly shiftId: ShiftId;
      readonly openShiftId: ShiftId;
    }
  /** The till stated another expected amount than its entries give. */
  | {
      readonly type: "ShiftExpectedDiffers";
      readonly entry: EntryRef;
      readonly shiftId: ShiftId;
      readonly statedMinor: number;
      readonly computedMinor: number;
    }
  | { readonly type: "ShiftOpenAtZ"; readonly entry: EntryRef; readonly shiftId: ShiftId };

export type ReceiptException =
  | {
      readonly type: "ReceiptGap";
      readonly entry: EntryRef;
      readonly receiptNumber: string;
      readonly expected: string;
    }
  | { readonly type: "ReceiptRepeated"; readonly entry: EntryRef; readonly receiptNumber: string }
  /** Not of the till's own series, or not a receipt number at all. */
  | { readonly type: "ReceiptForeign"; readonly entry: EntryRef; readonly receiptNumber: string };

export type DayException =
  | {
      readonly type: "ZNumberDiffers";
      readonly entry: EntryRef;
      readonly zNumber: number;
      readonly expected: number;
    }
  | {
      readonly type: "CurrencyDiffers";
      readonly entry: EntryRef;
      readonly currency: string;
      readonly dayCurrency: string;
    };

export type SaleException =
  /** More was given back than sold; refunds made apart are both kept. */
  | {
      readonly type: "OverRefund";
      readonly saleId: SaleId;
      readonly lineId: string;
      readonly sku: Sku;
      readonly soldMilli: number;
      readonly givenBackMilli: number;
      readonly soldMinor: number;
      readonly givenBackMinor: number;
      /** The refunds and reversals of this line. */
      readonly entries: readonly EntryRef[];
    }
  /** A refund whose sale has not arrived here. */
  | {
      readonly type: "SaleNotKnown";
      readonly saleId: SaleId;
      readonly entries: readonly EntryRef[];
    }
  | {
      readonly type: "SaleRepeated";
      readonly saleId: SaleId;
      readonly entries: readonly EntryRef[];
    };

/** What `verifyReports` finds. */
export type ReportException =
  | {
      readonly type: "ReportDiffers";
      readonly entry: EntryRef;
      readonly zNumber: number;
      readonly differences: readonly ReportDifference[];
    }
  | {
      readonly type: "ReportIncomplete";
      readonly entry: EntryRef;
      readonly zNumber: number;
      /** Hash of an entry that the report covers and that is not held here. */
      readonly missing: string;
    }
  | {
      readonly type: "CoveredTwice";
      readonly entry: EntryRef;
      readonly zs: readonly [EntryRef, EntryRef];
    }
  | { readonly type: "NotCovered"; readonly entry: EntryRef; readonly z: EntryRef }
  | {
      readonly type: "ZNumberRepeated";
      readonly device: string;
      readonly zNumber: number;
      readonly entries: readonly EntryRef[];
    }
  | {
      readonly type: "ZNumberGap";
      readonly device: string;
      readonly from: number;
      readonly through: number;
    };

export interface ReportDifference {
  readonly pointer: string;
  readonly stored: Json;
  readonly computed: Json;
}

/**
 * The shape of an X or Z report, and the sums it is made of. SPEC.md §5 (TT).
 *
 * Totals are a commutative monoid: reports of several tills or days add up in
 * any order. Every list is sorted by its key, so that equal totals have equal
 * canonical JSON.
 *
 * @module
 */

import type { BusinessDate, DeviceId, ShiftId } from "@tillmesh/kernel";

export type Counted = { readonly count: number; readonly totalMinor: number };

/** Sales less refunds and reversals, of one tax code at one rate. */
export type TaxTotal = {
  readonly taxCode: string;
  readonly name: string;
  readonly rateBp: number;
  readonly grossMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
};

/** `takenMinor` is what was tendered less change. */
export type TenderTotal = {
  readonly kind: string;
  readonly takenMinor: number;
  readonly givenMinor: number;
};

/** Facts of another business date than the report's: made late, entered where they were learned. */
export type DateTotal = {
  readonly businessDate: BusinessDate;
  readonly count: number;
  readonly netMinor: number;
};

export type Totals = {
  readonly sales: Counted;
  readonly refunds: Counted;
  readonly reversals: Counted;
  /** Sales less refunds and reversals. */
  readonly netMinor: number;
  readonly taxes: readonly TaxTotal[];
  readonly tenders: readonly TenderTotal[];
  readonly changeMinor: number;
  /** Cash rounding of sales less that of refunds and reversals. Absent for 0, as the next two. */
  readonly roundingMinor?: number;
  /** What lines of sales say was taken off, less what lines given back say. */
  readonly discountMinor?: number;
  /** Tips taken less tips given back. */
  readonly tipMinor?: number;
  readonly cash: { readonly in: Counted; readonly out: Counted; readonly drop: Counted };
  readonly drawerOpenings: number;
  /** Entries whose body could not be read or is of an unknown kind: kept, not in any sum. */
  readonly unread: number;
};

/**
 * A run of entries of one chain, both ends included. `head` is the hash of the last, so that a run
 * names one branch also where a ledger forked.
 */
export type EntryRun = {
  readonly incarnation: number;
  readonly from: number;
  readonly through: number;
  readonly head: string;
};

export type ShiftReport = {
  readonly shiftId: ShiftId;
  readonly staff: string;
  readonly floatMinor: number;
  readonly expectedMinor: number;
  /** `null` while the shift is open. */
  readonly countedMinor: number | null;
  readonly differenceMinor: number | null;
};

export type Report = Totals & {
  readonly v: 1;
  readonly device: DeviceId;
  readonly businessDate: BusinessDate;
  readonly currency: string | null;
  readonly shifts: readonly ShiftReport[];
  readonly receipts: {
    readonly count: number;
    readonly first: string | null;
    readonly last: string | null;
  };
  readonly otherDates: readonly DateTotal[];
  /** Every entry this report covers: all that no Z before covered. */
  readonly runs: readonly EntryRun[];
  readonly grandTotalBeforeMinor: number;
  /** Net of everything this till ever recorded, this report included. */
  readonly grandTotalMinor: number;
};

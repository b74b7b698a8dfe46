/**
 * How large the pieces of a replica may get. SPEC.md §5 (LM).
 *
 * Tests pass smaller ones to cross the seams sooner; apps leave them alone.
 *
 * @module
 */

import { carryMaxSizeBytes } from "../documents/carry-text.ts";
import { partCountersMax, partEntriesMax, partTextMaxLength } from "../documents/ledger-branch.ts";

export interface ReplicaLimits {
  /** A part is full at the first of these. */
  readonly partEntriesMax: number;
  readonly partCountersMax: number;
  readonly partTextMax: number;
  /** A carry is due after so many sealed parts, or so long after the last. */
  readonly carryAfterParts: number;
  readonly carryAfterMs: number;
  /** Beyond this no new carry is written. */
  readonly carrySizeMaxBytes: number;
  /** An epoch of publications is full at the first of these. */
  readonly setPublicationsMax: number;
  readonly setTextMax: number;
}

/**
 * 64 sub-maps of about 100 counters; a text of 2 MiB is sealed in one quick step; a carry is a
 * month of a busy till or four weeks of a quiet one; loading an epoch never holds up a sale.
 */
export const defaultLimits: ReplicaLimits = {
  partEntriesMax,
  partCountersMax,
  partTextMax: partTextMaxLength,
  carryAfterParts: 16,
  carryAfterMs: 28 * 86_400_000,
  carrySizeMaxBytes: carryMaxSizeBytes,
  setPublicationsMax: 1_000,
  setTextMax: 1_048_576,
};

/**
 * Stock as PN-counters: movements, transfers, counts, availability.
 *
 * @module
 */

export {
  availabilityOf,
  partAgeMs,
  transfersOf,
  type Availability,
  type DevicePart,
  type LocationAvailability,
} from "./availability.ts";
export type { BucketMap } from "./bucket-map.ts";
export {
  adoptCarry,
  carryOf,
  carryText,
  parseCarry,
  type CarriedCount,
  type CarriedTotal,
  type CarriedTransfer,
  type Carry,
  type CarryFaulty,
} from "./carry.ts";
export type { Cell, CellKey, TotalsByDevice } from "./cell.ts";
export {
  countFactOf,
  hasSeen,
  levelOf,
  standingCounts,
  supersedes,
  type CountFact,
  type Level,
  type LevelInput,
  type Seen,
  type SeenByDevice,
} from "./count.ts";
export type { Dots, Interval } from "./dots.ts";
export {
  entryExceptions,
  lateAgainstCounts,
  lateMovements,
  stockExceptions,
  transferExceptions,
  type CountMade,
  type LateMovement,
  type MovementsFaulty,
  type OverReceived,
  type OversellRaised,
  type RecountNeeded,
  type StockException,
} from "./exceptions.ts";
export { countedMovements, movementFaults, type MovementFault } from "./movement-faults.ts";
export {
  cellsOf,
  cellsTouchedBy,
  countsOf,
  emptyStock,
  foldStock,
  mergeStock,
  seenNow,
  stockLevel,
  totalsByDevice,
  type DeviceKnown,
  type PartsDiverge,
  type StockState,
} from "./stock.ts";
export { transitAgeMs, type Transfer, type TransferPart, type TransferState } from "./transfer.ts";

/**
 * What this device knows of itself: its ledger as the till folds it, and its fiscal stream.
 *
 * @module
 */

import type { DeviceId, HeldEntry } from "@tillmesh/kernel";
import { createFiscalCrypto } from "@tillmesh/fiscal-queue/node";
import { emptyTill, foldTill, type TillState } from "@tillmesh/sales-ledger";
import { foldFiscal, noFiscal, type FiscalState } from "../fiscal/fiscal-state.ts";

/** A type alias, not an interface: see Json. */
export type OwnState = {
  readonly ledger: TillState;
  readonly fiscal: FiscalState;
};

export function emptyOwn(device: DeviceId): OwnState {
  return { ledger: emptyTill(device), fiscal: noFiscal };
}

/** Of entries of this device, in their order. */
export function foldOwn({ ledger, fiscal }: OwnState, held: HeldEntry): OwnState {
  if (held.entry.device !== ledger.device) return { ledger, fiscal };
  return { ledger: foldTill(ledger, held), fiscal: foldOwnFiscal(fiscal, held) };
}

export function foldOwnFiscal(fiscal: FiscalState, held: HeldEntry): FiscalState {
  return foldFiscal(fiscal, held, crypto);
}

const crypto = createFiscalCrypto();

/**
 * Tenders against what is due: rounding, change and tips. SPEC.md §19 (TN), §20 (PY).
 *
 * Vouchers pay first, then what is charged exactly, then cash; so nobody is charged for
 * what a voucher would have paid, and only what is left for cash is rounded.
 *
 * @module
 */

import { assert, err, ok, sumSafe, type Result } from "@tillmesh/kernel";
import { roundCash } from "./cash-rounding.ts";
import { chargeTenders, type Charged } from "./charge-tenders.ts";
import { readTenders, type SoundTender } from "./read-tenders.ts";
import type {
  Due,
  SettledTender,
  SettleError,
  Settlement,
  Tender,
  TenderFault,
  TenderLimits,
} from "./settlement.ts";
import { coverStoredValue } from "./stored-value.ts";

/** Either the tenders settle what is due, or all that is wrong with them is said at once. */
export function settle(
  due: Due,
  offered: readonly Tender[],
  limits: TenderLimits = {},
): Result<Settlement, SettleError> {
  const { totalMinor, cashRounding } = due;
  assert(Number.isSafeInteger(totalMinor) && totalMinor >= 0, "a total to pay is not negative");
  assert(cashRounding === null || cashRounding.stepMinor > 0, "a step is more than 0");
  const { tenders, faults } = readTenders(offered, due, limits.kinds);
  const tendered = sumSafe(tenders.map(({ amountMinor }) => amountMinor));
  if (!tendered.ok) return tendersError([...faults, tooLarge]);
  const charged = chargeTenders(tenders, totalMinor, limits.voucherChange ?? "voucher");
  const stored = coverStoredValue(tenders, limits.storedValue);
  const all = [...faults, ...charged.faults, ...stored.faults];
  if (all.length > 0) return tendersError(all);
  const cash = settleInCash(due, tenders, charged);
  if (!cash.ok) return cash;
  return ok({
    tenders: charged.settled,
    tenderedMinor: tendered.value,
    ...cash.value,
    voucherChangeMinor: restOf(charged, "voucher"),
    forfeitedMinor: restOf(charged, "forfeited"),
    tipMinor: tenders.reduce((sum, { tipMinor = 0 }) => sum + tipMinor, 0),
    storedValue: stored.uses,
  });
}

/** What is left for cash is rounded; below zero it is the rest of vouchers, paid out. */
function settleInCash(
  { totalMinor, cashRounding }: Due,
  tenders: readonly SoundTender[],
  { chargedMinor }: Charged,
): Result<Pick<Settlement, "changeMinor" | "roundingMinor">, SettleError> {
  const cash = tenders.filter(({ kind }) => kind === "cash" || kind === "foreign-cash");
  const offeredMinor = cash.reduce((sum, tender) => sum + payingMinor(tender), 0);
  const dueMinor = totalMinor - chargedMinor;
  const rounded = roundCash(dueMinor, cashRounding);
  if (!rounded.ok) return tendersError([tooLarge]);
  const settledMinor = cash.length === 0 && dueMinor > 0 ? dueMinor : rounded.value;
  if (offeredMinor < settledMinor) {
    return err({
      type: "Underpaid",
      totalMinor,
      tenderedMinor: chargedMinor + offeredMinor,
      missingMinor: settledMinor - offeredMinor,
      missingInCashMinor: Math.max(0, rounded.value - offeredMinor),
    });
  }
  // What was offered may be foreign, and then the change is no multiple of the step either.
  const change = roundCash(offeredMinor - settledMinor, cashRounding);
  if (!change.ok) return tendersError([tooLarge]);
  const roundingMinor = offeredMinor - change.value - dueMinor;
  return ok({ changeMinor: change.value, roundingMinor });
}

const tooLarge: TenderFault = { pointer: "/tenders", code: "AmountTooLarge" };

function payingMinor({ amountMinor, tipMinor = 0 }: SoundTender): number {
  return amountMinor - tipMinor;
}

function restOf({ settled }: Charged, kind: NonNullable<SettledTender["changeKind"]>): number {
  return settled.reduce((sum, { changeKind, offeredMinor = 0, amountMinor }) => {
    return changeKind === kind ? sum + offeredMinor - amountMinor : sum;
  }, 0);
}

function tendersError(faults: readonly TenderFault[]): Result<never, SettleError> {
  return err({ type: "Tenders", faults });
}

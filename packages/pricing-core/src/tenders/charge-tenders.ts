/**
 * What is paid otherwise than in cash: vouchers first, then what is charged exactly. SPEC.md §19 (TN).
 *
 * @module
 */

import type { SoundTender } from "./read-tenders.ts";
import type { SettledTender, TenderFault, VoucherChange } from "./settlement.ts";

/** Every tender as it is recorded, in the order of `tenders`; `chargedMinor` is without cash and tips. */
export function chargeTenders(
  tenders: readonly SoundTender[],
  totalMinor: number,
  voucherChange: VoucherChange,
): Charged {
  const settled = new Map<number, SettledTender>();
  const faults: TenderFault[] = [];
  let chargedMinor = 0;
  for (const tender of tenders.toSorted(byTurn)) {
    const charge = chargeOf(tender, totalMinor - chargedMinor, voucherChange);
    if (charge.fault !== undefined) faults.push(charge.fault);
    settled.set(tender.index, charge.settled);
    chargedMinor += charge.chargedMinor;
  }
  return {
    settled: tenders.flatMap(({ index }) => settled.get(index) ?? []),
    chargedMinor,
    faults,
  };
}

export interface Charged {
  readonly settled: readonly SettledTender[];
  /** More than the total where the rest of a voucher is paid out. */
  readonly chargedMinor: number;
  readonly faults: readonly TenderFault[];
}

interface Charge {
  readonly settled: SettledTender;
  readonly chargedMinor: number;
  readonly fault?: TenderFault;
}

function chargeOf(tender: SoundTender, dueMinor: number, voucherChange: VoucherChange): Charge {
  const { index, amountMinor, tipMinor = 0, ...rest } = tender;
  const tip = tipMinor === 0 ? {} : { tipMinor };
  const settled = { ...rest, amountMinor, ...tip };
  if (isCash(tender)) return { settled, chargedMinor: 0 };
  const payingMinor = amountMinor - tipMinor;
  const isVoucher = tender.kind === "voucher";
  if (isVoucher ? dueMinor <= 0 : payingMinor > dueMinor) {
    const facts = { amountMinor: payingMinor, dueMinor: Math.max(0, dueMinor) };
    const fault = { pointer: `/tenders/${index}/amount`, code: "BeyondDue", ...facts } as const;
    return { settled, chargedMinor: 0, fault };
  }
  if (!isVoucher || voucherChange === "cash" || amountMinor <= dueMinor) {
    return { settled, chargedMinor: payingMinor };
  }
  return {
    settled: {
      ...settled,
      amountMinor: dueMinor,
      offeredMinor: amountMinor,
      changeKind: voucherChange,
    },
    chargedMinor: dueMinor,
  };
}

function byTurn(a: SoundTender, b: SoundTender): number {
  return Number(b.kind === "voucher") - Number(a.kind === "voucher") || a.index - b.index;
}

function isCash({ kind }: SoundTender): boolean {
  return kind === "cash" || kind === "foreign-cash";
}

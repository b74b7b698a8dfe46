/**
 * What is wrong with a receipt whatever the regime: asked before a number is taken. SPEC.md §1 (FRC).
 *
 * @module
 */

import type { Receipt } from "./receipt.ts";
import type { SealFault } from "./regime.ts";

/** Empty for a receipt that adds up. Pointers are JSON pointers into the receipt. */
export function receiptFaults(receipt: Receipt): readonly SealFault[] {
  return [...amountFaults(receipt), ...sumFaults(receipt), ...signFaults(receipt)];
}

function amountFaults(receipt: Receipt): readonly SealFault[] {
  const amounts: readonly (readonly [string, number])[] = [
    ["/totalMinor", receipt.totalMinor],
    ...receipt.lines.flatMap((line, at): readonly (readonly [string, number])[] => [
      [`/lines/${at}/quantityMilli`, line.quantityMilli],
      [`/lines/${at}/netMinor`, line.netMinor],
      [`/lines/${at}/taxMinor`, line.taxMinor],
      [`/lines/${at}/rateBp`, line.rateBp],
    ]),
    ...receipt.taxes.flatMap((tax, at): readonly (readonly [string, number])[] => [
      [`/taxes/${at}/netMinor`, tax.netMinor],
      [`/taxes/${at}/taxMinor`, tax.taxMinor],
      [`/taxes/${at}/rateBp`, tax.rateBp],
    ]),
    ...receipt.payments.map(
      (payment, at) => [`/payments/${at}/amountMinor`, payment.amountMinor] as const,
    ),
  ];
  return amounts
    .filter(([, amount]) => !Number.isSafeInteger(amount))
    .map(([pointer]) => fault(pointer, "not-integer", "amounts are integers of the minor unit"));
}

// Lines are the till's own; of some regimes their taxes are rounded apart from those of the receipt.
function sumFaults({ taxes, totalMinor }: Receipt): readonly SealFault[] {
  const found = sum(taxes.flatMap(({ netMinor, taxMinor }) => [netMinor, taxMinor]));
  const isWrong = found !== totalMinor;
  return isWrong ? [fault("/taxes", "sum", `nets and taxes add up to ${found}`)] : [];
}

// A void turns round whatever it voids, a refund included: its sign is not known here.
function signFaults({ kind, totalMinor }: Receipt): readonly SealFault[] {
  const isWrong = kind === "refund" && totalMinor > 0;
  return isWrong ? [fault("/totalMinor", "sign", "a refund gives money back")] : [];
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

function fault(pointer: string, code: string, detail: string): SealFault {
  return { pointer, code, detail };
}

/**
 * What must add up within the tenders of a receipt: tips, vouchers, foreign cash. SPEC.md §2 (RB).
 *
 * @module
 */

import type { ForeignMoney, SaleBody, Tender } from "./bodies.ts";
import type { BodyFault } from "./checks.ts";
import { differs, sumOf } from "./differs.ts";

export function tenderFaults({
  tenders,
  tipMinor = 0,
}: Pick<SaleBody, "tenders" | "tipMinor">): readonly BodyFault[] {
  const tipsMinor = sumOf(tenders, (tender) => tender.tipMinor ?? 0);
  return [
    ...differs("/tipMinor", tipsMinor, tipMinor),
    ...tenders.flatMap((tender, index) => faultsOf(`/tenders/${index}`, tender)),
  ];
}

function faultsOf(pointer: string, tender: Tender): readonly BodyFault[] {
  const { amountMinor, tipMinor = 0 } = tender;
  return [
    ...differs(`${pointer}/tipMinor`, Math.min(tipMinor, amountMinor), tipMinor),
    ...faceFaults(pointer, tender),
    ...foreignFaults(pointer, tender),
  ];
}

/** A voucher of which less was used than its face says what became of the rest; nothing else does. */
function faceFaults(pointer: string, tender: Tender): readonly BodyFault[] {
  const { kind, amountMinor, offeredMinor, changeKind } = tender;
  if (offeredMinor === undefined && changeKind === undefined) return [];
  const isRight = kind === "voucher" && changeKind !== undefined && offeredMinor !== undefined;
  if (isRight && offeredMinor > amountMinor) return [];
  const expected = "the face of a voucher, more than was used, and what became of the rest";
  return [{ pointer: `${pointer}/offeredMinor`, expected, found: String(offeredMinor) }];
}

function foreignFaults(pointer: string, { kind, amountMinor, foreign }: Tender) {
  if (foreign === undefined) return [];
  if (kind === "foreign-cash")
    return differs(`${pointer}/amountMinor`, worthOf(foreign), amountMinor);
  const expected = "a tender of the kind foreign-cash";
  return [{ pointer: `${pointer}/foreign`, expected, found: `"${kind}"` }];
}

/** Half up. */
function worthOf({ amountMinor, rate }: ForeignMoney): number {
  const [numerator, denominator] = [BigInt(rate.numerator), BigInt(rate.denominator)];
  return Number((BigInt(amountMinor) * numerator * 2n + denominator) / (denominator * 2n));
}
